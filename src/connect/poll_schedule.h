// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/time.h"

namespace karez::connect {

/// When which group of points is to be read. Each group keeps to its own grid; the groups of a link
/// start spread over their period. A group that comes late is read once and the missed turns are
/// counted, they never pile up.
/// Thread: one at a time; knows no clock.
class PollSchedule {
 public:
  /// First turns lie within min(period, 1 s) of `start`.
  PollSchedule(std::vector<Duration> periods, Monotonic start, std::uint64_t seed);
  PollSchedule() = default;

  std::size_t size() const noexcept { return groups_.size(); }
  /// When the next turn is; Monotonic::max() without groups.
  Monotonic next_due() const noexcept;
  /// The most overdue group whose turn has come, which thereby gets its next turn on its grid after
  /// `now`; or nothing.
  std::optional<std::size_t> take_due(Monotonic now) noexcept;
  /// Turns missed so far, of all groups.
  std::uint64_t overruns() const noexcept { return overruns_; }

 private:
  struct Group {
    Duration period{0};
    Monotonic due, grid;
  };
  std::vector<Group> groups_;
  std::uint64_t overruns_ = 0;
};

}  // namespace karez::connect
