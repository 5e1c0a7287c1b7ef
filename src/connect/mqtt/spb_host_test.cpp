// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/spb_host.h"

#include <gtest/gtest.h>

#include "connect/mqtt/spb_test_payload.h"

namespace karez::connect::mqtt {
namespace {

using model::ValueType;

constexpr std::int64_t kStart = 1'700'000'000'000;  // ms
Timestamp at(std::int64_t ms) { return from_ns(ms * 1'000'000); }

struct Plant {
  SparkplugHost host;
  std::shared_ptr<PointMap> map = std::make_shared<PointMap>();
  Effects out;
  std::int64_t now = kStart;

  explicit Plant(std::string host_id = "", std::size_t max_devices = 1'000)
      : host({.host_id = std::move(host_id), .max_devices = max_devices}) {
    map->devices.push_back({});
  }
  Plant& point(std::string address, ValueType type = ValueType::float64) {
    PointMap::Entry entry;
    entry.id = {static_cast<std::uint32_t>(map->points.size() + 1)};
    entry.address = std::move(address);
    entry.type = type;
    map->points.push_back(entry);
    return *this;
  }
  Plant& start() {
    host.set_points(map, at(now), out);
    host.connected(at(now), out);
    out.clear();
    return *this;
  }
  const std::vector<model::Sample>& send(std::string_view topic, const TestPayload& payload) {
    out.clear();
    now += 10'000;
    host.message({topic, payload.bytes(), 0, false, at(now)}, out);
    return out.readings.samples;
  }
};

TestPayload birth(std::uint64_t bd_seq, std::uint64_t seq = 0) {
  TestPayload payload(kStart + 1, seq);
  payload.metric("bdSeq", {}, SpbType::int64, static_cast<std::int64_t>(bd_seq));
  return payload;
}

/// A node with a device whose "T/in" has alias 1 and value 20.
Plant press() {
  Plant plant;
  plant.point("G/N/D:T/in").start();
  plant.send("spBv1.0/G/NBIRTH/N", birth(7));
  TestPayload device(kStart + 2, 1);
  device.metric("T/in", 1, SpbType::float64, 20.0, kStart + 2);
  EXPECT_EQ(plant.send("spBv1.0/G/DBIRTH/N/D", device).size(), 1u);
  return plant;
}
TestPayload value(double v, std::uint64_t seq, std::int64_t ms) {
  TestPayload payload(kStart + 50, seq);
  payload.metric("", 1, SpbType::unknown, v, ms);
  return payload;
}

TEST(SparkplugHost, FollowsAliasesFromBirthToData) {
  auto plant = press();
  const auto& samples = plant.send("spBv1.0/G/DDATA/N/D", value(21.5, 2, kStart + 5));
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(model::as_double(samples[0].bits), 21.5);
  EXPECT_EQ(samples[0].time, at(kStart + 5));
  EXPECT_TRUE(samples[0].quality.good());
  EXPECT_TRUE(plant.out.publish.empty());
}

TEST(SparkplugHost, AsksOnceForARebirthWhenNumbersAreMissingAndKeepsTheValue) {
  auto plant = press();
  EXPECT_EQ(plant.send("spBv1.0/G/DDATA/N/D", value(1, 5, kStart + 5)).size(), 1u);
  ASSERT_EQ(plant.out.publish.size(), 1u);
  EXPECT_EQ(plant.out.publish[0].topic, "spBv1.0/G/NCMD/N");
  EXPECT_EQ(plant.out.publish[0].qos, 0);
  EXPECT_EQ(plant.host.stats().lost, 3u);
  plant.now -= 9'999;  // at once again: rate-limited
  plant.send("spBv1.0/G/DDATA/N/D", value(2, 9, kStart + 6));
  EXPECT_TRUE(plant.out.publish.empty());
  plant.host.tick(at(plant.now + 60'000), plant.out);  // no birth came: again, later
  EXPECT_EQ(plant.out.publish.size(), 1u);
}

TEST(SparkplugHost, ANodeThatReportsSaysThatItsOtherValuesStillHold) {
  Plant plant;
  plant.point("G/N/D:still").point("G/N/gone:x").point("G/N:mode").start();
  auto node = birth(1);
  node.metric("mode", {}, SpbType::int32, std::int64_t{1});
  plant.send("spBv1.0/G/NBIRTH/N", node);
  TestPayload device(kStart + 2, 1);
  device.metric("still", 1, SpbType::float64, 1.0).metric("other", 2, SpbType::float64, 1.0);
  plant.send("spBv1.0/G/DBIRTH/N/D", device);
  TestPayload data(kStart + 3, 2);
  data.metric("", 2, SpbType::unknown, 2.0);
  EXPECT_TRUE(plant.send("spBv1.0/G/DDATA/N/D", data).empty());
  EXPECT_EQ(plant.out.seen, (std::vector<model::PointId>{{3}, {1}})) << "not those of a device that was not born";
  plant.now -= 10'000;
  plant.send("spBv1.0/G/NDATA/N", TestPayload(kStart + 4, 3));
  EXPECT_TRUE(plant.out.seen.empty()) << "once a second is enough";
}

TEST(SparkplugHost, WrapsTheSequenceAt255) {
  auto plant = press();
  plant.send("spBv1.0/G/NBIRTH/N", birth(7, 255));
  plant.send("spBv1.0/G/NDATA/N", TestPayload(kStart, 0));
  EXPECT_EQ(plant.host.stats().lost, 0u);
}

TEST(SparkplugHost, AsksForABirthWhenDataComeFirst) {
  Plant plant;
  plant.point("G/N/D:T/in").start();
  EXPECT_TRUE(plant.send("spBv1.0/G/DDATA/N/D", value(1, 5, kStart)).empty());
  ASSERT_EQ(plant.out.publish.size(), 1u);
  EXPECT_EQ(plant.out.publish[0].topic, "spBv1.0/G/NCMD/N");
}

TEST(SparkplugHost, MarksAllPointsOfADeadNodeBadOnceAndTheNextGoodOneFirst) {
  auto plant = press();
  TestPayload death(0, {});
  death.metric("bdSeq", {}, SpbType::int64, std::int64_t{7});
  auto samples = plant.send("spBv1.0/G/NDEATH/N", death);
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].quality, model::quality::kBadNotConnected);
  const auto lost_at = samples[0].time;
  EXPECT_TRUE(plant.send("spBv1.0/G/NDEATH/N", death).empty());

  plant.send("spBv1.0/G/NBIRTH/N", birth(8));
  TestPayload device(kStart + 2, 1);
  device.metric("T/in", 1, SpbType::float64, 20.0, kStart + 2);  // the value is older than the loss
  samples = plant.send("spBv1.0/G/DBIRTH/N/D", device);
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_TRUE(samples[0].quality.good());
  EXPECT_GT(samples[0].time, lost_at);
  EXPECT_EQ(samples[0].flags, model::flag::kFirstAfterGap | model::flag::kSubstituted);
}

TEST(SparkplugHost, ADeathIsNewerThanTheValuesOfANodeWhoseClockIsAhead) {
  auto plant = press();
  const auto ahead = plant.now + 10'000 + 30'000;
  const auto good = plant.send("spBv1.0/G/DDATA/N/D", value(21, 2, ahead))[0].time;
  TestPayload death(0, {});
  death.metric("bdSeq", {}, SpbType::int64, std::int64_t{7});
  EXPECT_GT(plant.send("spBv1.0/G/NDEATH/N", death)[0].time, good);
  plant.send("spBv1.0/G/NBIRTH/N", birth(8));
  TestPayload device(kStart + 2, 1);
  device.metric("T/in", 1, SpbType::float64, 21.0, ahead);
  const auto back = plant.send("spBv1.0/G/DBIRTH/N/D", device);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_GT(back[0].time, good + Duration(1));
  EXPECT_TRUE(back[0].quality.good());
}

TEST(SparkplugHost, IgnoresTheDeathOfAnEarlierConnection) {
  auto plant = press();
  TestPayload death(0, {});
  death.metric("bdSeq", {}, SpbType::int64, std::int64_t{6});
  EXPECT_TRUE(plant.send("spBv1.0/G/NDEATH/N", death).empty());
  EXPECT_EQ(plant.send("spBv1.0/G/DDATA/N/D", value(1, 2, kStart + 5)).size(), 1u);
}

TEST(SparkplugHost, FollowsNoEndlessDevicesButAllThatPointsWant) {
  Plant plant("", 5);
  plant.point("G/N/wanted:a").start();
  plant.send("spBv1.0/G/NBIRTH/N", birth(1));
  std::uint64_t seq = 1;
  for (int i = 0; i < 20; ++i) plant.send("spBv1.0/G/DBIRTH/N/x" + std::to_string(i), TestPayload(kStart + 2, seq++));
  const auto& node = plant.host.nodes().at("G/N");
  EXPECT_EQ(node.devices.size(), 5u);  // with the node's own
  EXPECT_LE(node.born.size(), 5u);
  EXPECT_NE(plant.host.stats().last_error.find("devices"), std::string::npos);
  TestPayload payload(kStart + 3, seq);
  payload.metric("a", {}, SpbType::int32, std::int64_t{1});
  EXPECT_EQ(plant.send("spBv1.0/G/DBIRTH/N/wanted", payload).size(), 1u);
}

TEST(SparkplugHost, LosesOnlyTheDeviceThatDied) {
  Plant plant;
  plant.point("G/N/D:a").point("G/N/E:a").start();
  plant.send("spBv1.0/G/NBIRTH/N", birth(1));
  for (const auto* device : {"D", "E"}) {
    TestPayload payload(kStart + 2, device[0] == 'D' ? 1 : 2);
    payload.metric("a", {}, SpbType::int32, std::int64_t{1});
    plant.send(std::string("spBv1.0/G/DBIRTH/N/") + device, payload);
  }
  const auto& samples = plant.send("spBv1.0/G/DDEATH/N/D", TestPayload(kStart + 3, 3));
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].point.value, 1u);
}

TEST(SparkplugHost, DoesNotStoreAgainWhatARebirthRepeats) {
  auto plant = press();
  plant.send("spBv1.0/G/NBIRTH/N", birth(7));
  TestPayload device(kStart + 90, 1);
  device.metric("T/in", 1, SpbType::float64, 20.0, kStart + 2);
  EXPECT_TRUE(plant.send("spBv1.0/G/DBIRTH/N/D", device).empty());
}

TEST(SparkplugHost, HistoricalValuesAreFlaggedAndLeaveTheCurrentOneAlone) {
  auto plant = press();
  TestPayload payload(kStart + 50, 2);
  payload.metric("", 1, SpbType::unknown, 3.0, kStart - 1000).historical();
  const auto& samples = plant.send("spBv1.0/G/DDATA/N/D", payload);
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].flags & model::flag::kBackfilled, model::flag::kBackfilled);
  EXPECT_EQ(model::as_double(plant.host.tag(0)->last.bits), 20.0);
}

