// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/time.h"

namespace karez::api {

/// Failed log-ins per client address and minute, and the rate of stored samples over the last minute.
/// Thread: any.
class Rates {
 public:
  explicit Rates(Clock& clock) : clock_(clock) {}

  /// False when the address has had its share of failures for this minute.
  bool may_log_in(std::string_view address);
  void log_in_failed(std::string_view address);
  /// Notes the running total of stored samples; called every few seconds.
  void note_samples(std::uint64_t total);
  double samples_per_second() const;

 private:
  static constexpr unsigned kFailuresPerMinute = 20;
  static constexpr std::size_t kMaxAddresses = 10'000;
  struct Window {
    Monotonic start;
    unsigned count = 0;
  };
  Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Window> failures_;
  std::deque<std::pair<Monotonic, std::uint64_t>> samples_;
};

}  // namespace karez::api
