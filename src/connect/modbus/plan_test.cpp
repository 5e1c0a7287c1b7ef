// SPDX-License-Identifier: Apache-2.0
#include "connect/modbus/plan.h"

#include <gtest/gtest.h>

#include <random>

namespace karez::connect::modbus {
namespace {

std::vector<Wanted> random_layout(std::mt19937& random, std::size_t count, unsigned room) {
  std::vector<Wanted> wanted;
  for (std::size_t i = 0; i < count; ++i) {
    const auto area = static_cast<Area>(random() % 4);
    const std::uint16_t spans[] = {1, 1, 1, 2, 2, 4, 8, 125};
    const std::uint16_t span = is_bits(area) ? std::uint16_t{1} : spans[random() % 8];
    wanted.push_back({i, area, static_cast<std::uint16_t>(random() % (room - span)), span});
  }
  return wanted;
}

void expect_covers(const std::vector<ReadRequest>& requests, std::size_t count) {
  std::vector<int> covered(count);
  for (const ReadRequest& request : requests) {
    for (const Wanted& w : request.wanted) {
      ++covered[w.entry];
      EXPECT_EQ(w.area, request.area);
      EXPECT_GE(w.offset, request.offset);
      EXPECT_LE(w.offset + w.span, request.offset + request.quantity);
    }
  }
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(covered[i], 1) << i;
}

// The least number of requests for sorted values, by dynamic programme over where each request ends.
std::size_t fewest(const std::vector<Wanted>& sorted, const ReadLimits& limits) {
  std::vector<std::size_t> best(sorted.size() + 1, 0);
  for (std::size_t i = sorted.size(); i-- > 0;) {
    best[i] = best[i + 1] + 1;
    unsigned end = sorted[i].offset + sorted[i].span;
    for (std::size_t j = i + 1; j < sorted.size() && sorted[j].area == sorted[i].area; ++j) {
      const bool bits = is_bits(sorted[j].area);
      if (sorted[j].offset > end + (bits ? limits.hole_bits : limits.hole_registers)) break;
      end = std::max<unsigned>(end, sorted[j].offset + sorted[j].span);
      if (end - sorted[i].offset > (bits ? limits.max_bits : limits.max_registers)) break;
      best[i] = std::min(best[i], best[j + 1] + 1);
    }
  }
  return best[0];
}

TEST(ModbusPlan, CoversEveryValueOnceWithinLimitsNearTheOptimum) {
  std::mt19937 random(42);
  std::size_t used = 0, optimum = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::size_t count = 1 + random() % 120;
    ReadLimits limits;
    limits.hole_registers = static_cast<unsigned>(random() % 40);
    std::vector<Wanted> wanted = random_layout(random, count, 200 + static_cast<unsigned>(random() % 5000));
    const auto requests = plan_reads(wanted, limits);
    expect_covers(requests, count);
    for (const ReadRequest& request : requests) {
      EXPECT_LE(request.quantity, is_bits(request.area) ? kMaxReadBits : kMaxReadRegisters);
      EXPECT_GE(request.quantity, 1);
    }
    std::ranges::sort(wanted, {}, [](const Wanted& w) { return std::tuple(w.area, w.offset, w.span, w.entry); });
    used += requests.size();
    optimum += fewest(wanted, limits);
  }
  EXPECT_LE(static_cast<double>(used), 1.1 * static_cast<double>(optimum));
}

TEST(ModbusPlan, DoesNotDependOnTheOrderOfPoints) {
  std::mt19937 random(7);
  std::vector<Wanted> wanted = random_layout(random, 60, 400);
  const auto first = plan_reads(wanted, {});
  std::ranges::shuffle(wanted, random);
  const auto second = plan_reads(wanted, {});
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].offset, second[i].offset);
}

TEST(ModbusPlan, ReadsAcrossSmallHolesOnly) {
  const std::vector<Wanted> wanted = {
      {0, Area::holding_register, 0, 1}, {1, Area::holding_register, 11, 1}, {2, Area::holding_register, 23, 1}};
  EXPECT_EQ(plan_reads(wanted, {.hole_registers = 10}).size(), 2u);
  EXPECT_EQ(plan_reads(wanted, {.hole_registers = 11}).size(), 1u);
  EXPECT_EQ(plan_reads(wanted, {.hole_registers = 0}).size(), 3u);
}

TEST(ModbusPlan, SplitsARefusedRequestAtItsHolesThenInHalves) {
  const auto whole = plan_reads({{0, Area::holding_register, 0, 2},
                                 {1, Area::holding_register, 2, 1},
                                 {2, Area::holding_register, 9, 1},
                                 {3, Area::holding_register, 10, 4}},
                                {});
  ASSERT_EQ(whole.size(), 1u);
  const auto parts = split(whole[0]);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].quantity, 3);
  EXPECT_EQ(parts[1].offset, 9);
  const auto halves = split(parts[0]);
  ASSERT_EQ(halves.size(), 2u);
  EXPECT_TRUE(split(halves[0]).empty()) << "a single value";
}

TEST(ModbusPlan, SplittingEndsWithSingleValuesAndLosesNone) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    const std::size_t count = 2 + random() % 40;
    auto open = plan_reads(random_layout(random, count, 300), {});
    std::vector<ReadRequest> single;
    for (int guard = 0; !open.empty() && guard < 10'000; ++guard) {
      ReadRequest request = std::move(open.back());
      open.pop_back();
      auto parts = split(request);
      if (parts.empty()) single.push_back(std::move(request));
      for (auto& part : parts) open.push_back(std::move(part));
    }
    expect_covers(single, count);
    EXPECT_EQ(single.size(), count);
  }
}

}  // namespace
}  // namespace karez::connect::modbus
