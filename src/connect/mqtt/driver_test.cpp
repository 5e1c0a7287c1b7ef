// SPDX-License-Identifier: Apache-2.0
#include "connect/driver.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "base/json.h"
#include "connect/link_hub.h"
#include "connect/mqtt/fake_broker.h"
#include "connect/mqtt/payload_codec.h"
#include "connect/mqtt/spb_test_payload.h"
#include "net/blocking.h"

namespace karez::connect {

const DriverInfo& mqtt_driver();

namespace mqtt {
namespace {

using namespace std::chrono_literals;
using model::ValueType;

/// Keeps blocks and their acknowledgements back until the test lets them go.
class HeldSink final : public model::SampleSink {
 public:
  Result<> submit(model::BatchRef batch, model::DurableAck ack) override {
    const std::lock_guard lock(mutex_);
    for (const auto& sample : batch->samples()) samples_.push_back(sample);
    held_.push_back(std::move(ack));
    if (open_) release_locked({});
    changed_.notify_all();
    return {};
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return good_locked() >= count; });
  }
  bool wait_until(const std::function<bool(const std::vector<model::Sample>&)>& enough) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return enough(samples_); });
  }
  std::vector<model::Sample> samples() const {
    const std::lock_guard lock(mutex_);
    return samples_;
  }
  void release(const Result<>& outcome = {}) {
    const std::lock_guard lock(mutex_);
    release_locked(outcome);
  }
  /// From now on all blocks are durable at once.
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    release_locked({});
  }

 private:
  void release_locked(const Result<>& outcome) {
    for (auto& ack : held_) {
      if (ack.listener) ack.listener->on_durable(ack.cookie, outcome);
    }
    held_.clear();
  }
  std::size_t good_locked() const {
    return static_cast<std::size_t>(std::ranges::count_if(samples_, [](const auto& s) { return s.quality.good(); }));
  }
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<model::Sample> samples_;
  std::vector<model::DurableAck> held_;
  bool open_ = false;
};

class MqttDriverTest : public testing::Test {
 protected:
  MqttDriverTest() {
    map_->revision = 1;
    map_->devices.push_back({.id = {5}, .name = "d", .config = R"({"command_topic":"cmd"})"});
    link_.id = {1};
    link_.tenant = {1};
    link_.config = karez::format(R"({{"host":"127.0.0.1","port":{},"client_id":"test"}})", broker_.port());
  }
  ~MqttDriverTest() override {
    sink_.open();
    hub_.stop();
  }
  void point(std::string address, ValueType type = ValueType::float64) {
    PointMap::Entry entry;
    entry.id = {static_cast<std::uint32_t>(map_->points.size() + 1)};
    entry.address = std::move(address);
    entry.type = type;
    entry.access = model::Access::read_write;
    map_->points.push_back(entry);
  }
  void start() {
    ASSERT_TRUE(hub_.apply(link_, "mqtt", map_));
    ASSERT_TRUE(broker_.wait_for(PacketType::subscribe));
  }
  std::vector<model::Sample> good() const {
    auto samples = sink_.samples();
    std::erase_if(samples, [](const auto& s) { return !s.quality.good(); });
    return samples;
  }

  FakeBroker broker_;
  HeldSink sink_;
  model::BatchPool pool_{16};
  SystemClock clock_;
  std::shared_ptr<PointMap> map_ = std::make_shared<PointMap>();
  LinkConfig link_;
  LinkHub hub_{{}, {&mqtt_driver()}, sink_, pool_, clock_, null_log(), {}};
};

TEST_F(MqttDriverTest, AcknowledgesOnlyWhenTheBlockIsDurable) {
  point("a#/x");
  start();
  broker_.publish("a", R"({"x":1})", 1, 7);
  ASSERT_TRUE(sink_.wait_for(1));
  // a round trip after the message, so that an early PUBACK would have come before the answer
  broker_.publish("a", R"({"x":2})", 0, 0);
  ASSERT_TRUE(sink_.wait_for(2));
  EXPECT_TRUE(broker_.all(PacketType::puback).empty());
  sink_.release();
  ASSERT_TRUE(broker_.wait_for(PacketType::puback));
  EXPECT_EQ(broker_.all(PacketType::puback)[0].id(), 7);
}

