// SPDX-License-Identifier: Apache-2.0
#include "evidence/counters.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <new>
#include <thread>
#include <utility>

#include "base/ids.h"
#include "evidence/seen_ids.h"

namespace karez::evidence {
namespace {

using stores::SqlRow;
using stores::SqlSession;

constexpr std::array<std::string_view, 10> kNames = {
    "samples.received", "samples.good",     "samples.stored", "links.online",     "devices.seen",
    "points.seen",      "connections.lost", "writes.done",    "queries.answered", "logins"};
constexpr std::size_t kKinds = kNames.size();
constexpr std::size_t kCells = 16384;  // (tenant, origin) pairs at once; a power of two
constexpr std::int64_t kHour = Duration(std::chrono::hours(1)).count();
constexpr auto kFlushEvery = std::chrono::seconds(60);

constexpr std::string_view kSchema = R"sql(
CREATE TABLE evidence_window (
  tenant BIGINT NOT NULL, industry TEXT NOT NULL, origin TEXT NOT NULL, kind TEXT NOT NULL, hour BIGINT NOT NULL,
  n BIGINT NOT NULL, PRIMARY KEY (tenant, hour, industry, origin, kind));
-- Ids seen in the present hour, so that a restart does not count them again.
CREATE TABLE evidence_seen (
  what TEXT NOT NULL, page BIGINT NOT NULL, hour BIGINT NOT NULL, bits TEXT NOT NULL, PRIMARY KEY (what, page));
)sql";

std::uint32_t hour_of(Timestamp t) noexcept {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(to_ns(t) / kHour, 0, UINT32_MAX));
}

/// Counts of one tenant and origin. Two hours alternate, so that the one just past can still be
/// flushed while the new one fills.
struct Cell {
  explicit Cell(std::uint64_t key_in) noexcept : key(key_in) {}
  const std::uint64_t key;  ///< tenant * 4 + origin
  struct Hour {
    std::atomic<std::uint32_t> hour{0};
    std::array<std::atomic<std::uint64_t>, kKinds> counts{};
  };
  std::array<Hour, 2> hours;
};

struct Key {
  std::uint32_t tenant;
  std::string industry;
  model::Origin origin;
  std::size_t kind;
  std::uint32_t hour;
  auto operator<=>(const Key&) const = default;
};
struct SeenPage {
  const char* what;
  std::size_t page;
  std::uint32_t hour;
  std::string bits;
};
/// What one flush writes. It keeps its command id until it is known to be stored.
struct Batch {
  std::string command_id;
  std::map<Key, std::uint64_t> counts;
  std::vector<SeenPage> pages;
  bool empty() const { return counts.empty() && pages.empty(); }
};

Result<> store(SqlSession& session, const Batch& batch) {
  for (const auto& [key, n] : batch.counts)
    KZ_CHECK(
        session.execute("INSERT INTO evidence_window (tenant, industry, origin, kind, hour, n) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (tenant, hour, industry, origin, kind) "
                        "DO UPDATE SET n = evidence_window.n + excluded.n",
                        {std::int64_t{key.tenant}, key.industry, std::string(to_string(key.origin)),
                         std::string(kNames[key.kind]), std::int64_t{key.hour} * kHour, static_cast<std::int64_t>(n)}));
  for (const SeenPage& page : batch.pages)
    KZ_CHECK(session.execute(
        "INSERT INTO evidence_seen (what, page, hour, bits) VALUES (?1, ?2, ?3, ?4) "
        "ON CONFLICT (what, page) DO UPDATE SET hour = excluded.hour, bits = excluded.bits",
        {std::string(page.what), static_cast<std::int64_t>(page.page), std::int64_t{page.hour}, page.bits}));
  return {};
}

}  // namespace

std::string_view to_string(Kind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < kKinds ? kNames[index] : "unknown";
}

