// SPDX-License-Identifier: Apache-2.0
#include "connect/link_hub.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "connect/batch_writer.h"
#include "connect/collecting_sink.h"

namespace karez::connect {
namespace {

using namespace std::chrono_literals;
using net::Task;

// Emits the number of its runs once per new point map, and does what its configuration says.
class FakeDriver final : public Driver {
 public:
  FakeDriver(net::Loop& loop, Clock&, Log&) : loop_(loop) {}
  Result<Address> validate(std::string_view address) const override {
    if (address == "bad") return fail(Error(Errc::invalid_argument, "fake.address").at("/1"));
    return Address{std::string(address)};
  }
  Task<Result<TestReport>> test(LinkConfig, std::shared_ptr<const PointMap>, net::Deadline) override {
    TestReport report;
    report.steps.push_back({.name = "connect", .ok = true});
    co_return report;
  }
  Task<Result<BrowsePage>> browse(LinkConfig, BrowseRequest, net::Deadline) override {
    co_return fail(Errc::unsupported, "connect.unsupported");
  }
  Task<Result<>> run(LinkConfig link, DriverContext& context, std::stop_token stop) override {
    if (link.config == "broken") co_return fail(Errc::protocol, "fake.broken");
    context.observer.link_state(LinkState::online, nullptr);
    if (link.config == "flaky") {
      const Error lost = Error(Errc::unavailable, "fake.lost").with("plc:502").cure("Check the cable.");
      context.observer.link_state(LinkState::offline, &lost);
      context.observer.link_state(LinkState::connecting, nullptr);
      context.observer.link_state(LinkState::backoff, &lost);
      while (!stop.stop_requested()) (void)co_await loop_.sleep(1ms, stop);
      co_return {};
    }
    BatchWriter writer(context, link.tenant, counters_);
    std::uint64_t seen = 0;
    const auto run_number = static_cast<double>(++runs);
    while (!stop.stop_requested()) {
      const auto map = context.points();
      if (map->revision != seen) {
        seen = map->revision;
        const model::Sample sample{
            context.clock.now(), model::bits_of(run_number), map->points[0].id, {}, model::ValueType::float64};
        KZ_CO_CHECK(co_await writer.put(sample, context.clock.now(), {}, stop));
        KZ_CO_CHECK(co_await writer.flush(stop));
      }
      (void)co_await loop_.sleep(1ms, stop);  // ends early when stopped
    }
    co_return {};
  }
  Task<Result<std::vector<WriteResult>>> write(std::vector<Write> writes, net::Deadline) override {
    std::vector<WriteResult> results(writes.size());
    for (auto& result : results) result.outcome = WriteResult::Outcome::done;
    co_return results;
  }
  LinkStats stats() const override { return counters_.snapshot(); }

  static inline std::atomic<int> runs = 0;

 private:
  net::Loop& loop_;
  LinkCounters counters_;
};

constexpr DriverInfo kFake{"fake",
                           "Fake",
                           "假",
                           false,
                           true,
                           false,
                           "{}",
                           "{}",
                           "{}",
                           [](net::Loop& loop, Clock& clock, Log& log) -> std::unique_ptr<Driver> {
                             return std::make_unique<FakeDriver>(loop, clock, log);
                           }};

std::shared_ptr<PointMap> map_with(std::uint64_t revision) {
  auto map = std::make_shared<PointMap>();
  map->revision = revision;
  map->devices.push_back({.id = {5}});
  map->points.push_back({.id = {9}});
  return map;
}

struct Hub : testing::Test {
  CollectingSink sink;
  model::BatchPool pool{8};
  SystemClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> events;
  LinkHub hub{
      {},
      {&kFake},
      sink,
      pool,
      clock,
      null_log(),
      [this](model::TenantId, model::LinkId of, model::DeviceId, LinkState state, std::string slug, std::string) {
        const std::lock_guard lock(mutex);
        events.push_back(karez::format("{} {} {}", to_string(of), to_string(state), slug));
        changed.notify_all();
      }};
  LinkConfig link{.id = {1}, .tenant = {1}, .name = "line", .config = "{}"};
  bool wait_samples(std::size_t n) {
    return sink.wait([&](const auto& kept) { return kept.size() >= n; });
  }
};

TEST_F(Hub, ANewMapReachesTheRunningDriverANewConfigurationRestartsIt) {
  FakeDriver::runs = 0;
  ASSERT_TRUE(hub.apply(link, "fake", map_with(1)));
  ASSERT_TRUE(wait_samples(1));
  ASSERT_TRUE(hub.apply(link, "fake", map_with(2)));
  ASSERT_TRUE(wait_samples(2));
  EXPECT_EQ(FakeDriver::runs, 1);
  link.config = "{\"a\":1}";
  ASSERT_TRUE(hub.apply(link, "fake", map_with(2)));
  ASSERT_TRUE(wait_samples(3));
  EXPECT_EQ(FakeDriver::runs, 2);
  hub.remove(link.id);
  const auto kept = sink.kept();
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i].seq, i + 1) << "counts on over restarts";
  EXPECT_EQ(kept.front().source, kept.back().source);
  EXPECT_EQ(hub.status(link.id).state, LinkState::disabled);
}