TEST_F(MqttDriverTest, AcknowledgesInOrderAlsoWhatNoPointWants) {
  point("a#/x");
  start();
  broker_.publish("a", R"({"x":1})", 1, 3);
  broker_.publish("other", "1", 1, 1);
  broker_.publish("a", R"({"x":2})", 1, 2);
  ASSERT_TRUE(sink_.wait_for(2));
  sink_.open();
  ASSERT_TRUE(broker_.wait_for(PacketType::puback, 3));
  std::vector<int> ids;
  for (const auto& ack : broker_.all(PacketType::puback)) ids.push_back(ack.id());
  EXPECT_EQ(ids, (std::vector{3, 1, 2}));
}

TEST_F(MqttDriverTest, StoresARepeatedMessageOnceWhenTheSessionIsResumed) {
  point("a");
  start();
  broker_.publish("a", "1", 1, 7);
  ASSERT_TRUE(sink_.wait_for(1));
  broker_.answer_connect(true);
  broker_.cut();
  ASSERT_TRUE(broker_.wait_for(PacketType::connect, 2));
  broker_.publish("a", "1", 1, 7, true);
  broker_.publish("a", "2", 1, 8);
  ASSERT_TRUE(sink_.wait_for(2));
  sink_.open();
  ASSERT_TRUE(broker_.wait_for(PacketType::puback, 2));
  EXPECT_EQ(good().size(), 2u);
  EXPECT_EQ(broker_.all(PacketType::subscribe).size(), 2u) << "for the retained messages";
}

TEST_F(MqttDriverTest, BeginsAnewWhenABlockWasNotStored) {
  point("a");
  start();
  broker_.publish("a", "1", 1, 7);
  ASSERT_TRUE(sink_.wait_for(1));
  broker_.answer_connect(true);
  sink_.release(fail(Errc::exhausted, "test.disk_full"));
  ASSERT_TRUE(broker_.wait_for(PacketType::connect, 2));
  EXPECT_TRUE(broker_.all(PacketType::puback).empty());
  sink_.open();
  broker_.publish("a", "1", 1, 7, true);
  ASSERT_TRUE(broker_.wait_for(PacketType::puback));
  EXPECT_EQ(good().size(), 2u);  // taken again, since the first was lost
}

TEST_F(MqttDriverTest, TakesQos2InFourSteps) {
  link_.config = karez::format(R"({{"host":"127.0.0.1","port":{},"qos":2}})", broker_.port());
  point("a");
  start();
  broker_.publish("a", "1", 2, 9);
  ASSERT_TRUE(sink_.wait_for(1));
  sink_.open();
  ASSERT_TRUE(broker_.wait_for(PacketType::pubrec));
  broker_.publish("a", "1", 2, 9, true);  // PUBREC got lost
  ASSERT_TRUE(broker_.wait_for(PacketType::pubrec, 2));
  std::vector<std::byte> release;
  encode_ack(release, Version::v5, PacketType::pubrel, 9);
  broker_.send(release);
  ASSERT_TRUE(broker_.wait_for(PacketType::pubcomp));
  EXPECT_EQ(good().size(), 1u);
}

TEST_F(MqttDriverTest, MarksPointsBadOnceOnLossAndGoodFirstAfterGap) {
  sink_.open();
  point("a");
  start();
  broker_.publish("a", "1", 0, 0);
  ASSERT_TRUE(sink_.wait_for(1));
  broker_.cut();
  ASSERT_TRUE(broker_.wait_for(PacketType::subscribe, 2));
  broker_.publish("a", "2", 0, 0);
  ASSERT_TRUE(sink_.wait_for(2));
  const auto samples = sink_.samples();
  ASSERT_EQ(samples.size(), 3u);
  EXPECT_EQ(samples[1].quality, model::quality::kBadNotConnected);
  EXPECT_EQ(samples[2].flags & model::flag::kFirstAfterGap, model::flag::kFirstAfterGap);
  EXPECT_LT(samples[1].time, samples[2].time);
}

