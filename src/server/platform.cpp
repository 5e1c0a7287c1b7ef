// SPDX-License-Identifier: Apache-2.0
#include "server/platform.h"

#include <sys/stat.h>

#include <array>

#include "base/format.h"
#include "connect/driver_table.h"
#include "historian/engine.h"
#include "server/data_lock.h"
#include "server/link_sync.h"
#include "stores/open.h"

namespace karez::server {
namespace {

historian::SyncMode sync_mode(const std::string& word) {
  if (word == "interval") return historian::SyncMode::interval;
  return word == "off" ? historian::SyncMode::off : historian::SyncMode::sync;
}

}  // namespace

struct Platform::Impl {
  ServerOptions options;
  DataLock lock;  // first to be taken, last to be given back
  SystemClock clock;
  MetricRegistry metrics;
  std::unique_ptr<Log> log;
  std::unique_ptr<stores::SqlStore> sql;
  std::unique_ptr<catalog::PlantRegistry> registry;
  std::unique_ptr<security::Identity> identity;
  std::unique_ptr<evidence::Counters> counters;
  std::unique_ptr<evidence::EventLog> events;
  model::TenantId first_tenant;

  std::unique_ptr<model::BatchPool> blocks;
  std::unique_ptr<historian::Engine> engine;
  stream::LatestTable latest;
  std::unique_ptr<stream::Lanes> lanes;
  std::unique_ptr<connect::LinkHub> hub;
  std::unique_ptr<LinkSync> sync;
  std::unique_ptr<api::ApiServer> api;

