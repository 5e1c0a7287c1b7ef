// SPDX-License-Identifier: Apache-2.0
#include "connect/point_map.h"

#include <gtest/gtest.h>

#include <cmath>

namespace karez::connect {
namespace {

using namespace std::chrono_literals;
using model::ValueType;
namespace quality = model::quality;
namespace flag = model::flag;

std::shared_ptr<PointMap> map_of(std::vector<PointMap::Entry> entries) {
  auto map = std::make_shared<PointMap>();
  for (std::uint32_t i = 0; i < entries.size(); ++i) entries[i].id = {i + 1};
  map->points = std::move(entries);
  return map;
}

TEST(PointFilter, ScalesAndConvertsNumbers) {
  PointFilter filter(map_of({{.type = ValueType::float64, .scale = 0.1, .offset = -5},
                             {.type = ValueType::int64},
                             {.type = ValueType::boolean},
                             {.type = ValueType::int64, .scale = 2}}));
  EXPECT_DOUBLE_EQ(model::as_double(filter.convert(0, RawValue::of(std::int64_t{250}), {}, {})->bits), 20.0);
  const std::int64_t big = (std::int64_t{1} << 62) + 1;
  EXPECT_EQ(model::as_int64(filter.convert(1, RawValue::of(big), {}, {})->bits), big);
  EXPECT_EQ(model::as_int64(filter.convert(1, RawValue::of(2.5), {}, {})->bits), 3);
  EXPECT_EQ(filter.convert(2, RawValue::of(-0.5), {}, {})->bits, 1u);
  EXPECT_EQ(model::as_int64(filter.convert(3, RawValue::of(true), {}, {})->bits), 2);
}

TEST(PointFilter, RefusesTextForNumbersAndNumbersThatDoNotFit) {
  PointFilter filter(map_of({{.type = ValueType::float64}, {.type = ValueType::text}, {.type = ValueType::int64}}));
  EXPECT_EQ(filter.convert(0, RawValue::of("12"), {}, {})->quality, quality::kBadTypeMismatch);
  EXPECT_EQ(filter.convert(1, RawValue::of(1.0), {}, {})->quality, quality::kBadTypeMismatch);
  EXPECT_EQ(filter.convert(2, RawValue::of(1e300), {}, {})->quality, quality::kBadOutOfRange);
  EXPECT_EQ(filter.convert(2, RawValue::of(std::nan("")), {}, {})->quality, quality::kBadOutOfRange);
}

TEST(PointFilter, DeadbandSwallowsSmallChangesButNoQualityChange) {
  PointFilter filter(map_of({{.type = ValueType::float64, .deadband = 1}}));
  EXPECT_TRUE(filter.convert(0, RawValue::of(10.0), {}, {}));
  EXPECT_FALSE(filter.convert(0, RawValue::of(10.9), {}, {}));
  EXPECT_FALSE(filter.convert(0, RawValue::of(9.1), {}, {})) << "measured from the last one that passed";
  EXPECT_TRUE(filter.convert(0, RawValue::of(10.5), quality::kUncertain, {}));
  EXPECT_TRUE(filter.convert(0, RawValue::of(10.5), {}, {}));
  EXPECT_TRUE(filter.convert(0, RawValue::of(12.0), {}, {}));
  EXPECT_EQ(filter.suppressed(), 2u);
}

TEST(PointFilter, SaysALossOnceAndFlagsTheFirstValueAfterIt) {
  PointFilter filter(map_of({{.type = ValueType::float64, .deadband = 5}, {.type = ValueType::float64}}));
  EXPECT_EQ(filter.convert(0, RawValue::of(1.0), {}, {})->flags, 0);
  const auto gap = filter.lose(0, quality::kBadNotConnected, from_ns(5));
  ASSERT_TRUE(gap);
  EXPECT_EQ(gap->flags, flag::kGap);
  EXPECT_EQ(gap->quality, quality::kBadNotConnected);
  EXPECT_FALSE(filter.lose(0, quality::kBadTimeout, from_ns(6)));
  const auto back = filter.convert(0, RawValue::of(1.0), {}, from_ns(7));
  ASSERT_TRUE(back) << "passes although the deadband would swallow it";
  EXPECT_EQ(back->flags, flag::kFirstAfterGap);
  EXPECT_FALSE(filter.convert(0, RawValue::of(1.0), {}, from_ns(8)));
  EXPECT_TRUE(filter.lose(0, quality::kBadNotConnected, from_ns(9)));
  EXPECT_EQ(filter.convert(1, RawValue::of(1.0), {}, {})->flags, 0) << "other points are not concerned";
}

TEST(PointFilter, ANewMapKeepsTheStateOfPointsThatStay) {
  auto first = map_of({{.type = ValueType::float64, .deadband = 5}, {.type = ValueType::float64}});
  PointFilter filter(first);
  (void)filter.convert(0, RawValue::of(1.0), {}, {});
  (void)filter.lose(1, quality::kBadTimeout, {});
  auto second = map_of({{.type = ValueType::float64}, first->points[0], first->points[1]});
  for (std::size_t i = 1; i < 3; ++i) second->points[i].id = first->points[i - 1].id;
  second->points[0].id = {77};
  PointFilter next(second, filter);
  EXPECT_EQ(next.convert(0, RawValue::of(1.0), {}, {})->flags, flag::kFirstAfterGap);
  EXPECT_FALSE(next.convert(1, RawValue::of(2.0), {}, {}));
  EXPECT_FALSE(next.lose(2, quality::kBadTimeout, {}));
}

TEST(PointFilter, ALossComesAfterAValueOfASourceWhoseClockIsAhead) {
  PointFilter filter(map_of({{.type = ValueType::float64}}));
  const Timestamp now = from_ns(1'000'000'000'000);
  (void)filter.convert(0, RawValue::of(1.0), {}, now + 10s);
  EXPECT_EQ(filter.lose(0, quality::kBadNotConnected, now + 1s)->time, now + 10s + 1ns);
  // the same, still that far ahead
  const auto back = filter.convert(0, RawValue::of(2.0), {}, now + 12s);
  EXPECT_EQ(back->time, now + 12s);
  EXPECT_EQ(back->flags, flag::kFirstAfterGap);
  EXPECT_TRUE(filter.settle(now + 2s).empty());
  // so far ahead that the lanes put the arrival in its place
  (void)filter.convert(0, RawValue::of(2.0), {}, now + 1h);
  EXPECT_EQ(filter.lose(0, quality::kBadNotConnected, now + 3s)->time, now + 3s);
}

TEST(PointFilter, AValueThatHeldStillOverALossIsSaidAgain) {
  PointFilter filter(map_of({{.type = ValueType::float64}, {.type = ValueType::text}}));
  const Timestamp old = from_ns(1'000'000'000'000);
  (void)filter.convert(0, RawValue::of(1.0), {}, old);
  (void)filter.convert(1, RawValue::of("runs"), {}, old);
  const Timestamp lost = filter.lose(0, quality::kBadNotConnected, old + 60s)->time;
  (void)filter.lose(1, quality::kBadNotConnected, old + 60s);
  EXPECT_FALSE(filter.convert(0, RawValue::of(1.0), {}, old)) << "it is stored";
  EXPECT_FALSE(filter.convert(1, RawValue::of("runs"), {}, old));
  const auto said = filter.settle(old + 90s);
  ASSERT_EQ(said.size(), 2u);
  EXPECT_GT(said[0].sample.time, lost);
  EXPECT_EQ(said[0].sample.time, old + 90s);
  EXPECT_EQ(said[0].sample.flags, flag::kSubstituted | flag::kFirstAfterGap);
  EXPECT_EQ(model::as_double(said[0].sample.bits), 1.0);
  EXPECT_EQ(said[1].text, "runs");
  EXPECT_FALSE(filter.lost(0));
  EXPECT_TRUE(filter.settle(old + 91s).empty());
  EXPECT_EQ(filter.convert(0, RawValue::of(3.0), {}, old + 95s)->flags, 0);
}

TEST(PointFilter, ABacklogKeepsItsTimesAndItsLastValueHolds) {
  PointFilter filter(map_of({{.type = ValueType::float64}}));
  const Timestamp start = from_ns(1'000'000'000'000);
  (void)filter.convert(0, RawValue::of(1.0), {}, start);
  (void)filter.lose(0, quality::kBadNotConnected, start + 60s);
  // the first was published before we noticed the loss
  const auto first = filter.convert(0, RawValue::of(2.0), {}, start + 30s);
  EXPECT_EQ(first->time, start + 30s);
  EXPECT_EQ(first->flags, flag::kBackfilled);
  const auto second = filter.convert(0, RawValue::of(3.0), {}, start + 70s);
  EXPECT_EQ(second->time, start + 70s);
  EXPECT_EQ(second->flags, flag::kFirstAfterGap);
  EXPECT_TRUE(filter.settle(start + 100s).empty());
  // and when nothing was published after that moment
  (void)filter.lose(0, quality::kBadNotConnected, start + 200s);
  EXPECT_TRUE(filter.convert(0, RawValue::of(4.0), {}, start + 150s));
  EXPECT_TRUE(filter.convert(0, RawValue::of(5.0), {}, start + 160s));
  const auto said = filter.settle(start + 300s);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(model::as_double(said[0].sample.bits), 5.0);
  EXPECT_EQ(said[0].sample.time, start + 300s);
}

TEST(PointFilter, FollowsASourceWhoseClockIsBehindInOrder) {
  PointFilter filter(map_of({{.type = ValueType::float64}}));
  const Timestamp start = from_ns(1'000'000'000'000);
  (void)filter.convert(0, RawValue::of(1.0), {}, start - 10s);
  Timestamp newest = filter.lose(0, quality::kBadNotConnected, start)->time;
  for (int i = 1; i <= 15; ++i) {  // ten seconds behind, once a second
    const Timestamp now = start + std::chrono::seconds(i);
    const auto sample = filter.convert(0, RawValue::of(1.0 + i), {}, now - 10s);
    ASSERT_TRUE(sample);
    EXPECT_EQ(sample->time, now - 10s) << "history has the source's own time";
    const auto said = filter.settle(now);
    const model::Sample& shown = said.empty() ? *sample : said[0].sample;
    EXPECT_GT(shown.time, newest) << i;
    EXPECT_EQ(model::as_double(shown.bits), 1.0 + i);
    EXPECT_EQ(said.empty(), i > 11) << "its clock has passed our stamp: " << i;
    newest = shown.time;
  }
}

TEST(PointFilter, AfterALossASourceWhoseClockIsHoursBehindIsShownWithOurTime) {
  PointFilter filter(map_of({{.type = ValueType::float64}}));
  const Timestamp start = from_ns(100'000'000'000'000);
  (void)filter.convert(0, RawValue::of(1.0), {}, start - 8h);
  (void)filter.lose(0, quality::kBadNotConnected, start);
  for (int i = 1; i <= 3; ++i) {
    const Timestamp now = start + std::chrono::seconds(i);
    EXPECT_EQ(filter.convert(0, RawValue::of(1.0 + i), {}, now - 8h)->flags, flag::kBackfilled);
    const auto said = filter.settle(now);
    ASSERT_EQ(said.size(), 1u);
    EXPECT_EQ(said[0].sample.time, now);
  }
}

TEST(PointFilter, ANewLossForgetsWhatWasToBeSaidAgainAndANewMapDoesNot) {
  const auto map = map_of({{.type = ValueType::float64}, {.type = ValueType::float64}});
  PointFilter filter(map);
  const Timestamp start = from_ns(1'000'000'000'000);
  for (std::size_t i = 0; i < 2; ++i) {
    (void)filter.convert(i, RawValue::of(1.0), {}, start);
    (void)filter.lose(i, quality::kBadNotConnected, start + 1s);
    EXPECT_FALSE(filter.convert(i, RawValue::of(1.0), {}, start));
  }
  EXPECT_FALSE(filter.lose(0, quality::kBadNotConnected, start + 2s)) << "it is bad already";
  auto turned = std::make_shared<PointMap>(*map);
  std::swap(turned->points[0], turned->points[1]);
  PointFilter next(turned, filter);
  const auto said = next.settle(start + 3s);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0].sample.point.value, 2u);
  EXPECT_FALSE(next.lost(0));
}

TEST(PointFilter, OurOwnStampsNeverGoBehindAPointsNewest) {
  PointFilter filter(map_of({{.type = ValueType::float64}}));
  const Timestamp now = from_ns(1'000'000'000'000);
  (void)filter.convert(0, RawValue::of(1.0), {}, now + 10s);
  EXPECT_EQ(filter.convert_own(0, {}, quality::kBadNoData, now)->time, now + 10s + 1ns);
  EXPECT_EQ(filter.convert(0, RawValue::of(1.0), {}, now + 11s)->time, now + 11s);
  EXPECT_EQ(filter.convert_own(0, RawValue::of(1.0), {}, now + 20s)->time, now + 20s);
}

TEST(ToRaw, InvertsScaleAndOffset) {
  EXPECT_DOUBLE_EQ(*to_raw({.scale = 0.1, .offset = -5}, 20.0), 250.0);
  EXPECT_EQ(to_raw({.scale = 0}, 1).error().slug(), "point.not_invertible");
}

}  // namespace
}  // namespace karez::connect
