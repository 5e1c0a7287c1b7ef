// SPDX-License-Identifier: Apache-2.0
#include "connect/point_map.h"

#include <gtest/gtest.h>

#include <cmath>

namespace karez::connect {
namespace {

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

TEST(ToRaw, InvertsScaleAndOffset) {
  EXPECT_DOUBLE_EQ(*to_raw({.scale = 0.1, .offset = -5}, 20.0), 250.0);
  EXPECT_EQ(to_raw({.scale = 0}, 1).error().slug(), "point.not_invertible");
}

}  // namespace
}  // namespace karez::connect
