// SPDX-License-Identifier: Apache-2.0
#include "connect/poll_schedule.h"

#include <cmath>

namespace karez::connect {
namespace {
constexpr Duration kShortest = std::chrono::milliseconds(1), kFirstWithin = std::chrono::seconds(1);
}

PollSchedule::PollSchedule(std::vector<Duration> periods, Monotonic start, std::uint64_t seed) {
  // Multiples of the golden ratio fill the interval evenly for any number of groups.
  double at = static_cast<double>(seed % 9973) / 9973.0;
  for (const Duration wanted : periods) {
    const Duration period = std::max(wanted, kShortest);
    at = std::fmod(at + 0.6180339887498949, 1.0);
    const auto part = [&](Duration d) {
      return Duration{static_cast<Duration::rep>(at * static_cast<double>(d.count()))};
    };
    const Monotonic first = start + part(std::min(period, kFirstWithin));
    groups_.push_back({period, first, start + part(period)});
  }
}

Monotonic PollSchedule::next_due() const noexcept {
  Monotonic next = Monotonic::max();
  for (const Group& group : groups_) next = std::min(next, group.due);
  return next;
}

std::optional<std::size_t> PollSchedule::take_due(Monotonic now) noexcept {
  std::optional<std::size_t> chosen;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].due <= now && (!chosen || groups_[i].due < groups_[*chosen].due)) chosen = i;
  }
  if (!chosen) return chosen;
  Group& group = groups_[*chosen];
  if (now < group.grid) {  // the early first turn
    group.due = group.grid;
    return chosen;
  }
  const auto turns = (now - group.grid) / group.period;  // whole periods gone by on the grid
  const Monotonic next = group.grid + (turns + 1) * group.period;
  const auto missed = (next - group.due) / group.period - 1;
  if (missed > 0) overruns_ += static_cast<std::uint64_t>(missed);
  group.due = next;
  return chosen;
}

}  // namespace karez::connect
