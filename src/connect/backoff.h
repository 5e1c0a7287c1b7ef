// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <random>

#include "base/time.h"

namespace karez::connect {

/// How long to wait before the next connection attempt: a random time between 0 and a limit that
/// doubles with each failure ("full jitter"), so that many links do not call one device at once.
/// Thread: one at a time.
class BackOff {
 public:
  struct Options {
    Duration base = std::chrono::milliseconds(500);
    Duration cap = std::chrono::seconds(60);
    Duration stable = std::chrono::seconds(30);   ///< a connection this old starts the count anew
    Duration least = std::chrono::milliseconds(50);  ///< never shorter, or the jitter could make a storm
  };
  BackOff(Options options, std::uint64_t seed) : options_(options), random_(seed) {}

  /// The other side answered sensibly; call it with each such answer or once.
  void connected(Monotonic now) noexcept {
    if (!since_) since_ = now;
  }
  /// The connection or the attempt failed: the wait before the next one.
  Duration failed(Monotonic now);

  /// For test programs that make a driver reconnect thousands of times: no wait of any link is longer from
  /// now on, whatever its options say. Thread: any.
  static void limit_all(Duration cap) noexcept { limit_ = cap.count(); }
  static Duration limited(Duration wait) noexcept { return std::min(wait, Duration{limit_.load()}); }

 private:
  static inline std::atomic<Duration::rep> limit_{Duration::max().count()};
  Options options_;
  std::mt19937_64 random_;
  std::optional<Monotonic> since_;
  unsigned failures_ = 0;
};

}  // namespace karez::connect
