// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/json_codec.h"

#include <gtest/gtest.h>

#include <format>

namespace karez::connect::mqtt {
namespace {

using model::ValueType;

constexpr Timestamp kNow = from_ns(1'700'000'000'000'000'000);

struct Fixture {
  JsonCodec codec{1};
  std::shared_ptr<PointMap> map = std::make_shared<PointMap>();
  Effects out;

  explicit Fixture(std::string device_config = "{}") {
    map->devices.push_back({{}, "d", std::move(device_config), {}});
  }
  Fixture& point(std::string address, ValueType type = ValueType::float64) {
    PointMap::Entry entry;
    entry.id = {static_cast<std::uint32_t>(map->points.size() + 1)};
    entry.address = std::move(address);
    entry.type = type;
    map->points.push_back(entry);
    return *this;
  }
  Fixture& start() {
    codec.set_points(map, kNow, out);
    return *this;
  }
  const std::vector<model::Sample>& take(std::string_view topic, std::string_view payload) {
    out.clear();
    codec.message({topic, as_bytes(payload), 1, false, kNow}, out);
    return out.readings.samples;
  }
};

TEST(MqttJson, ReadsValuesByPointerWithTheSourceTime) {
  Fixture f;
  f.point("press#/t/0@/ts").point("press#/n", ValueType::int64).start();
  const auto& samples = f.take("press", R"({"t":[21.5],"n":7,"ts":"2026-01-02T03:04:05.000000006Z"})");
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(model::as_double(samples[0].bits), 21.5);
  EXPECT_EQ(samples[0].time, *parse_rfc3339("2026-01-02T03:04:05.000000006Z"));
  EXPECT_EQ(samples[1].bits, 7u);
  EXPECT_EQ(samples[1].time, kNow);
  EXPECT_TRUE(samples[1].quality.good());
}

TEST(MqttJson, TellsEpochUnitsByMagnitude) {
  const auto document =
      *JsonDocument::parse("[1700000000, 1700000000123, 1700000000123456, 1700000000123456789, 1700000000.25]");
  const std::int64_t wanted[] = {1700000000000000000, 1700000000123000000, 1700000000123456000, 1700000000123456789,
                                 1700000000250000000};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(to_ns(*source_time(document.root().elements()[i], TimeUnit::automatic)), wanted[i]);
  }
  EXPECT_EQ(to_ns(*source_time(document.root().elements()[0], TimeUnit::milliseconds)), 1700000000000000);
  EXPECT_FALSE(source_time(document.root().elements()[3], TimeUnit::seconds).has_value());
}

TEST(MqttJson, UsesTheDevicesTimePointerAndFlagsAMissingTime) {
  Fixture f(R"({"time_pointer":"/ts","time_unit":"ms"})");
  f.point("press#/t").start();
  EXPECT_EQ(to_ns(f.take("press", R"({"t":1,"ts":1699999999999})")[0].time), 1699999999999000000);
  const auto& samples = f.take("press", R"({"t":1,"ts":"yesterday"})");
  EXPECT_EQ(samples[0].time, kNow);
  EXPECT_EQ(samples[0].flags & model::flag::kSubstituted, model::flag::kSubstituted);
}

TEST(MqttJson, MalformedJsonMakesOnlyItsPointsBadAndIsCounted) {
  Fixture f;
  f.point("a#/x").point("b#/x").start();
  const auto& samples = f.take("a", "{\"x\":");
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].point.value, 1u);
  EXPECT_EQ(samples[0].quality, kBadDecoding);
  EXPECT_EQ(f.codec.stats().malformed, 1u);
  EXPECT_NE(f.codec.stats().last_error.find("a:"), std::string::npos);
}

TEST(MqttJson, AValueWithinTheDeadbandStillHolds) {
  Fixture f;
  f.point("a").start();
  f.map->points[0].deadband = 1;
  f.take("a", "1");
  EXPECT_TRUE(f.take("a", "1.5").empty());
  EXPECT_EQ(f.out.seen, std::vector{model::PointId{1}});
}

TEST(MqttJson, AMessageThatCannotBeTakenMakesItsPointsBad) {
  Fixture f;
  f.point("a#/x").point("b").start();
  f.out.clear();
  f.codec.unreadable({"a", {}, 1, false, kNow}, "too large", f.out);
  ASSERT_EQ(f.out.readings.samples.size(), 1u);
  EXPECT_EQ(f.out.readings.samples[0].quality, kBadDecoding);
  EXPECT_EQ(f.codec.stats().malformed, 1u);
}

TEST(MqttJson, AMessageSentAgainHasNoTimeOfItsOwn) {
  Fixture f;
  f.point("a").start();
  f.out.clear();
  f.codec.message({"a", as_bytes("1"), 1, false, kNow, true}, f.out);
  EXPECT_EQ(f.out.readings.samples[0].flags, model::flag::kSubstituted);
}

TEST(MqttJson, LeavesPointsAloneWhoseMemberIsNotInTheMessage) {
  Fixture f;
  f.point("a#/x").point("a#/y").start();
  EXPECT_EQ(f.take("a", R"({"y":1})").size(), 1u);
}