TEST_F(MqttDriverTest, TellsTheServerWhichValuesStillHold) {
  std::mutex mutex;
  std::vector<model::PointId> seen;
  LinkHub hub({.seen =
                   [&](std::span<const model::PointId> points, Timestamp) {
                     const std::lock_guard lock(mutex);
                     seen.assign(points.begin(), points.end());
                   }},
              {&mqtt_driver()}, sink_, pool_, clock_, null_log(), {});
  sink_.open();
  point("a");
  point("b");
  map_->points[0].deadband = 1;
  ASSERT_TRUE(hub.apply(link_, "mqtt", map_));
  ASSERT_TRUE(broker_.wait_for(PacketType::subscribe));
  broker_.publish("a", "1", 0, 0);
  broker_.publish("a", "1.5", 0, 0);
  broker_.publish("b", "2", 0, 0);
  ASSERT_TRUE(sink_.wait_for(2));
  hub.stop();
  EXPECT_EQ(seen, std::vector{model::PointId{1}});
}

TEST_F(MqttDriverTest, SubscribesToNewPointsWithoutReconnecting) {
  sink_.open();
  point("a");
  start();
  auto more = std::make_shared<PointMap>(*map_);
  more->revision = 2;
  more->points.push_back(more->points[0]);
  more->points.back().id = {2};
  more->points.back().address = "b";
  ASSERT_TRUE(hub_.apply(link_, "mqtt", more));
  ASSERT_TRUE(broker_.wait_for(PacketType::subscribe, 2));
  broker_.publish("b", "5", 0, 0);
  ASSERT_TRUE(sink_.wait_for(1));
  EXPECT_EQ(good()[0].point.value, 2u);
  EXPECT_EQ(broker_.all(PacketType::connect).size(), 1u);
}

TEST_F(MqttDriverTest, SaysWhyTheBrokerRefusedAndTriesAgain) {
  broker_.answer_connect(false, 0x86);
  point("a");
  ASSERT_TRUE(hub_.apply(link_, "mqtt", map_));
  ASSERT_TRUE(broker_.wait_for(PacketType::connect, 2));
  const auto text = hub_.status(link_.id).stats.last_error;
  EXPECT_TRUE(text.starts_with("mqtt.refused")) << text;
  EXPECT_NE(text.find("password"), std::string::npos) << text;
}

TEST_F(MqttDriverTest, WritesToTheCommandTopic) {
  sink_.open();
  point("a#/x");
  start();
  broker_.publish("a", R"({"x":1})", 0, 0);
  ASSERT_TRUE(sink_.wait_for(1));  // online by now
  const auto results =
      hub_.write(link_.id, {{.entry = 0, .point = {1}, .type = ValueType::float64, .bits = model::bits_of(2.5)}}, 10s);
  ASSERT_TRUE(results.has_value());
  EXPECT_EQ((*results)[0].outcome, WriteResult::Outcome::done);
  const auto sent = broker_.all(PacketType::publish);
  ASSERT_EQ(sent.size(), 1u);
  const auto text = as_text(sent[0].body);
  EXPECT_NE(text.find(R"("topic":"a","pointer":"/x","value":2.5)"), std::string_view::npos) << text;
}