struct Counters::Impl {
  Impl(stores::SqlStore& sql_in, Clock& clock_in, Log& log_in) : sql(sql_in), clock(clock_in), log(log_in) {}
  ~Impl() {
    for (const auto& cell : *cells) delete cell.load();
  }

  stores::SqlStore& sql;
  Clock& clock;
  Log& log;
  /// Open addressing; a place once taken stays taken.
  std::unique_ptr<std::array<std::atomic<Cell*>, kCells>> cells =
      std::make_unique<std::array<std::atomic<Cell*>, kCells>>();
  SeenIds points, devices;

  std::mutex mutex;
  std::map<std::uint32_t, std::string> industries;  // guarded by mutex
  Batch waiting;                                    // guarded by mutex: taken out of the cells
  Batch sending;                                    // guarded by mutex: given to the store, perhaps in vain

  std::mutex stop_mutex;
  std::condition_variable_any stop_wanted;
  std::jthread flusher;

  Cell* cell(std::uint64_t key) noexcept;
  void collect();
  Result<> flush();
  Result<> restore();
  void run(const std::stop_token& stop);
  void flush_logged();
};

/// Null when there is no room or memory for another tenant.
Cell* Counters::Impl::cell(std::uint64_t key) noexcept {
  std::size_t at = static_cast<std::size_t>(key * 0x9E3779B97F4A7C15ull >> 32) & (kCells - 1);
  for (std::size_t tries = 0; tries < kCells; ++tries, at = (at + 1) & (kCells - 1)) {
    Cell* there = (*cells)[at].load(std::memory_order_acquire);
    if (!there) {
      Cell* const made = new (std::nothrow) Cell(key);
      if (!made) return nullptr;
      if ((*cells)[at].compare_exchange_strong(there, made, std::memory_order_acq_rel)) return made;
      delete made;  // `there` is now what another thread put here
    }
    if (there->key == key) return there;
  }
  return nullptr;
}

/// Moves what the cells hold into `waiting`. Counts come before the seen ids: after a crash between
/// the two an id may be missing from the count, but none is counted twice.
void Counters::Impl::collect() {
  for (const auto& place : *cells) {
    Cell* const c = place.load(std::memory_order_acquire);
    if (!c) continue;
    const auto tenant = static_cast<std::uint32_t>(c->key >> 2);
    for (Cell::Hour& hour : c->hours)
      for (std::size_t kind = 0; kind < kKinds; ++kind)
        if (const std::uint64_t n = hour.counts[kind].exchange(0, std::memory_order_acq_rel); n > 0)
          waiting.counts[{tenant, industries[tenant], static_cast<model::Origin>(c->key & 3), kind,
                          hour.hour.load(std::memory_order_relaxed)}] += n;
  }
  const std::uint32_t now = hour_of(clock.now());
  const auto pages_of = [&](SeenIds& ids, const char* what) {
    ids.changed_pages(
        now, [&](std::size_t page, std::string bits) { waiting.pages.push_back({what, page, now, std::move(bits)}); });
  };
  pages_of(points, "point");
  pages_of(devices, "device");
}

Result<> Counters::Impl::flush() {
  const std::scoped_lock lock(mutex);
  collect();
  // First what failed before, under its old id: perhaps it was stored after all.
  for (int round = 0; round < 2; ++round) {
    if (sending.empty()) {
      if (waiting.empty()) return {};
      sending = std::exchange(waiting, {});
      sending.command_id = "evidence-" + new_ulid(to_ns(clock.now()) / 1'000'000);
    }
    KZ_CHECK(sql.write(sending.command_id, [&](SqlSession& session) { return store(session, sending); }));
    sending = {};
  }
  return {};
}

Result<> Counters::Impl::restore() {
  const std::uint32_t now = hour_of(clock.now());
  return sql.read([&](SqlSession& session) {
    return session.query("SELECT what, page, bits FROM evidence_seen WHERE hour = ?1", {std::int64_t{now}},
                         [&](const SqlRow& row) {
                           SeenIds& ids = row.text(0) == "point" ? points : devices;
                           ids.restore(static_cast<std::size_t>(row.integer(1)), row.text(2), now);
                         });
  });
}