TEST(SparkplugHost, APointWhoseMetricIsNotInTheBirthIsUnknown) {
  Plant plant;
  plant.point("G/N:gone").start();
  const auto& samples = plant.send("spBv1.0/G/NBIRTH/N", birth(1));
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].quality, model::quality::kBadNodeUnknown);
}

TEST(SparkplugHost, ReadsAllTypes) {
  struct Case {
    SpbType type;
    std::int64_t sent;
    ValueType stored;
    std::int64_t wanted;
    model::Quality quality;
  };
  const auto good = model::quality::kGood;
  const Case cases[] = {{SpbType::int8, 0xF6, ValueType::int64, -10, good},
                        {SpbType::int8, 0xFFFFFFF6, ValueType::int64, -10, good},
                        {SpbType::int16, 0xFFF6, ValueType::int64, -10, good},
                        {SpbType::int32, 0xFFFFFFF6, ValueType::int64, -10, good},
                        {SpbType::int64, -10, ValueType::int64, -10, good},
                        {SpbType::uint8, 250, ValueType::int64, 250, good},
                        {SpbType::uint32, 4294967295, ValueType::int64, 4294967295, good},
                        {SpbType::uint64, 9223372036854775807, ValueType::int64, 9223372036854775807, good},
                        {SpbType::uint64, -1, ValueType::int64, 0, model::quality::kBadOutOfRange},
                        {SpbType::date_time, kStart, ValueType::int64, kStart, good},
                        {SpbType::bytes, 1, ValueType::int64, 0, model::quality::kBadTypeMismatch}};
  for (const auto& c : cases) {
    Plant plant;
    plant.point("G/N:m", c.stored).start();
    auto payload = birth(1);
    payload.metric("m", {}, c.type, c.sent);
    const auto& samples = plant.send("spBv1.0/G/NBIRTH/N", payload);
    ASSERT_EQ(samples.size(), 1u) << spb_type_name(c.type);
    EXPECT_EQ(samples[0].quality, c.quality) << spb_type_name(c.type);
    EXPECT_EQ(model::as_int64(samples[0].bits), c.wanted) << spb_type_name(c.type);
  }
}

