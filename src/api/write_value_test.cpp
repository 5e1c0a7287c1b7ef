// SPDX-License-Identifier: Apache-2.0
#include "api/write_value.h"

#include <gtest/gtest.h>

namespace karez::api {
namespace {

using model::ValueType;

model::Point point(ValueType type, double scale = 1, double offset = 0) {
  model::Point p;
  p.name = "setpoint";
  p.type = type;
  p.scale = scale;
  p.offset = offset;
  return p;
}

connect::Write of(double v) { return {.type = ValueType::float64, .bits = model::bits_of(v)}; }

TEST(ReadBack, IsShownInTheUnitOfThePoint) {
  EXPECT_EQ(engineering_text(point(ValueType::float64, 0.1), "450"), "45");
  EXPECT_EQ(engineering_text(point(ValueType::float64, 0.1), "267"), "26.7");
  EXPECT_EQ(engineering_text(point(ValueType::float64, 0.1, -40), "450"), "5");
  EXPECT_EQ(engineering_text(point(ValueType::int64, 10), "12"), "120");
  EXPECT_EQ(engineering_text(point(ValueType::boolean), "1"), "true");
  EXPECT_EQ(engineering_text(point(ValueType::int64), "true"), "1");
}

TEST(ReadBack, KeepsWhatNeedsNoScaling) {
  EXPECT_EQ(engineering_text(point(ValueType::int64), "9007199254740993"), "9007199254740993");
  EXPECT_EQ(engineering_text(point(ValueType::text, 0.1), "450"), "450");
  EXPECT_EQ(engineering_text(point(ValueType::boolean), "false"), "false");
  EXPECT_EQ(engineering_text(point(ValueType::float64, 0.1), "on"), "on");
  EXPECT_EQ(engineering_text(point(ValueType::float64, 0.1), ""), "");
}

TEST(WriteLimits, RefuseWhatLiesOutsideAndNameTheLimits) {
  model::Point p = point(ValueType::float64, 0.1);
  p.limit = {.low = 0, .high = 90};
  for (const double good : {0.0, 45.0, 90.0}) EXPECT_FALSE(out_of_limits(p, of(good), Lang::en)) << good;
  for (const double bad : {-0.1, 90.5, 200.0}) EXPECT_TRUE(out_of_limits(p, of(bad), Lang::en)) << bad;
  const auto problem = out_of_limits(p, of(200), Lang::en);
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->status, 400);
  EXPECT_EQ(problem->slug, "write.out_of_limits");
  const auto json = JsonDocument::parse(problem_json(*problem, "/x", Lang::en));
  EXPECT_EQ((*json)["detail"].string(), "200 is outside the limits of setpoint, 0 to 90; nothing was written.");
  const auto chinese = JsonDocument::parse(problem_json(*out_of_limits(p, of(200), Lang::zh), "/x", Lang::zh));
  EXPECT_EQ((*chinese)["detail"].string(), "200 超出 setpoint 的限值（0 到 90），未写入。");
  EXPECT_FALSE(title_of("write.out_of_limits", Lang::zh).empty());
}

TEST(WriteLimits, AreEachForItself) {
  model::Point p = point(ValueType::int64);
  EXPECT_FALSE(out_of_limits(p, {.type = ValueType::int64, .bits = model::bits_of(std::int64_t{-5})}, Lang::en));
  p.limit.low = 0;
  EXPECT_TRUE(out_of_limits(p, {.type = ValueType::int64, .bits = model::bits_of(std::int64_t{-5})}, Lang::en));
  EXPECT_FALSE(out_of_limits(p, {.type = ValueType::int64, .bits = model::bits_of(std::int64_t{500})}, Lang::en));
  EXPECT_FALSE(out_of_limits(p, {.type = ValueType::boolean, .bits = 1}, Lang::en));
}

}  // namespace
}  // namespace karez::api
