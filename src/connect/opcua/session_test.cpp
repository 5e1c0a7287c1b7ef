// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/session.h"

#include <gtest/gtest.h>

#include <future>

#include "connect/collecting_sink.h"
#include "connect/opcua/fake_server.h"
#include "connect/opcua/probe.h"

namespace karez::connect::opcua {
namespace {

using namespace std::chrono_literals;
using Kept = std::vector<CollectingSink::Kept>;

bool gap(const model::Sample& s) { return (s.flags & model::flag::kGap) != 0; }
bool after_gap(const model::Sample& s) { return (s.flags & model::flag::kFirstAfterGap) != 0; }

struct OpcUaSession : testing::Test, LinkObserver {
  CollectingSink sink;
  model::BatchPool pool{16};
  ManualClock clock;
  net::Loop loop{"test"};
  LinkCounters counters;
  std::uint64_t seq = 1;
  std::mutex mutex;
  std::shared_ptr<const PointMap> map;
  std::vector<model::PointId> seen;
  std::condition_variable told;
  PointMap next{.revision = 0, .tenant = {1}, .devices = {{.id = {1}}}, .points = {}};
  DriverContext context{sink,
                        pool,
                        *this,
                        loop,
                        clock,
                        null_log(),
                        {1},
                        seq,
                        [this] {
                          const std::lock_guard lock(mutex);
                          return map;
                        },
                        [this](std::span<const model::PointId> points, Timestamp) {
                          const std::lock_guard lock(mutex);
                          seen.assign(points.begin(), points.end());
                          told.notify_all();
                        }};
  Guest guest{null_log()};
  std::unique_ptr<Session> session;

  ~OpcUaSession() override {
    on_guest([&] { session.reset(); });
  }
  void link_state(LinkState, const Error*) override {}
  void device_state(model::DeviceId, LinkState, const Error*) override {}