TEST_F(Hub, TellsWhyALinkEndedAndStartsItAgainOnApply) {
  link.config = "broken";
  ASSERT_TRUE(hub.apply(link, "fake", map_with(1)));
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, 20s, [&] { return events.size() >= 2; }));
  }
  hub.stop();
  EXPECT_EQ(events[0], "l1 connecting ");
  EXPECT_EQ(events[1], "l1 offline fake.broken");
}

TEST_F(Hub, ALossKeepsItsTimeWhileItIsTriedAgainAndItsReasonHoldsNoAdvice) {
  ManualClock ticking;
  Timestamp lost_at{};
  bool waits = false;
  const auto listener = [&](model::TenantId, model::LinkId, model::DeviceId, LinkState state, std::string,
                            std::string) {
    const std::lock_guard lock(mutex);
    if (state == LinkState::offline) lost_at = ticking.now();
    if (state == LinkState::backoff) waits = true;
    ticking.advance(1s);
    changed.notify_all();
  };
  LinkHub flaky({}, {&kFake}, sink, pool, ticking, null_log(), listener);
  link.config = "flaky";
  ASSERT_TRUE(flaky.apply(link, "fake", map_with(1)));
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, 20s, [&] { return waits; }));
  }
  const LinkStatus status = flaky.status(link.id);
  EXPECT_EQ(status.state, LinkState::backoff);
  EXPECT_EQ(status.since, lost_at);
  EXPECT_EQ(status.reason_slug, "fake.lost");
  EXPECT_EQ(status.reason_text, "plc:502");
  flaky.stop();
}

TEST_F(Hub, AnswersTestsValidationAndWrites) {
  EXPECT_EQ(hub.apply(link, "none", map_with(1)).error().slug(), "connect.unknown_driver");
  EXPECT_TRUE(hub.test("fake", link, map_with(1), 1s)->ok());
  EXPECT_EQ(hub.validate("fake", "bad").error().pointer(), "/1");
  EXPECT_EQ(hub.browse("fake", link, {}, 1s).error().slug(), "connect.unsupported");
  EXPECT_EQ(hub.write(link.id, {{}}, 1s).error().slug(), "connect.not_running");
  ASSERT_TRUE(hub.apply(link, "fake", map_with(1)));
  ASSERT_TRUE(wait_samples(1));
  const auto written = hub.write(link.id, {{}, {}}, 1s);
  ASSERT_TRUE(written);
  EXPECT_EQ(written->size(), 2u);
}

TEST_F(Hub, BackPressureDelaysAndCountsButLosesNothing) {
  sink.refuse(3);
  ASSERT_TRUE(hub.apply(link, "fake", map_with(1)));
  ASSERT_TRUE(wait_samples(1));
  EXPECT_EQ(hub.status(link.id).stats.overruns, 1u);
  EXPECT_EQ(hub.status(link.id).stats.lost, 0u);
}

TEST_F(Hub, AnEmptyPoolMakesTheDriverWait) {
  std::vector<model::BatchRef> taken;
  while (pool.free_blocks() > 0) taken.push_back(pool.acquire());
  ASSERT_TRUE(hub.apply(link, "fake", map_with(1)));
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (hub.status(link.id).stats.overruns == 0 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(hub.status(link.id).stats.overruns, 1u);
  EXPECT_TRUE(sink.kept().empty());
  taken.clear();
  EXPECT_TRUE(wait_samples(1));
}

TEST(BatchWriter, ABlockSpansAtMostAHundredMillisecondsOfArrival) {
  CollectingSink sink;
  model::BatchPool pool(4);
  ManualClock clock;
  net::Loop loop("test");
  LinkCounters counters;
  struct Nobody final : LinkObserver {
    void link_state(LinkState, const Error*) override {}
    void device_state(model::DeviceId, LinkState, const Error*) override {}
  } nobody;
  std::uint64_t seq = 1;
  DriverContext context{sink, pool, nobody, loop, clock, null_log(), {1}, seq, {}};
  {
    BatchWriter writer(context, {1}, counters);
    const model::Sample sample{clock.now(), 0, {1}, {}, model::ValueType::float64};
    EXPECT_TRUE(writer.add(sample, clock.now()));
    clock.advance(99ms);
    EXPECT_TRUE(writer.add(sample, clock.now()));
    EXPECT_FALSE(writer.due(clock.now()));
    clock.advance(1ms);
    EXPECT_TRUE(writer.due(clock.now()));
    EXPECT_FALSE(writer.add(sample, clock.now()));
    EXPECT_EQ(writer.pending(), 2u);
  }
  EXPECT_EQ(counters.lost.value(), 2u) << "what could not be handed over is counted";
}

}  // namespace
}  // namespace karez::connect
