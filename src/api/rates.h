// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <mutex>

#include "base/time.h"

namespace karez::api {

/// The rate of stored samples over the last minute. Thread: any.
class Rates {
 public:
  explicit Rates(Clock& clock) : clock_(clock) {}

  /// Notes the running total of stored samples; called every few seconds.
  void note_samples(std::uint64_t total);
  double samples_per_second() const;

 private:
  Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<std::pair<Monotonic, std::uint64_t>> samples_;
};

}  // namespace karez::api