  Result<> open_stores();
  Result<> open_tenant();
  Result<> open_history();
  Result<> seed_latest();
  void count(const model::SampleBatch& batch) noexcept;
  void link_event(model::TenantId tenant, model::LinkId link, model::DeviceId device, connect::LinkState state,
                  std::string slug, std::string text);
  void export_metrics();
};

Platform::Platform(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Platform::~Platform() { stop(); }

Result<std::unique_ptr<Platform>> Platform::open(const ServerOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  KZ_TRY(impl->log, open_log(options.log));
  KZ_CHECK(impl->open_stores());
  KZ_CHECK(impl->open_tenant());
  KZ_CHECK(impl->open_history());
  return std::unique_ptr<Platform>(new Platform(std::move(impl)));
}

Result<> Platform::Impl::open_stores() {
  KZ_CHECK(make_directories(options.data_dir));
  // Metadata holds password hashes and secrets of links: nobody else on the machine may read it.
  if (::chmod(options.data_dir.c_str(), 0700) != 0)
    return fail(Errc::denied, "server.data_dir", karez::format("Cannot protect {}.", options.data_dir.string()));
  KZ_TRY(lock, DataLock::take(options.data_dir));
  KZ_TRY(sql, stores::open_sql_store(options.data_dir / "meta.db"));
  KZ_TRY(registry, catalog::PlantRegistry::open(*sql, nullptr, {}));
  KZ_TRY(identity, security::Identity::open(*sql, clock, {}));
  KZ_TRY(counters, evidence::Counters::open(*sql, clock, *log));
  KZ_TRY(events, evidence::EventLog::open(*sql, *log));
  return {};
}

Result<> Platform::Impl::open_tenant() {
  KZ_TRY(auto tenants, registry->tenants());
  if (tenants.empty()) {
    model::Tenant first;
    first.slug = "main";
    first.name = "Karez";  // until the first log-in asks for the enterprise
    KZ_TRY(first, registry->create_tenant(first));
    tenants.push_back(first);
  }
  first_tenant = tenants.front().id;
  for (const model::Tenant& t : tenants) counters->set_industry(t.id, t.industry);
  return {};
}

Result<> Platform::Impl::open_history() {
  blocks = std::make_unique<model::BatchPool>(options.blocks);
  historian::EngineOptions engine_options;
  engine_options.dir = options.data_dir / "history";
  engine_options.lanes = options.lanes;
  engine_options.sync = sync_mode(options.sync);
  engine_options.wal_cap_bytes = options.wal_cap_bytes;
  engine_options.head_bytes = options.head_bytes;
  KZ_TRY(engine, historian::Engine::open(engine_options, clock, *log));

  lanes = std::make_unique<stream::Lanes>(stream::Lanes::Options{.lanes = options.lanes}, clock, *log);
  lanes->add_stage([this](unsigned, const model::BatchRef& batch) { latest.update(*batch); });
  lanes->add_stage([this](unsigned, const model::BatchRef& batch) { count(*batch); });
  lanes->set_store([this](unsigned lane, const model::BatchRef& batch) -> Result<std::uint64_t> {
    KZ_TRY(const historian::Ticket ticket, engine->append(lane, batch));
    return ticket.lsn;
  });
  engine->on_durable([this](historian::Ticket durable, const Error* failed) { lanes->durable(durable.lsn, failed); });
  return seed_latest();
}

/// The present of every point that has a past, so that screens are not empty after a restart.
Result<> Platform::Impl::seed_latest() {
  const auto origins = registry->origins();
  constexpr std::size_t kChunk = 10'000;
  std::vector<model::PointId> ids;
  for (std::size_t next = 1; next < origins->size(); next += kChunk) {
    ids.clear();
    for (std::size_t i = next; i < std::min(next + kChunk, origins->size()); ++i)
      ids.push_back(model::PointId{static_cast<std::uint32_t>(i)});
    KZ_TRY(const auto values, engine->last(ids));
    for (const historian::LastValue& v : values)
      if (v.known())
        latest.seed({.point = v.point,
                     .time = v.time,
                     .received = v.time,
                     .type = v.type,
                     .bits = v.bits,
                     .quality = v.quality,
                     .flags = v.flags,
                     .text = v.text,
                     .revision = 0});
  }
  return {};
}

void Platform::Impl::count(const model::SampleBatch& batch) noexcept {
  const auto origins = registry->origins();
  std::array<std::uint64_t, model::kOrigins> received{}, good{};
  for (const model::Sample& s : batch.samples()) {
    const model::Origin origin = s.point.value < origins->size() ? (*origins)[s.point.value] : model::Origin::unknown;
    const auto i = static_cast<std::size_t>(origin);
    ++received[i];
    if (!s.quality.good() || (s.flags & model::flag::kGap) != 0) continue;
    ++good[i];
    counters->seen(batch.header.tenant, s.point, {}, origin);
  }
  for (std::size_t i = 0; i < model::kOrigins; ++i) {
    const auto origin = static_cast<model::Origin>(i);
    if (received[i] > 0) counters->add(evidence::Kind::samples_received, batch.header.tenant, origin, received[i]);
    if (good[i] > 0) counters->add(evidence::Kind::samples_good, batch.header.tenant, origin, good[i]);
  }
}

void Platform::Impl::link_event(model::TenantId tenant, model::LinkId link, model::DeviceId device,
                                connect::LinkState state, std::string slug, std::string text) {
  using enum connect::LinkState;
  if (!device && state == online) counters->add(evidence::Kind::links_online, tenant, model::Origin::unknown);
  if (!device && state == offline) counters->add(evidence::Kind::connections_lost, tenant, model::Origin::unknown);
  if (state == connecting || state == backoff) return;  // steps on the way, not news
  events->record({.id = 0,
                  .tenant = tenant,
                  .time = clock.now(),
                  .kind = device ? "device.state" : "link.state",
                  .subject = device ? to_string(device) : to_string(link),
                  .name = sync ? sync->name_of(link, device) : "",
                  .state = std::string(connect::to_string(state)),
                  .slug = std::move(slug),
                  .text = std::move(text)});
}

void Platform::Impl::export_metrics() {
  for (unsigned lane = 0; lane < lanes->count(); ++lane) {
    const MetricRegistry::Labels labels{{"lane", std::to_string(lane)}};
    const auto read = [this, lane](auto member) {
      return [this, lane, member] { return static_cast<double>(lanes->stats(lane).*member); };
    };
    metrics.callback("karez_lane_samples", "Samples a lane handled since start.", labels,
                     read(&stream::LaneStats::samples));
    metrics.callback("karez_lane_queue", "Blocks waiting before a lane.", labels, read(&stream::LaneStats::queued));
    metrics.callback("karez_lane_future_times", "Samples whose source time lay too far ahead.", labels,
                     read(&stream::LaneStats::future_times));
  }
  const auto stat = [this](auto member) {
    return [this, member] { return static_cast<double>(engine->stats().*member); };
  };
  metrics.callback("karez_store_samples", "Samples stored.", {}, stat(&historian::StoreStats::samples_stored));
  metrics.callback("karez_store_disk_bytes", "Bytes on disk.", {}, stat(&historian::StoreStats::bytes_on_disk));
  metrics.callback("karez_store_wal_bytes", "Bytes in the write-ahead log.", {},
                   stat(&historian::StoreStats::wal_bytes));
  metrics.callback("karez_store_syncs", "fdatasync calls since start.", {}, stat(&historian::StoreStats::syncs));
  metrics.callback("karez_store_poisoned", "1 after a failed sync.", {}, stat(&historian::StoreStats::poisoned));
  metrics.callback("karez_pool_free_blocks", "Free sample blocks.", {},
                   [this] { return static_cast<double>(blocks->free_blocks()); });
}

Result<> Platform::start() {
  Impl& p = *impl_;
  const auto drivers = connect::all_drivers();
  p.lanes->start();
  p.hub = std::make_unique<connect::LinkHub>(
      connect::LinkHub::Options{.loops = p.options.loops,
                                .seen = [&latest = p.latest](std::span<const model::PointId> points,
                                                             Timestamp when) { latest.seen(points, when); }},
      std::vector<const connect::DriverInfo*>(drivers.begin(), drivers.end()), *p.lanes, *p.blocks, p.clock, *p.log,
      [this](model::TenantId tenant, model::LinkId link, model::DeviceId device, connect::LinkState state,
             std::string slug,
             std::string text) { impl_->link_event(tenant, link, device, state, std::move(slug), std::move(text)); });
  p.sync = std::make_unique<LinkSync>(*p.registry, *p.hub, *p.log);
  p.registry->on_links_changed([this](const std::vector<model::LinkId>& links) { impl_->sync->changed(links); });
  KZ_TRY(const auto links, p.registry->all_links());
  p.sync->changed(links);
  p.export_metrics();

  api::Options http;
  http.address = p.options.http_address;
  http.port = p.options.http_port;
  http.threads = p.options.http_threads;
  http.workers = p.options.workers;
  http.console_dir = p.options.console_dir.string();
  http.max_body_bytes = p.options.max_body_bytes;
  http.max_connections_per_ip = p.options.max_connections_per_ip;
  http.upload_dir = std::filesystem::absolute(p.options.data_dir / "uploads").string();
  http.version = kVersion;
  KZ_TRY(p.api, api::ApiServer::start({.registry = *p.registry,
                                       .identity = *p.identity,
                                       .history = *p.engine,
                                       .latest = p.latest,
                                       .lanes = *p.lanes,
                                       .blocks = *p.blocks,
                                       .links = *p.hub,
                                       .evidence = *p.counters,
                                       .events = *p.events,
                                       .drivers = drivers,
                                       .metrics = p.metrics,
                                       .clock = p.clock,
                                       .log = *p.log},
                                      http));
  return {};
}

void Platform::stop() {
  if (!impl_) return;
  Impl& p = *impl_;
  // Inputs first (HTTP, links), then the lanes drain into the store, then the store closes. The links end
  // before the API, whose requests may wait for a device, and before `sync`, which knows their names.
  if (p.api) p.api->refuse();
  if (p.registry) p.registry->on_links_changed({});
  if (p.hub) p.hub->stop();
  p.api.reset();
  p.sync.reset();
  if (p.lanes) p.lanes->stop();
  if (p.counters) (void)p.counters->flush();  // a failure is logged by the minute's flush
  p.hub.reset();
  p.engine.reset();
  p.lanes.reset();
  p.events.reset();
}

catalog::PlantRegistry& Platform::registry() { return *impl_->registry; }
stream::Lanes& Platform::lanes() { return *impl_->lanes; }
model::BatchPool& Platform::blocks() { return *impl_->blocks; }
Clock& Platform::clock() { return impl_->clock; }
Log& Platform::log() { return *impl_->log; }
model::TenantId Platform::first_tenant() const { return impl_->first_tenant; }
Result<std::optional<std::string>> Platform::make_first_user() {
  return impl_->identity->ensure_first_user(impl_->first_tenant);
}
std::uint16_t Platform::port() const { return impl_->api ? impl_->api->port() : 0; }

}  // namespace karez::server