TEST(SparkplugHost, HonoursNullAndTheQualityProperty) {
  for (const auto& [quality, wanted] : {std::pair{192, model::quality::kGood},
                                        {0, model::quality::kBad},
                                        {500, model::quality::kUncertainLastUsable}}) {
    Plant plant;
    plant.point("G/N:m").start();
    auto payload = birth(1);
    payload.metric("m", {}, SpbType::float64, 1.0).quality(quality);
    EXPECT_EQ(plant.send("spBv1.0/G/NBIRTH/N", payload)[0].quality, wanted);
  }
  Plant plant;
  plant.point("G/N:m").start();
  auto payload = birth(1);
  payload.metric("m", {}, SpbType::float64, 1.0).null();
  EXPECT_EQ(plant.send("spBv1.0/G/NBIRTH/N", payload)[0].quality, model::quality::kBadNoData);
}

TEST(SparkplugHost, ReadsMembersOfTemplates) {
  Plant plant;
  plant.point("G/N:Motor 1/rpm").start();
  auto payload = birth(1);
  payload.template_with("Motor 1", 9, "rpm", 1450.0);
  const auto& samples = plant.send("spBv1.0/G/NBIRTH/N", payload);
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(model::as_double(samples[0].bits), 1450.0);
}

TEST(SparkplugHost, AnnouncesItselfWithTheTimeOfItsWillAndAnswersAnOldWill) {
  Plant plant("plant-host");
  const auto will = plant.host.make_will(at(kStart));
  ASSERT_TRUE(will.has_value());
  EXPECT_EQ(will->topic, "spBv1.0/STATE/plant-host");
  EXPECT_EQ(as_text(will->payload), R"({"online":false,"timestamp":1700000000000})");
  EXPECT_TRUE(will->retain);
  EXPECT_EQ(will->qos, 1);
  plant.host.set_points(plant.map, at(kStart), plant.out);
  plant.host.connected(at(kStart + 1), plant.out);
  ASSERT_EQ(plant.out.publish.size(), 1u);
  EXPECT_EQ(as_text(plant.out.publish[0].payload), R"({"online":true,"timestamp":1700000000000})");
  plant.out.clear();
  const std::string_view old = R"({"online":false,"timestamp":1})";
  plant.host.message({"spBv1.0/STATE/plant-host", as_bytes(old), 1, true, at(kStart + 2)}, plant.out);
  EXPECT_EQ(plant.out.publish.size(), 1u);
}