TEST(MqttJson, SaysWhyAValueIsBad) {
  Fixture f;
  f.point("a#/x").start();
  EXPECT_EQ(f.take("a", R"({"x":null})")[0].quality, model::quality::kBadNoData);
  EXPECT_EQ(f.take("a", R"({"x":"warm"})")[0].quality, model::quality::kBadTypeMismatch);
  EXPECT_EQ(f.take("a", R"({"x":{}})")[0].quality, model::quality::kBadTypeMismatch);
}

TEST(MqttJson, ReadsPlainPayloads) {
  EXPECT_EQ(plain_value(" 12 ", ValueType::float64)->bits, 12u);
  EXPECT_EQ(model::as_double(plain_value("-1.5e3", ValueType::float64)->bits), -1500);
  EXPECT_EQ(plain_value("ON", ValueType::boolean)->bits, 1u);
  EXPECT_EQ(plain_value(" as it is ", ValueType::text)->text, " as it is ");
  for (const auto* bad : {"", "12 bar", "nan", "inf", "0x10", "{}"}) {
    EXPECT_FALSE(plain_value(bad, ValueType::float64).has_value()) << bad;
  }
}

TEST(MqttJson, KeepsTextsIncludingWholeObjects) {
  Fixture f;
  f.point("a#/s", ValueType::text).point("a#/o", ValueType::text).start();
  const auto& samples = f.take("a", R"({"s":"läuft","o":{"k":[1]}})");
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(f.out.readings.text(samples[0]), "läuft");
  EXPECT_EQ(f.out.readings.text(samples[1]), R"({"k":[1]})");
}

TEST(MqttJson, MarksEachPointBadOnceWhenTheLinkIsLostAndFlagsTheFirstValueAfter) {
  Fixture f;
  f.point("a#/x").start();
  f.take("a", R"({"x":1})");
  f.out.clear();
  f.codec.disconnected(kNow, f.out);
  f.codec.disconnected(kNow, f.out);
  ASSERT_EQ(f.out.readings.samples.size(), 1u);
  EXPECT_EQ(f.out.readings.samples[0].quality, model::quality::kBadNotConnected);
  EXPECT_EQ(f.take("a", R"({"x":1})")[0].flags, model::flag::kFirstAfterGap);
  EXPECT_EQ(f.take("a", R"({"x":1})")[0].flags, 0);
}

TEST(MqttJson, APointRecoversWhenTheBrokerRepeatsAnOldMessage) {
  Fixture f;
  f.point("a#/x@/ts").start();
  const auto said = R"({"x":1,"ts":1699999990})";  // ten seconds before
  f.take("a", said);
  f.out.clear();
  f.codec.disconnected(kNow, f.out);
  ASSERT_EQ(f.out.readings.samples.size(), 1u);
  const auto lost = f.out.readings.samples[0].time;
  EXPECT_TRUE(f.take("a", said).empty()) << "it is stored already";
  f.out.clear();
  f.codec.tick(kNow + std::chrono::seconds(5), f.out);
  ASSERT_EQ(f.out.readings.samples.size(), 1u);
  EXPECT_TRUE(f.out.readings.samples[0].quality.good());
  EXPECT_GT(f.out.readings.samples[0].time, lost);
}

TEST(MqttJson, ABadPayloadAndALossShowThoughTheSourcesClockIsAhead) {
  Fixture f;
  f.point("a#/x@/ts").start();
  const auto good = f.take("a", R"({"x":1,"ts":1700000010})")[0].time;
  const auto bad = f.take("a", "{")[0];
  EXPECT_EQ(bad.quality, kBadDecoding);
  EXPECT_GT(bad.time, good);
  f.out.clear();
  f.codec.disconnected(kNow, f.out);
  EXPECT_GT(f.out.readings.samples[0].time, bad.time);
}

TEST(MqttJson, ARetainedMessageOlderThanTheNewestValueSaysNothing) {
  Fixture f;
  f.point("a#/x@/ts").start();
  f.take("a", R"({"x":2,"ts":1699999990})");
  f.out.clear();
  f.codec.disconnected(kNow, f.out);
  f.out.clear();
  f.codec.message({"a", as_bytes(R"({"x":1,"ts":1699999000})"), 1, true, kNow}, f.out);
  f.codec.tick(kNow, f.out);
  EXPECT_TRUE(f.out.readings.samples.empty());
}

TEST(MqttJson, SubscribesToEachTopicOnceAndRefusesSparkplugAddresses) {
  Fixture f;
  f.point("b#/x").point("a#/x").point("a#/y").point("g/n/d:m").start();
  const auto wanted = f.codec.subscriptions();
  ASSERT_EQ(wanted.size(), 2u);
  EXPECT_EQ(wanted[0].filter, "a");
  EXPECT_EQ(wanted[1].filter, "b");
  ASSERT_EQ(f.out.readings.samples.size(), 1u);
  EXPECT_EQ(f.out.readings.samples[0].quality, model::quality::kBadConfiguration);
}

TEST(MqttJson, RefusesWrongDeviceSettings) {
  EXPECT_EQ(parse_json_device(R"({"time_unit":"h"})").error().pointer(), "/time_unit");
  EXPECT_EQ(parse_json_device(R"({"time_pointer":"ts"})").error().pointer(), "/time_pointer");
  EXPECT_EQ(parse_json_device(R"({"command_topic":"a/#"})").error().pointer(), "/command_topic");
}

}  // namespace
}  // namespace karez::connect::mqtt
