// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.h"

namespace karez::connect {

/// Keeps a dead unit from slowing its neighbours on the same line: after a few timeouts in a row it is
/// left alone and only probed now and then.
/// Thread: one at a time.
class Breaker {
 public:
  struct Options {
    unsigned threshold = 3;                          ///< consecutive timeouts until it opens
    Duration probe_every = std::chrono::seconds(10);  ///< doubles with each failed probe
    Duration probe_max = std::chrono::seconds(300);
  };
  enum class State : std::uint8_t { closed, open, half_open };

  Breaker() = default;
  explicit Breaker(Options options) : options_(options), wait_(options.probe_every) {}

  State state() const noexcept { return state_; }
  bool open() const noexcept { return state_ != State::closed; }
  /// May a request go out now? An open one becomes half-open when its probe is due: exactly one
  /// request, whose outcome must be told.
  bool allow(Monotonic now) noexcept;
  /// The unit answered, be it with an error. True when it was open.
  bool answered() noexcept;
  /// True when this opened it just now.
  bool timed_out(Monotonic now) noexcept;
  /// The next request may go out at once, for a fresh connection.
  void probe_now() noexcept;
  /// When the next probe is due; only meaningful while open.
  Monotonic probe_at() const noexcept { return probe_at_; }

 private:
  Options options_;
  State state_ = State::closed;
  unsigned timeouts_ = 0;
  Duration wait_ = options_.probe_every;
  Monotonic probe_at_{};
};

/// What probes of dead units may take of a link's time: 5 %.
/// Thread: one at a time.
class ProbeBudget {
 public:
  bool allow(Monotonic now) const noexcept { return now >= free_at_; }
  void spent(Monotonic end, Duration took) noexcept { free_at_ = end + 19 * took; }

 private:
  Monotonic free_at_{};
};

}  // namespace karez::connect