TEST_F(MqttDriverTest, ASparkplugWriteIsDoneWhenTheNodeReportsIt) {
  sink_.open();
  link_.config = karez::format(R"({{"host":"127.0.0.1","port":{},"mode":"sparkplug"}})", broker_.port());
  point("G/N:m");
  start();
  TestPayload birth(1'700'000'000'000, 0);
  birth.metric("bdSeq", {}, SpbType::int64, std::int64_t{1}).metric("m", 5, SpbType::float64, 1.0);
  broker_.publish("spBv1.0/G/NBIRTH/N", as_text(birth.bytes()), 0, 0);
  ASSERT_TRUE(sink_.wait_for(1));
  std::jthread node([&] {  // answers the command, as a node would
    if (!broker_.wait_for(PacketType::publish, 2)) return;  // rebirth request, then the command
    TestPayload data(1'700'000'000'500, 1);
    data.metric("", 5, SpbType::unknown, 2.5);
    broker_.publish("spBv1.0/G/NDATA/N", as_text(data.bytes()), 0, 0);
  });
  const auto results =
      hub_.write(link_.id, {{.entry = 0, .point = {1}, .type = ValueType::float64, .bits = model::bits_of(2.5)}}, 10s);
  ASSERT_TRUE(results.has_value());
  EXPECT_EQ((*results)[0].outcome, WriteResult::Outcome::done);
  EXPECT_EQ((*results)[0].read_back, "2.5");
}

TEST_F(MqttDriverTest, SkipsAMessageLargerThanItTakesAndAcknowledgesIt) {
  sink_.open();
  broker_.speak(Version::v311);
  link_.config =
      karez::format(R"({{"host":"127.0.0.1","port":{},"version":"3.1.1","max_packet_bytes":1024}})", broker_.port());
  point("a");
  start();
  broker_.publish("a", std::string(100'000, '1'), 1, 7);
  broker_.publish("a", "2", 1, 8);
  ASSERT_TRUE(broker_.wait_for(PacketType::puback, 2));
  EXPECT_EQ(broker_.all(PacketType::puback)[0].id(), 7);
  EXPECT_EQ(broker_.all(PacketType::connect).size(), 1u);
  const auto samples = sink_.samples();
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0].quality, kBadDecoding);
  EXPECT_TRUE(samples[1].quality.good());
  EXPECT_EQ(hub_.status(link_.id).stats.exceptions, 1u);
}

TEST_F(MqttDriverTest, RefusesAPayloadThatIsNotTheUtf8ItSaysAndGoesOn) {
  sink_.open();
  point("a");
  start();
  std::vector<std::byte> bytes;
  for (const int b : {0x32, 9, 0, 1, 0x61, 0, 7, 2, 1, 1, 0xff}) bytes.push_back(static_cast<std::byte>(b));
  broker_.send(bytes);
  broker_.publish("a", "2", 1, 8);
  ASSERT_TRUE(broker_.wait_for(PacketType::puback, 2));
  const auto refused = broker_.all(PacketType::puback)[0];
  EXPECT_EQ(refused.id(), 7);
  ASSERT_GE(refused.body.size(), 3u);
  EXPECT_EQ(refused.body[2], std::byte{0x99});
  EXPECT_EQ(broker_.all(PacketType::connect).size(), 1u);
}

TEST_F(MqttDriverTest, ReadsNoFurtherWhenTooManyWaitWhereTheBrokerKnowsNoLimit) {
  broker_.speak(Version::v311);
  link_.config =
      karez::format(R"({{"host":"127.0.0.1","port":{},"version":"3.1.1","receive_maximum":2}})", broker_.port());
  point("a");
  start();
  for (std::uint16_t id = 1; id <= 7; ++id) broker_.publish("a", std::to_string(id), 1, id);
  ASSERT_TRUE(sink_.wait_for(2));
  sink_.open();
  ASSERT_TRUE(broker_.wait_for(PacketType::puback, 7));
  EXPECT_EQ(good().size(), 7u);
  EXPECT_EQ(broker_.all(PacketType::connect).size(), 1u);
}