void Counters::Impl::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(stop_mutex);
      stop_wanted.wait_for(lock, stop, kFlushEvery, [] { return false; });
    }
    if (!stop.stop_requested()) flush_logged();
  }
}

void Counters::Impl::flush_logged() {
  if (const auto done = flush(); !done)
    log.warning("evidence", "Counts could not be stored, they are kept while the platform runs: {}",
                done.error().message());
}

Counters::Counters(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Counters::~Counters() {
  impl_->flusher = {};  // stops and joins
  impl_->flush_logged();
}

Result<std::unique_ptr<Counters>> Counters::open(stores::SqlStore& sql, Clock& clock, Log& log) {
  KZ_CHECK(sql.migrate({"evidence", {kSchema}}));
  auto impl = std::make_unique<Impl>(sql, clock, log);
  KZ_CHECK(impl->restore());
  impl->flusher = std::jthread([impl = impl.get()](const std::stop_token& stop) { impl->run(stop); });
  return std::unique_ptr<Counters>(new Counters(std::move(impl)));
}

void Counters::set_industry(model::TenantId tenant, std::string_view industry) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->collect();  // what was counted before belongs to the old one
  impl_->industries[tenant.value] = industry;
}

void Counters::add(Kind kind, model::TenantId tenant, model::Origin origin, std::uint64_t n) noexcept {
  const auto index = static_cast<std::size_t>(kind);
  Cell* const cell = impl_->cell((std::uint64_t{tenant.value} << 2) | (static_cast<std::uint64_t>(origin) & 3));
  if (!cell || index >= kKinds) return;
  const std::uint32_t now = hour_of(impl_->clock.now());
  Cell::Hour& hour = cell->hours[now & 1];
  if (hour.hour.load(std::memory_order_relaxed) != now) hour.hour.store(now, std::memory_order_relaxed);
  hour.counts[index].fetch_add(n, std::memory_order_release);
}

void Counters::seen(model::TenantId tenant, model::PointId point, model::DeviceId device,
                    model::Origin origin) noexcept {
  const std::uint32_t now = hour_of(impl_->clock.now());
  if (point && impl_->points.mark(point.value, now)) add(Kind::points_seen, tenant, origin);
  if (device && impl_->devices.mark(device.value, now)) add(Kind::devices_seen, tenant, origin);
}

Result<> Counters::flush() { return impl_->flush(); }

Result<std::vector<Window>> Counters::read(model::TenantId tenant, Timestamp from, Timestamp to) const {
  // What is not flushed yet belongs to the answer, and after a flush the store knows all.
  KZ_CHECK(impl_->flush());
  const std::int64_t first = std::max<std::int64_t>(0, to_ns(from)) / kHour * kHour;
  std::vector<Window> out;
  KZ_CHECK(impl_->sql.read([&](SqlSession& session) {
    return session.query(
        "SELECT industry, origin, kind, hour, n FROM evidence_window "
        "WHERE tenant = ?1 AND hour >= ?2 AND hour < ?3 ORDER BY hour, industry, origin, kind",
        {std::int64_t{tenant.value}, first, to_ns(to)}, [&](const SqlRow& row) {
          const auto name = std::ranges::find(kNames, row.text(2));
          if (name == kNames.end()) return;  // written by a later version
          out.push_back({.tenant = tenant,
                         .industry = std::string(row.text(0)),
                         .origin = model::parse_origin(row.text(1)).value_or(model::Origin::unknown),
                         .kind = static_cast<Kind>(name - kNames.begin()),
                         .hour = from_ns(row.integer(3)),
                         .count = static_cast<std::uint64_t>(row.integer(4))});
        });
  }));
  return out;
}

}  // namespace karez::evidence
