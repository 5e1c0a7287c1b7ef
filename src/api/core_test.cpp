// SPDX-License-Identifier: Apache-2.0
#include "api/core.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "stores/open.h"

namespace karez::api {
namespace {

using namespace std::chrono_literals;

/// History that fails when it is told to; the rest of the platform is real.
struct FakeHistory final : historian::TimeSeriesStore {
  int good_pages = 0;
  Result<historian::Ticket> append(unsigned, const model::BatchRef&) override { return historian::Ticket{}; }
  void on_durable(historian::WatermarkListener) override {}
  Result<> wait_durable(historian::Ticket, Duration) override { return {}; }
  Result<historian::RawPage> raw(const historian::RawQuery& query) override {
    if (good_pages-- <= 0) return fail(Errc::unavailable, "store.gone", "The disk is gone.");
    historian::RawPage page;
    page.rows.push_back({.time = query.range.from, .type = model::ValueType::float64});
    page.more = true;
    return page;
  }
  Result<std::vector<historian::BucketSeries>> buckets(const historian::BucketQuery&) override { return gone(); }
  Result<historian::TrendSeries> trend(const historian::TrendQuery&) override { return gone(); }
  Result<std::vector<historian::LastValue>> last(std::span<const model::PointId>) override { return gone(); }
  Result<> remove(std::span<const model::PointId>, historian::TimeRange) override { return {}; }
  Result<> retain(Timestamp) override { return {}; }
  Result<> flush() override { return {}; }
  historian::StoreStats stats() const override { return {}; }
  static std::unexpected<Error> gone() { return fail(Errc::unavailable, "store.gone"); }
};

/// Calls `after` once, when the first read is done.
struct AfterRead final : stores::SqlStore {
  explicit AfterRead(std::unique_ptr<stores::SqlStore> s) : inner(std::move(s)) {}
  std::unique_ptr<stores::SqlStore> inner;
  std::function<void()> after;
  Result<> write(std::string_view id, const Work& work) override { return inner->write(id, work); }
  Result<> read(const Work& work) override {
    auto done = inner->read(work);
    if (const auto now = std::exchange(after, {})) now();
    return done;
  }
  Result<> migrate(const stores::Migrations& m) override { return inner->migrate(m); }
  Result<> backup(const std::string& path) override { return inner->backup(path); }
};

struct CoreTest : testing::Test {
  TempDir dir;
  ManualClock clock;
  AfterRead sql{*stores::open_sql_store(dir.path() / "meta.db")};
  std::unique_ptr<catalog::PlantRegistry> registry = *catalog::PlantRegistry::open(sql, nullptr, {});
  model::Tenant tenant = *registry->create_tenant({.slug = "main", .name = "Karez"});
  model::Scope scope{.tenant = tenant.id, .role = model::Role::owner, .user = {}, .subtrees = {}};
  std::unique_ptr<security::Identity> identity =
      *security::Identity::open(sql, clock, {.argon2_memory_kib = 64, .argon2_passes = 1});
  std::unique_ptr<evidence::Counters> counters = *evidence::Counters::open(sql, clock);
  std::unique_ptr<evidence::EventLog> events = *evidence::EventLog::open(sql, null_log());
  FakeHistory history;
  stream::LatestTable latest;
  stream::Lanes lanes{{.lanes = 1}, clock, null_log()};
  model::BatchPool blocks{16};
  connect::LinkHub hub{{.loops = 1}, {}, lanes, blocks, clock, null_log(), {}};
  MetricRegistry metrics;
  Services services{.registry = *registry,
                    .identity = *identity,
                    .history = history,
                    .latest = latest,
                    .lanes = lanes,
                    .blocks = blocks,
                    .links = hub,
                    .evidence = *counters,
                    .events = *events,
                    .drivers = {},
                    .metrics = metrics,
                    .clock = clock,
                    .log = null_log()};
  Core core{services, {}};

  std::string token() {
    const std::string once = **identity->ensure_first_user(tenant.id);
    const auto session = identity->log_in("admin", once, "x");
    EXPECT_TRUE(identity->change_password(session->secret, once, "correct horse battery"));
    const auto owner = identity->by_session(session->secret)->scope(tenant.id);
    return identity->create_token(owner, "test", model::Role::owner, kMaxTime)->secret;
  }
  Response get(const std::string& path, std::string_view query, const std::string& secret) {
    Request request;
    request.method = Method::get;
    request.path = path;
    request.query = query;
    const std::string header = "Bearer " + secret;
    request.header = [&](std::string_view name) {
      return name == "authorization" ? std::string_view(header) : std::string_view{};
    };
    return core.handle(request);
  }
  model::PointId add_point(const std::string& name) {
    return registry
        ->register_series(tenant.id, std::vector{model::SeriesName{"group", name, model::ValueType::float64, ""}})
        ->at(0);
  }
  std::size_t points_seen() { return (*core.live().plant(tenant.id))->points.size(); }
};

TEST_F(CoreTest, AnExportThatFailsSaysSoInsteadOfEnding) {
  const std::string secret = token(), id = to_string(add_point("a"));
  const std::string path = karez::format("/api/v1/t/{}/history/{}/export.csv", to_string(tenant.id), id);
  constexpr std::string_view kSpan = "from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z";
  for (const int pages : {0, 3}) {
    history.good_pages = pages;
    const Response response = get(path, kSpan, secret);
    ASSERT_TRUE(response.stream) << response.body;
    std::string out;
    for (int i = 0; i < pages; ++i) EXPECT_TRUE(response.stream(out).value());
    EXPECT_EQ(response.stream(out).error().slug(), "store.gone");
  }
}

TEST_F(CoreTest, ASnapshotReadBeforeAChangeIsNotKeptAfterIt) {
  add_point("a");
  EXPECT_EQ(points_seen(), 1u);
  core.live().changed(tenant.id);
  // While one request reads the plant, another adds a point and tells of it.
  sql.after = [&] {
    sql.after = [&] {
      add_point("b");
      core.live().changed(tenant.id);
    };
  };
  (void)core.live().plant(tenant.id);
  if (sql.after) std::exchange(sql.after, {})();
  EXPECT_EQ(points_seen(), 2u);
}

TEST_F(CoreTest, KnowsWhatAnOperationWaitsFor) {
  const auto waits = [&](Method method, std::string_view path) {
    Request request;
    request.method = method;
    request.path = path;
    return core.waits_for(request);
  };
  EXPECT_EQ(waits(Method::post, "/api/v1/t/t1/drivers/modbus/test"), Waits::device);
  EXPECT_EQ(waits(Method::post, "/api/v1/t/t1/drivers/opcua/browse"), Waits::device);
  EXPECT_EQ(waits(Method::post, "/api/v1/t/t1/points/p1/write"), Waits::device);
  EXPECT_EQ(waits(Method::post, "/api/v2/write"), Waits::disk);
  EXPECT_EQ(waits(Method::post, "/write"), Waits::disk);
  EXPECT_EQ(waits(Method::get, "/api/v1/t/t1/devices"), Waits::nothing);
  EXPECT_EQ(waits(Method::get, "/no/such/path"), Waits::nothing);
}

}  // namespace
}  // namespace karez::api
