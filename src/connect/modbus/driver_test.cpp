// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/format.h"
#include "connect/collecting_sink.h"
#include "connect/link_hub.h"
#include "connect/modbus/fake_device.h"

namespace karez::connect {

const DriverInfo& modbus_driver();

namespace modbus {
namespace {

using namespace std::chrono_literals;
using Kept = std::vector<CollectingSink::Kept>;

struct ModbusDriver : testing::Test {
  FakeDevice device;
  CollectingSink sink;
  model::BatchPool pool{16};
  SystemClock clock;
  LinkHub hub{{}, {&modbus_driver()}, sink, pool, clock, null_log(), {}};
  std::shared_ptr<PointMap> map = std::make_shared<PointMap>();
  LinkConfig link{.id = {1}, .tenant = {1}, .name = "test"};

  ModbusDriver() {
    map->revision = 1;
    map->devices.push_back({.id = {1}, .name = "one", .config = R"({"unit":1})"});
  }
  PointMap::Entry& add(const char* address, model::ValueType type = model::ValueType::int64, Duration period = 20ms) {
    PointMap::Entry entry;
    entry.id = {static_cast<std::uint32_t>(map->points.size() + 1)};
    entry.address = address;
    entry.type = type;
    entry.period = period;
    entry.access = model::Access::read_write;
    return map->points.emplace_back(std::move(entry));
  }
  void start(std::uint16_t port, const char* more = "") {
    link.config =
        karez::format(R"({{"host":"127.0.0.1","port":{},"timeout_ms":100,"reconnect_max_s":1{}}})", port, more);
    ASSERT_TRUE(hub.apply(link, "modbus", map));
  }
  void start() { start(device.port()); }
  static std::size_t count(const Kept& kept, std::uint32_t point, auto&& fits) {
    return static_cast<std::size_t>(
        std::ranges::count_if(kept, [&](const auto& k) { return k.sample.point.value == point && fits(k.sample); }));
  }
  bool wait_value(std::uint32_t point, std::int64_t value) {
    return sink.wait([&](const Kept& kept) {
      return count(kept, point, [&](const model::Sample& s) {
               return s.quality.good() && model::numeric(s.type, s.bits) == static_cast<double>(value);
             }) > 0;
    });
  }
  static bool gap(const model::Sample& s) { return (s.flags & model::flag::kGap) != 0; }
  static bool after_gap(const model::Sample& s) { return (s.flags & model::flag::kFirstAfterGap) != 0; }
  std::vector<WriteResult> write(std::size_t entry, double value) {
    Write one;
    one.entry = entry;
    one.point = map->points[entry].id;
    one.type = model::ValueType::float64;
    one.bits = model::bits_of(value);
    auto results = hub.write(link.id, {one}, 2s);
    EXPECT_TRUE(results) << results.error().message();
    return results ? *results : std::vector<WriteResult>(1);
  }
};

TEST_F(ModbusDriver, PollsScalesAndStampsEachPollOnce) {
  device.set(0, 250);
  device.set(5, 1);
  add("hr:40001", model::ValueType::float64).scale = 0.1;
  add("co:#5", model::ValueType::boolean);
  start();
  ASSERT_TRUE(sink.wait([&](const Kept& k) { return k.size() > 20; }));
  hub.stop();
  const auto kept = sink.kept();
  std::map<std::uint32_t, Timestamp> last;
  for (const auto& k : kept) {
    EXPECT_TRUE(k.sample.quality.good());
    EXPECT_GT(k.sample.time, std::exchange(last[k.sample.point.value], k.sample.time));
    EXPECT_DOUBLE_EQ(model::numeric(k.sample.type, k.sample.bits), k.sample.point.value == 1 ? 25.0 : 1.0);
  }
  EXPECT_EQ(count(kept, 1, after_gap), 1u) << "only the first after the start";
}

TEST_F(ModbusDriver, SaysLossOnceAndRecoveryOnce) {
  device.set(0, 7);
  add("hr:40001");
  add("hr:40100");
  start();
  ASSERT_TRUE(wait_value(1, 7));
  device.go_down();
  ASSERT_TRUE(sink.wait([&](const Kept& k) { return count(k, 1, gap) > 0 && count(k, 2, gap) > 0; }));
  device.set(0, 8);
  device.come_back();
  ASSERT_TRUE(wait_value(1, 8));
  hub.stop();
  const auto kept = sink.kept();
  for (const std::uint32_t point : {1u, 2u}) {
    EXPECT_EQ(count(kept, point, gap), 1u);
    EXPECT_EQ(count(kept, point, after_gap), 2u) << "the start and the recovery";
  }
  EXPECT_EQ(count(kept, 1, [](const auto& s) { return s.quality == model::quality::kBadNotConnected; }), 1u);
}

TEST_F(ModbusDriver, RenewsAConnectionThatTheDeviceClosedWithoutAGap) {
  device.set(0, 7);
  add("hr:40001");
  start();
  ASSERT_TRUE(wait_value(1, 7));
  device.go_down();
  device.come_back();
  device.set(0, 8);
  ASSERT_TRUE(wait_value(1, 8));
  EXPECT_LE(count(sink.kept(), 1, gap), 1u);  // none unless the device was down when it was asked
}

TEST_F(ModbusDriver, LearnsWhichRegistersTheDeviceRefuses) {
  for (std::uint16_t i = 0; i < 8; ++i) device.set(i, static_cast<std::uint16_t>(100 + i));
  device.forbid(3);
  for (const char* address : {"hr:0", "hr:1", "hr:2", "hr:3", "hr:4", "hr:7"}) add(address);
  start();
  ASSERT_TRUE(wait_value(1, 100));
  ASSERT_TRUE(wait_value(6, 107));
  ASSERT_TRUE(
      sink.wait([&](const Kept& k) { return count(k, 4, gap) > 0 && count(k, 1, [](auto&) { return true; }) > 5; }));
  hub.stop();
  const auto kept = sink.kept();
  EXPECT_EQ(count(kept, 4, [](const auto& s) { return s.quality == model::quality::kBadNodeUnknown; }), 1u);
  for (const std::uint32_t point : {1u, 2u, 3u, 5u, 6u}) EXPECT_EQ(count(kept, point, gap), 0u);
}

TEST_F(ModbusDriver, ADeadUnitDoesNotTakeTheOthersAlong) {
  device.set(0, 5);
  map->devices.push_back({.id = {2}, .name = "dead", .config = R"({"unit":2})"});
  add("hr:0");
  add("hr:0").device = 1;
  device.muted_unit = 2;
  start();
  ASSERT_TRUE(sink.wait([&](const Kept& k) { return count(k, 2, gap) == 1; }));
  const std::size_t before = count(sink.kept(), 1, [](auto&) { return true; });
  ASSERT_TRUE(sink.wait([&](const Kept& k) { return count(k, 1, [](auto&) { return true; }) > before + 20; }));
  const LinkStatus status = hub.status(link.id);
  EXPECT_EQ(status.state, LinkState::degraded);
  ASSERT_EQ(status.devices.size(), 2u);
  EXPECT_EQ(status.devices[0].state, LinkState::online);
  EXPECT_EQ(status.devices[1].state, LinkState::offline);
  EXPECT_EQ(status.devices[1].reason_slug, "modbus.unit_silent");
  EXPECT_EQ(status.stats.breaker_openings, 1u);
  EXPECT_EQ(count(sink.kept(), 2, [](const auto& s) { return s.quality == model::quality::kBadTimeout; }), 1u);
}

TEST_F(ModbusDriver, AHungDeviceIsNoticedAndRecovers) {
  device.set(0, 5);
  add("hr:0");
  start();
  ASSERT_TRUE(wait_value(1, 5));
  device.mute_all = true;
  ASSERT_TRUE(sink.wait([&](const Kept& k) { return count(k, 1, gap) == 1; }));
  device.set(0, 6);
  device.mute_all = false;
  ASSERT_TRUE(wait_value(1, 6));
  EXPECT_EQ(count(sink.kept(), 1, after_gap), 2u);
}

TEST_F(ModbusDriver, ALateAnswerIsNeverTakenForANewerOne) {
  device.set(0, 1);
  add("hr:0");
  add("hr:100", model::ValueType::int64, 25ms);
  device.set(100, 2);
  start();
  ASSERT_TRUE(wait_value(1, 1));
  device.delay_next_ms = 150;
  for (int i = 0; i < 400 && hub.status(link.id).stats.late_dropped == 0; ++i) {
    const std::size_t n = sink.kept().size();
    (void)sink.wait([&](const Kept& k) { return k.size() > n; });
  }
  EXPECT_GE(hub.status(link.id).stats.late_dropped, 1u);
  hub.stop();
  for (const auto& k : sink.kept()) {
    if (k.sample.quality.good()) {
      EXPECT_EQ(k.sample.bits, k.sample.point.value);
    }
  }
}

TEST_F(ModbusDriver, GarbageNeverBecomesAValue) {
  device.set(0, 5);
  add("hr:0");
  start();
  ASSERT_TRUE(wait_value(1, 5));
  device.garbage = true;
  ASSERT_TRUE(sink.wait([&](const Kept& k) { return count(k, 1, gap) == 1; }));
  device.garbage = false;
  device.set(0, 6);
  ASSERT_TRUE(wait_value(1, 6));
  for (const auto& k : sink.kept()) {
    if (k.sample.quality.good()) {
      EXPECT_TRUE(k.sample.bits == 5 || k.sample.bits == 6);
    }
  }
}

TEST_F(ModbusDriver, WritesAndReadsBack) {
  add("hr:0").scale = 0.5;
  add("hr:10:f32:cdab", model::ValueType::float64);
  add("hr:20.4", model::ValueType::boolean);
  add("co:30", model::ValueType::boolean);
  add("ir:40");
  device.set(20, 0x0101);
  start();
  ASSERT_TRUE(wait_value(1, 0));
  EXPECT_EQ(write(0, 21)[0].read_back, "42");
  EXPECT_EQ(device.get(0), 42);
  EXPECT_EQ(write(1, 1234.5)[0].read_back, "1234.5");
  EXPECT_EQ(device.get(10), 0x5000);
  EXPECT_EQ(write(2, 1)[0].outcome, WriteResult::Outcome::done);
  EXPECT_EQ(device.get(20), 0x0111);
  EXPECT_EQ(write(3, 1)[0].read_back, "true");
  const auto high = write(0, 70000);
  EXPECT_EQ(high[0].outcome, WriteResult::Outcome::refused);
  EXPECT_EQ(high[0].error->slug(), "modbus.out_of_range");
  EXPECT_EQ(write(4, 1)[0].error->slug(), "modbus.read_only");
  EXPECT_EQ(device.writes, 4);
}

TEST_F(ModbusDriver, AWriteWithoutAnswerIsUnknownAndNotRepeated) {
  add("hr:0");
  start();
  ASSERT_TRUE(wait_value(1, 0));
  device.mute_writes = true;
  const auto results = write(0, 9);
  EXPECT_EQ(results[0].outcome, WriteResult::Outcome::unknown);
  EXPECT_EQ(results[0].read_back, "9") << "reading back tells what became of it";
  EXPECT_EQ(device.writes, 1);
  device.forbid(0);
  device.mute_writes = false;
  EXPECT_EQ(write(0, 9)[0].outcome, WriteResult::Outcome::failed);
}

TEST_F(ModbusDriver, AWriteThatTheDeviceMayHaveDoneIsUnknown) {
  add("hr:0");
  start();
  ASSERT_TRUE(wait_value(1, 0));
  int value = 10;
  for (const int code : {4, 5, 11}) {
    device.write_exception = code;
    const auto result = write(0, ++value)[0];
    EXPECT_EQ(result.outcome, WriteResult::Outcome::unknown) << code;
    EXPECT_EQ(result.read_back, std::to_string(value));
  }
  for (const int code : {1, 2, 3, 6}) {
    device.write_exception = code;
    EXPECT_EQ(write(0, 9)[0].outcome, WriteResult::Outcome::failed) << code;
  }
  device.write_exception = 0;
  device.wrong_echo = true;
  EXPECT_EQ(write(0, 99)[0].outcome, WriteResult::Outcome::unknown);
  EXPECT_EQ(device.get(0), 99);
}

TEST_F(ModbusDriver, ARequestThatMakesTheDeviceHangUpDoesNotStarveTheOthers) {
  device.set(0, 5);
  device.set(100, 6);
  device.set(101, 7);
  device.set(300, 8);
  device.hang_up_at = 101;
  for (const char* address : {"hr:0", "hr:100", "hr:101", "hr:300"}) add(address);
  start();
  ASSERT_TRUE(wait_value(4, 8)) << "it is asked after the one that makes the device hang up";
  ASSERT_TRUE(wait_value(2, 6)) << "and what was asked together with the bad one too";
  ASSERT_TRUE(sink.wait([&](const Kept& k) {
    return count(k, 3, [](const auto& s) { return s.quality == model::quality::kBadCommunication; }) > 0;
  }));
  const int connections = device.connections;
  const std::size_t before = count(sink.kept(), 4, [](auto&) { return true; });
  ASSERT_TRUE(sink.wait([&](const Kept& k) { return count(k, 4, [](auto&) { return true; }) > before + 20; }));
  EXPECT_LE(device.connections, connections + 1) << "it is left alone for a minute";
  EXPECT_NE(hub.status(link.id).stats.last_error.find("ends the connection"), std::string::npos);
  EXPECT_EQ(count(sink.kept(), 1, gap), 0u);
}

TEST_F(ModbusDriver, AFirstRequestThatMakesTheDeviceHangUpDoesNotStarveTheOthersEither) {
  device.hang_up_at = 0;
  device.set(100, 6);
  add("hr:0");
  add("hr:100");
  start();
  ASSERT_TRUE(wait_value(2, 6));
  ASSERT_TRUE(sink.wait([&](const Kept& k) { return count(k, 1, gap) > 0; }));
  EXPECT_EQ(count(sink.kept(), 1, [](const auto& s) { return s.quality.good(); }), 0u);
}

TEST_F(ModbusDriver, AGroupSlowerThanTheDevicesPatienceIsAskedAgainAtOnce) {
  device.idle_ms = 40;
  add("hr:0", model::ValueType::int64, 150ms);
  start();
  ASSERT_TRUE(sink.wait([&](const Kept& k) { return k.size() > 5; }));
  EXPECT_EQ(count(sink.kept(), 1, gap), 0u) << "each turn found the connection closed";
}

TEST_F(ModbusDriver, ANewMapLeavesOtherPointsAlone) {
  device.set(0, 5);
  device.set(1, 6);
  add("hr:0");
  start();
  ASSERT_TRUE(wait_value(1, 5));
  map = std::make_shared<PointMap>(*map);
  map->revision = 2;
  add("hr:1");
  add("nonsense");
  ASSERT_TRUE(hub.apply(link, "modbus", map));
  ASSERT_TRUE(wait_value(2, 6));
  hub.stop();
  const auto kept = sink.kept();
  EXPECT_EQ(count(kept, 1, after_gap), 1u);
  EXPECT_EQ(device.connections, 1);
  EXPECT_EQ(count(kept, 3, [](const auto& s) { return s.quality == model::quality::kBadConfiguration; }), 1u);
}

TEST_F(ModbusDriver, TestTellsWhatIsWrong) {
  add("hr:0");
  device.set(0, 5);
  const auto report = [&](std::uint16_t port) {
    link.config = karez::format(R"({{"host":"127.0.0.1","port":{},"timeout_ms":100}})", port);
    return hub.test("modbus", link, map, 5s).value();
  };
  const TestReport good = report(device.port());
  EXPECT_TRUE(good.ok());
  ASSERT_EQ(good.values.size(), 1u);
  EXPECT_EQ(good.values[0].text, "5");
  device.forbid(0);
  const TestReport refused = report(device.port());
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(refused.steps.back().error->slug(), "modbus.illegal_address");
  ASSERT_TRUE(refused.values[0].error);
  EXPECT_EQ(refused.values[0].error->text(), "the device has no such register (exception 02)");
  EXPECT_EQ(refused.values[0].quality, model::quality::kBadNodeUnknown);
  device.mute_all = true;
  const TestReport silent = report(device.port());
  EXPECT_EQ(silent.steps.back().error->slug(), "modbus.silent");
  const std::uint16_t port = device.port();
  device.go_down();
  const TestReport down = report(port);
  EXPECT_EQ(down.steps.back().name, "connect");
  EXPECT_EQ(down.steps.back().error->slug(), "net.refused");
}

TEST_F(ModbusDriver, ValidatesAddressesOffline) {
  const auto address = hub.validate("modbus", "hr:0:f32");
  EXPECT_EQ(address->canonical, "hr:40001:f32");
  EXPECT_EQ(address->type, model::ValueType::float64);
  EXPECT_TRUE(address->writable);
  EXPECT_EQ(hub.validate("modbus", "hr:0:f33").error().pointer(), "/6");
}

TEST_F(ModbusDriver, SpeaksRtuOverTcp) {
  FakeDevice gateway(Framing::rtu);
  gateway.set(0, 77);
  add("hr:0");
  start(gateway.port(), R"(,"framing":"rtu")");
  ASSERT_TRUE(wait_value(1, 77));
  EXPECT_EQ(write(0, 78)[0].read_back, "78");
}

TEST_F(ModbusDriver, RefusesAConfigurationItDoesNotKnow) {
  link.config = R"({"host":"127.0.0.1","prot":502})";
  ASSERT_TRUE(hub.apply(link, "modbus", map));
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (hub.status(link.id).state != LinkState::offline && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  EXPECT_EQ(hub.status(link.id).reason_slug, "modbus.bad_config");
}

}  // namespace
}  // namespace modbus
}  // namespace karez::connect