TEST_F(MqttDriverTest, ALinkThatWorkedForAWhileIsRenewedSoonHoweverOftenItBreaks) {
  ManualClock clock;
  LinkHub hub({}, {&mqtt_driver()}, sink_, pool_, clock, null_log(), {});
  sink_.open();
  point("a");
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_TRUE(hub.apply(link_, "mqtt", map_));
  for (std::size_t i = 1; i <= 6; ++i) {
    ASSERT_TRUE(broker_.wait_for(PacketType::subscribe, i));
    broker_.publish("a", std::to_string(i), 0, 0);
    ASSERT_TRUE(sink_.wait_for(i));
    clock.advance(31s);
    broker_.cut();
  }
  ASSERT_TRUE(broker_.wait_for(PacketType::connect, 7));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 4s) << "half a second at most each";
  hub.stop();
}

TEST_F(MqttDriverTest, AStopDuringASparkplugWriteAfterABirthIsHarmless) {
  sink_.open();
  link_.config = karez::format(R"({{"host":"127.0.0.1","port":{},"mode":"sparkplug"}})", broker_.port());
  point("G/N:m");
  start();
  TestPayload birth(1'700'000'000'000, 0), empty(1'700'000'000'100, 0);
  birth.metric("bdSeq", {}, SpbType::int64, std::int64_t{1}).metric("m", 5, SpbType::float64, 1.0);
  empty.metric("bdSeq", {}, SpbType::int64, std::int64_t{1});
  broker_.publish("spBv1.0/G/NBIRTH/N", as_text(birth.bytes()), 0, 0);
  ASSERT_TRUE(sink_.wait_for(1));
  std::jthread stopper([&] {  // the metric goes while the write waits for its report
    if (!broker_.wait_for(PacketType::publish, 2)) return;
    broker_.publish("spBv1.0/G/NBIRTH/N", as_text(empty.bytes()), 0, 0);
    (void)sink_.wait_until([](const auto& samples) { return samples.back().quality.bad(); });
    hub_.remove(link_.id);
  });
  const auto results =
      hub_.write(link_.id, {{.entry = 0, .point = {1}, .type = ValueType::float64, .bits = model::bits_of(2.5)}}, 10s);
  if (results) {
    EXPECT_EQ((*results)[0].outcome, WriteResult::Outcome::unknown);
  }
}

TEST_F(MqttDriverTest, EndsTheConnectionOnGarbageAndComesBack) {
  sink_.open();
  point("a");
  start();
  broker_.send({std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}});
  ASSERT_TRUE(broker_.wait_for(PacketType::subscribe, 2));
  EXPECT_GE(hub_.status(link_.id).stats.framing_errors, 1u);
}

TEST_F(MqttDriverTest, TestsALinkStepByStep) {
  point("a#/x");
  std::jthread publisher([&] {
    if (broker_.wait_for(PacketType::subscribe)) broker_.publish("a", R"({"x":4})", 0, 0);
  });
  const auto report = hub_.test("mqtt", link_, map_, 10s);
  ASSERT_TRUE(report.has_value());
  std::vector<std::string> names;
  for (const auto& step : report->steps) names.push_back(step.name);
  EXPECT_EQ(names, (std::vector<std::string>{"resolve", "connect", "handshake", "subscribe", "read"}));
  EXPECT_TRUE(report->ok());
  ASSERT_EQ(report->values.size(), 1u);
  EXPECT_EQ(report->values[0].text, "4");
}

TEST_F(MqttDriverTest, ATestSaysWhichStepFailed) {
  broker_.answer_connect(false, 0x87);
  const auto report = hub_.test("mqtt", link_, map_, 10s);
  ASSERT_TRUE(report.has_value());
  ASSERT_EQ(report->steps.back().name, "handshake");
  EXPECT_FALSE(report->ok());
  EXPECT_FALSE(report->steps.back().error->cure_text().empty());
}