  template <class F>
  std::invoke_result_t<F&> on_guest(F f) {
    std::packaged_task<std::invoke_result_t<F&>()> task(std::move(f));
    auto result = task.get_future();
    KZ_ASSERT(guest.post([&] { task(); }));
    return result.get();
  }
  PointMap::Entry& add(std::uint32_t id, const std::string& name, model::ValueType type = model::ValueType::float64) {
    return next.points.emplace_back(
        PointMap::Entry{.id = {id}, .address = "ns=1;s=" + name, .type = type, .period = 10ms});
  }
  void publish() {
    ++next.revision;
    const std::lock_guard lock(mutex);
    map = std::make_shared<PointMap>(next);
  }
  static Settings settings_of(const FakeServer& server) {
    return {.endpoint = server.endpoint(), .user = {}, .password = {}, .publishing = 10ms, .timeout = 120s};
  }
  void start(const FakeServer& server) {
    publish();
    on_guest([&] { session = std::make_unique<Session>(guest, settings_of(server), context, counters); });
  }
  /// Samples of one point, when there are at least `count`.
  std::vector<model::Sample> wait(std::uint32_t point, std::size_t count) {
    std::vector<model::Sample> found;
    EXPECT_TRUE(sink.wait([&](const Kept& kept) {
      found.clear();
      for (const auto& k : kept)
        if (k.sample.point.value == point) found.push_back(k.sample);
      return found.size() >= count;
    })) << "point "
        << point << " has " << found.size() << " of " << count;
    found.resize(std::max(found.size(), count));
    return found;
  }
  std::vector<model::Sample> samples(std::uint32_t point) { return wait(point, 0); }
  WriteResult write(std::uint32_t point, model::ValueType type, std::uint64_t bits, std::string text = {},
                    Duration patience = 10s) {
    return on_guest([&] {
      return session->write({{.entry = 0, .point = {point}, .type = type, .bits = bits, .text = std::move(text)}},
                            net::Deadline::after(patience));
    })[0];
  }
};

TEST_F(OpcUaSession, StaysBadAfterALossWhenTheSourcesClockIsAheadAndRecoversWithAnUnchangedValue) {
  FakeServer server;
  const Timestamp ahead = clock.now() + 2min;
  server.add("a", 1.5, ahead);
  add(1, "a");
  start(server);
  EXPECT_EQ(wait(1, 1)[0].time, ahead);
  server.stop();
  const model::Sample lost = wait(1, 2)[1];
  EXPECT_EQ(lost.quality, model::quality::kBadNotConnected);
  EXPECT_TRUE(gap(lost));
  EXPECT_GT(lost.time, ahead) << "else the good value would stay the newest";
  server.start();
  server.add("a", 1.5, ahead);
  clock.advance(1s);
  const model::Sample back = wait(1, 3)[2];
  EXPECT_GT(back.time, lost.time) << "else the point would stay bad";
  EXPECT_TRUE(back.quality.good());
  EXPECT_EQ(model::as_double(back.bits), 1.5);
  EXPECT_TRUE(after_gap(back));
  EXPECT_NE(back.flags & model::flag::kSubstituted, 0);
}

TEST_F(OpcUaSession, ConnectsToTheAddressItIsGivenWhateverTheServerCallsItself) {
  std::uint32_t points = 0;
  for (const char* name : {"opc.tcp://no-such-host.invalid:4840/press", "opc.tcp://10.255.255.1:4840"}) {
    FakeServer server({.calls_itself = name});
    server.add("a", 1.5, clock.now());
    for (const char* path : {"", "/other"}) {
      next.points.clear();
      add(++points, "a");
      publish();
      Settings settings = settings_of(server);
      settings.endpoint += path;
      const auto report = on_guest([&] { return Probe(guest, settings).test(*map, net::Deadline::after(10s)); });
      ASSERT_TRUE(report && report->ok()) << name << " by " << settings.endpoint;
      if (*path == '\0') continue;
      on_guest([&] { session = std::make_unique<Session>(guest, settings, context, counters); });
      EXPECT_EQ(model::as_double(wait(points, 1)[0].bits), 1.5) << name << " by " << settings.endpoint;
      on_guest([&] { session.reset(); });
    }
  }
}

TEST_F(OpcUaSession, TakesTheSmallestDateForNone) {
  FakeServer server;
  server.add("a", 1, clock.now());
  add(1, "a");
  start(server);
  wait(1, 1);
  server.set("a", 2.0, &UA_TYPES[UA_TYPES_DOUBLE], 0);
  ASSERT_EQ(server.source_time("a"), 0);
  EXPECT_GT(wait(1, 2)[1].time, clock.now()) << "the server's time";
}

TEST_F(OpcUaSession, AsksForNoMoreItemsInOneCallThanTheServerTakes) {
  for (const bool tells : {true, false}) {
    FakeServer server({.items_per_call = 3, .tells_limit = tells});
    next.points.clear();
    for (std::uint32_t i = 1; i <= 20; ++i) {
      const std::string name = karez::format("n{}", i);
      server.add(name.c_str(), i, clock.now());
      add(i, name);
    }
    start(server);
    for (std::uint32_t i = 1; i <= 20; ++i) EXPECT_EQ(model::as_double(wait(i, 1)[0].bits), i) << tells;
    EXPECT_EQ(counters.samples_bad.value(), 0) << tells;
    on_guest([&] { session.reset(); });
    sink.take();
  }
}

TEST_F(OpcUaSession, TriesRefusedNodesAgain) {
  FakeServer server;
  server.add("there", 1, clock.now());
  add(1, "there");
  add(2, "later");
  start(server);
  EXPECT_EQ(wait(2, 1)[0].quality, model::quality::kBadNodeUnknown);
  server.add("later", 2, clock.now() + 1s);
  clock.advance(11s);
  const auto found = wait(2, 2);
  EXPECT_EQ(model::as_double(found[1].bits), 2);
  EXPECT_TRUE(after_gap(found[1]));
  EXPECT_EQ(samples(1).size(), 1) << "the others are left alone";
}

TEST_F(OpcUaSession, TellsThatPointsThatHoldStillAreAlive) {
  FakeServer server;
  server.add("still", 1, clock.now());
  add(1, "still");
  add(2, "missing");
  start(server);
  wait(1, 1);
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(told.wait_for(lock, 20s, [&] { return !seen.empty(); }));
    EXPECT_EQ(seen, std::vector<model::PointId>{{1}});
  }
  EXPECT_EQ(samples(1).size(), 1) << "not stored again";
}

TEST_F(OpcUaSession, KeepsStateAndValuesOverNewMaps) {
  FakeServer server;
  for (const char* name : {"a", "b", "c", "d"}) server.add(name, 1, clock.now());
  add(1, "a").deadband = 10;
  add(2, "b");
  add(3, "c");
  start(server);
  for (std::uint32_t i : {1u, 2u, 3u}) wait(i, 1);
  server.stop();
  for (std::uint32_t i : {1u, 2u, 3u}) wait(i, 2);
  server.start();
  clock.advance(1s);
  for (const char* name : {"a", "b", "c", "d"}) server.add(name, 1, clock.now());
  for (std::uint32_t i : {1u, 2u, 3u}) EXPECT_TRUE(after_gap(wait(i, 3)[2]));

  // One new at the front, so that all others move; one gone, one elsewhere, one slower.
  next.points.clear();
  add(4, "d");
  add(3, "b");
  add(1, "a").deadband = 10;
  next.points.back().period = 20ms;
  publish();
  EXPECT_EQ(model::as_double(wait(4, 1)[0].bits), 1);
  const Timestamp later = clock.now() + 1s;
  server.set("b", 7, later);
  server.set("c", 8, later);
  server.set("a", 5, later);                  // within the deadband
  server.set("a", 30, later + 1s);
  const auto moved = wait(3, 5);              // the value that "b" has, then the new one
  EXPECT_TRUE(after_gap(moved[3]));
  EXPECT_EQ(model::as_double(moved[4].bits), 7);
  EXPECT_EQ(model::as_double(wait(1, 4)[3].bits), 30);
  EXPECT_FALSE(after_gap(samples(1)[3])) << "an edit is no gap";
  EXPECT_EQ(samples(2).size(), 3) << "not wanted any more";
  EXPECT_EQ(counters.lost.value(), 0);
}

TEST_F(OpcUaSession, HandsOverWhatItHasBeforeItEndsAndCountsTheRestAsLost) {
  FakeServer server;
  server.add("a", 1, clock.now());
  add(1, "a");
  sink.refuse(1'000'000);
  start(server);
  while (counters.samples_good.value() < 1) std::this_thread::yield();
  EXPECT_FALSE(on_guest([&] { return session->finish(); }));
  sink.refuse(0);
  EXPECT_TRUE(on_guest([&] { return session->finish(); }));
  EXPECT_EQ(samples(1).size(), 1);
  EXPECT_EQ(counters.lost.value(), 0);

  sink.refuse(1'000'000);
  on_guest([&] { session = std::make_unique<Session>(guest, settings_of(server), context, counters); });
  while (counters.samples_good.value() < 2) std::this_thread::yield();
  on_guest([&] { session.reset(); });
  EXPECT_EQ(counters.lost.value(), 1);
  EXPECT_EQ(counters.snapshot().state, LinkState::disabled);
}

TEST_F(OpcUaSession, WritesWholeNumbersExactlyAndRefusesWhatDoesNotFit) {
  using enum model::ValueType;
  using enum WriteResult::Outcome;
  FakeServer server;
  server.add("int", UA_Int64{1}, &UA_TYPES[UA_TYPES_INT64], clock.now());
  server.add("float", 1.0f, &UA_TYPES[UA_TYPES_FLOAT], clock.now());
  add(1, "int", int64);
  add(2, "float");
  start(server);
  wait(1, 1);
  wait(2, 1);
  EXPECT_EQ(write(1, int64, 9007199254740993).outcome, done);
  EXPECT_EQ(server.get<UA_Int64>("int"), 9007199254740993);
  const WriteResult large = write(2, float64, model::bits_of(1e300));
  EXPECT_EQ(large.outcome, refused);
  EXPECT_EQ(large.error->slug(), "opcua.out_of_range");
  EXPECT_EQ(write(2, text, 0, "warm").outcome, refused);
  EXPECT_EQ(server.get<UA_Float>("float"), 1.0f);
}

TEST_F(OpcUaSession, KeepsToTheDeadlineWhateverTheLinksTimeout) {
  FakeServer server;
  server.add("a", 1, clock.now());
  add(1, "a");
  start(server);
  wait(1, 1);
  EXPECT_EQ(write(1, model::ValueType::float64, 0, {}, -1s).outcome, WriteResult::Outcome::refused);
  const auto frozen = server.freeze();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(write(1, model::ValueType::float64, 0, {}, 100ms).outcome, WriteResult::Outcome::unknown);
  const auto report =
      on_guest([&] { return Probe(guest, settings_of(server)).test(*map, net::Deadline::after(100ms)); });
  ASSERT_TRUE(report);
  ASSERT_EQ(report->steps.size(), 1);
  EXPECT_EQ(report->steps[0].error->slug(), "opcua.timeout");
  on_guest([&] { session.reset(); });
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
}

}  // namespace
}  // namespace karez::connect::opcua