TEST(SparkplugHost, SubscribesToTheGroupsOfItsPoints) {
  Plant plant("h");
  plant.point("B/N:m").point("A/N:m").point("A/M:m").start();
  const auto wanted = plant.host.subscriptions();
  ASSERT_EQ(wanted.size(), 3u);
  EXPECT_EQ(wanted[0].filter, "spBv1.0/A/#");
  EXPECT_EQ(wanted[2].filter, "spBv1.0/STATE/h");
}

TEST(SparkplugHost, WritesWithTheTypeOfTheBirth) {
  auto plant = press();
  const auto command = plant.host.command(0, RawValue::of(5.5), at(kStart));
  ASSERT_TRUE(command.has_value());
  EXPECT_EQ(command->topic, "spBv1.0/G/DCMD/N/D");
  const auto payload = SpbPayload::decode(command->payload);
  ASSERT_TRUE(payload.has_value());
  EXPECT_EQ(payload->metrics[0].name, "T/in");
  EXPECT_EQ(model::as_double(payload->metrics[0].bits), 5.5);
  EXPECT_FALSE(payload->seq.has_value());
  EXPECT_EQ(plant.host.command(0, RawValue::of(std::string_view("x")), at(kStart)).error().slug(),
            "point.type_mismatch");
}

TEST(SparkplugPayload, RefusesGarbageDepthAndTooMany) {
  EXPECT_EQ(SpbPayload::decode(as_bytes("\xff\xff")).error().slug(), "spb.malformed");
  auto many = TestPayload(kStart, 0);
  for (int i = 0; i < 11; ++i) many.metric("m", {}, SpbType::boolean, std::int64_t{1});
  EXPECT_EQ(SpbPayload::decode(many.bytes(), {.max_metrics = 10}).error().slug(), "spb.too_many_metrics");
  EXPECT_EQ(SpbPayload::decode(TestPayload::nested(40)).error().slug(), "spb.malformed");
}

TEST(SparkplugPayload, RefusesCommandsThatDoNotFit) {
  const auto now = at(kStart);
  EXPECT_TRUE(encode_command({"m", SpbType::int8, RawValue::of(127.0)}, now).has_value());
  EXPECT_EQ(encode_command({"m", SpbType::int8, RawValue::of(128.0)}, now).error().slug(), "point.out_of_range");
  EXPECT_EQ(encode_command({"m", SpbType::int32, RawValue::of(1.5)}, now).error().slug(), "point.out_of_range");
  EXPECT_EQ(encode_command({"m", SpbType::data_set, RawValue::of(1.0)}, now).error().slug(), "point.type_mismatch");
}

TEST(SparkplugTopic, RefusesWrongForms) {
  for (const auto* bad : {"spBv1.0", "spBv1.0/G/NBIRTH", "spBv1.0/G/DBIRTH/N", "spBv1.0/G/NBIRTH/N/D",
                          "spBv1.0//NBIRTH/N", "spAv1.0/G/NBIRTH/N", "spBv1.0/G/XBIRTH/N", "spBv1.0/STATE/"}) {
    EXPECT_FALSE(parse_spb_topic(bad).has_value()) << bad;
  }
  EXPECT_EQ(parse_spb_topic("spBv1.0/STATE/h")->host, "h");
}

}  // namespace
}  // namespace karez::connect::mqtt
