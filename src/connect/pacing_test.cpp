// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "connect/backoff.h"
#include "connect/breaker.h"
#include "connect/poll_schedule.h"

namespace karez::connect {
namespace {

using namespace std::chrono_literals;

TEST(BackOff, DoublesUpToItsCapWithJitterBelow) {
  BackOff back_off({.base = 500ms, .cap = 4s}, 7);
  const Duration limits[] = {500ms, 1s, 2s, 4s, 4s, 4s};
  for (const Duration limit : limits) {
    const Duration wait = back_off.failed(Monotonic{});
    EXPECT_GE(wait, 50ms);
    EXPECT_LE(wait, limit);
  }
}

TEST(BackOff, StartsAnewOnlyAfterAStableConnection) {
  const auto longest_of = [](Duration up) {
    Duration longest{0};
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      BackOff back_off({}, seed);
      Monotonic now{};
      for (int i = 0; i < 8; ++i) (void)back_off.failed(now);
      back_off.connected(now);
      longest = std::max(longest, back_off.failed(now + up));
    }
    return longest;
  };
  EXPECT_LE(longest_of(30s), 500ms);
  EXPECT_GT(longest_of(29s), 10s);
}

TEST(BackOff, IsNeverLongerThanATestProgramAllows) {
  BackOff::limit_all(20ms);
  BackOff back_off({}, 7);
  for (int i = 0; i < 20; ++i) EXPECT_LE(back_off.failed(Monotonic{}), 20ms);
  EXPECT_EQ(BackOff::limited(1h), 20ms);
  BackOff::limit_all(Duration::max());
  EXPECT_EQ(BackOff::limited(1h), 1h);
}

TEST(Breaker, OpensAfterThreeTimeoutsInARowAndProbesOnce) {
  Breaker breaker;
  Monotonic now{1h};
  EXPECT_FALSE(breaker.timed_out(now));
  EXPECT_FALSE(breaker.timed_out(now));
  EXPECT_FALSE(breaker.answered());
  EXPECT_FALSE(breaker.timed_out(now));
  EXPECT_FALSE(breaker.timed_out(now));
  EXPECT_TRUE(breaker.timed_out(now));
  EXPECT_FALSE(breaker.allow(now + 9s));
  EXPECT_TRUE(breaker.allow(now + 10s));
  EXPECT_EQ(breaker.state(), Breaker::State::half_open);
  EXPECT_FALSE(breaker.allow(now + 10s)) << "one probe at a time";
  EXPECT_FALSE(breaker.timed_out(now + 10s)) << "it was open already";
  EXPECT_FALSE(breaker.allow(now + 29s));
  EXPECT_TRUE(breaker.allow(now + 30s));
  EXPECT_TRUE(breaker.answered());
  EXPECT_TRUE(breaker.allow(now + 30s));
}

TEST(Breaker, ProbesAtLeastEveryFiveMinutes) {
  Breaker breaker({.threshold = 1});
  Monotonic now{};
  (void)breaker.timed_out(now);
  for (int i = 0; i < 20; ++i) {
    now = breaker.probe_at();
    ASSERT_TRUE(breaker.allow(now));
    (void)breaker.timed_out(now);
  }
  EXPECT_EQ(breaker.probe_at() - now, 300s);
}

TEST(ProbeBudget, KeepsProbesWithinFivePercent) {
  ProbeBudget budget;
  Monotonic now{1h};
  Duration probing{0};
  for (; now < Monotonic{2h}; now += 100ms) {
    if (!budget.allow(now)) continue;
    now += 1s;
    probing += 1s;
    budget.spent(now, 1s);
  }
  EXPECT_LE(probing, Duration(1h) / 20 + 1s);
}

TEST(PollSchedule, KeepsToTheGridAndSpreadsGroups) {
  const Monotonic start{100s};
  PollSchedule schedule(std::vector<Duration>(10, 1s), start, 3);
  std::set<Duration::rep> phases;
  std::map<std::size_t, std::vector<Monotonic>> turns;
  while (schedule.next_due() < start + 5s) {
    const Monotonic now = schedule.next_due();
    const auto group = schedule.take_due(now);
    ASSERT_TRUE(group);
    turns[*group].push_back(now);
    if (turns[*group].size() == 2) phases.insert((now - start) % Duration(1s) / Duration(50ms));
  }
  EXPECT_GE(phases.size(), 9u);
  EXPECT_EQ(turns.size(), 10u);
  for (const auto& [group, at] : turns) {
    EXPECT_LT(at[0] - start, 1s);
    for (std::size_t i = 2; i < at.size(); ++i) EXPECT_EQ(at[i] - at[i - 1], 1s);
  }
  EXPECT_EQ(schedule.overruns(), 0u);
}

TEST(PollSchedule, CountsMissedTurnsAndDoesNotPileUp) {
  const Monotonic start{0s};
  PollSchedule schedule({1s}, start, 1);
  (void)schedule.take_due(schedule.next_due());
  Monotonic due = schedule.next_due();
  if (due - start < 1s) {  // the early first turn lay before the grid
    (void)schedule.take_due(due);
    due = schedule.next_due();
  }
  EXPECT_TRUE(schedule.take_due(due + 3500ms));
  EXPECT_EQ(schedule.overruns(), 3u);
  EXPECT_FALSE(schedule.take_due(due + 3500ms)) << "one read for all missed turns";
  EXPECT_EQ(schedule.next_due(), due + 4s);
}

TEST(PollSchedule, FirstReadOfASlowGroupComesWithinASecond) {
  PollSchedule schedule({1h, 1h}, Monotonic{}, 5);
  EXPECT_LE(schedule.next_due(), Monotonic{1s});
}

}  // namespace
}  // namespace karez::connect