TEST_F(MqttDriverTest, BrowsesTopicsAndTheirLeaves) {
  std::jthread publisher([&] {
    if (!broker_.wait_for(PacketType::subscribe)) return;
    broker_.publish("plant/press", R"({"t":21.5,"n":{"a/b":true}})", 0, 0);
    broker_.publish("plain", "7", 0, 0);
  });
  // listens until half a second before the time is up
  const auto root = hub_.browse("mqtt", link_, {}, 1500ms);
  ASSERT_TRUE(root.has_value()) << root.error().message();
  ASSERT_EQ(root->nodes.size(), 2u);
  EXPECT_EQ(root->nodes[0].address, "plain");
  EXPECT_EQ(root->nodes[0].value, "7");
  EXPECT_TRUE(root->nodes[1].has_children);
}

TEST_F(MqttDriverTest, BrowsesSparkplugNodesDownToTheirMetrics) {
  link_.config = karez::format(R"({{"host":"127.0.0.1","port":{},"mode":"sparkplug"}})", broker_.port());
  std::jthread node([&] {
    if (!broker_.wait_for(PacketType::subscribe)) return;
    broker_.publish("spBv1.0/G:1/NDATA/N", as_text(TestPayload(1'700'000'000'000, 4).bytes()), 0, 0);
    if (!broker_.wait_for(PacketType::publish)) return;  // asked for its birth
    TestPayload birth(1'700'000'000'000, 0), device(1'700'000'000'000, 1);
    birth.metric("bdSeq", {}, SpbType::int64, std::int64_t{1});
    device.metric("T/in", 1, SpbType::float64, 20.5);
    broker_.publish("spBv1.0/G:1/NBIRTH/N", as_text(birth.bytes()), 0, 0);
    broker_.publish("spBv1.0/G:1/DBIRTH/N/D", as_text(device.bytes()), 0, 0);
  });
  net::Loop loop("browser");
  net::TaskScope scope(loop);
  const auto driver = mqtt_driver().create(loop, clock_, null_log());
  const auto browse = [&](std::string of) {
    return net::run_blocking<BrowsePage>(
        scope, [&](std::stop_token) { return driver->browse(link_, {.node = of}, net::Deadline::after(10s)); });
  };
  const auto groups = browse("");
  ASSERT_TRUE(groups.has_value()) << groups.error().message();
  ASSERT_EQ(groups->nodes.size(), 1u);
  EXPECT_EQ(groups->nodes[0].name, "G:1");
  const auto nodes = browse(groups->nodes[0].id);  // from what was heard, without listening again
  ASSERT_TRUE(nodes.has_value());
  EXPECT_EQ(nodes->nodes[0].id, "G%3A1/N");
  const auto devices = browse("G%3A1/N");
  ASSERT_EQ(devices->nodes.size(), 1u);
  const auto metrics = browse(devices->nodes[0].id);
  ASSERT_EQ(metrics->nodes.size(), 1u);
  EXPECT_EQ(metrics->nodes[0].address, "G%3A1/N/D:T/in");
  EXPECT_EQ(metrics->nodes[0].value, "20.5");
  EXPECT_EQ(metrics->nodes[0].native_type, "Double");
  EXPECT_EQ(browse("nowhere").error().slug(), "browse.unknown_node");
}

TEST(MqttSchemas, AreJson) {
  const auto& info = mqtt_driver();
  for (const auto* schema : {info.link_schema, info.device_schema, info.address_schema}) {
    const auto document = JsonDocument::parse(schema);
    ASSERT_TRUE(document.has_value()) << document.error().message();
  }
  const auto address = JsonDocument::parse(info.address_schema);
  net::Loop loop("test");
  SystemClock clock;
  Log& log = null_log();
  const auto driver = info.create(loop, clock, log);
  for (const auto& example : (*address)["examples"].elements()) {
    const auto parsed = driver->validate(*example.string());
    ASSERT_TRUE(parsed.has_value()) << *example.string();
    EXPECT_EQ(parsed->canonical, *example.string());
  }
}

}  // namespace
}  // namespace mqtt
}  // namespace karez::connect
