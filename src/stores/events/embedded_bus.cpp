// SPDX-License-Identifier: Apache-2.0
#include "stores/events/embedded_bus.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace karez::stores {
namespace {

constexpr std::size_t kMaxBody = 65536, kMaxSubject = 200, kMaxConsumer = 100, kMaxId = 64;
constexpr std::int64_t kBatch = 100;
constexpr auto kLookEvery = std::chrono::milliseconds(500);
constexpr auto kCleanEvery = std::chrono::minutes(10);

constexpr std::string_view kSchema = R"sql(
CREATE TABLE bus_event (
  seq {id}, id TEXT NOT NULL UNIQUE, subject TEXT NOT NULL, body TEXT NOT NULL, time BIGINT NOT NULL);
CREATE TABLE bus_cursor (consumer TEXT NOT NULL PRIMARY KEY, seq BIGINT NOT NULL);
)sql";

std::unexpected<Error> bad_event(std::string_view text) { return fail(Errc::invalid_argument, "bus.bad_event", text); }

/// "kz.<tenant>.<kind>"
bool is_subject(std::string_view s) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  return s.size() <= kMaxSubject && s.starts_with("kz.") && std::ranges::all_of(s, allowed) &&
         std::ranges::count(s, '.') >= 2 && !s.contains("..") && !s.ends_with('.');
}

}  // namespace

Result<std::unique_ptr<EmbeddedBus>> EmbeddedBus::open(SqlStore& sql, Clock& clock, Log& log,
                                                       const BusOptions& options) {
  KZ_CHECK(sql.migrate({"bus", {kSchema}}));
  return std::unique_ptr<EmbeddedBus>(new EmbeddedBus(sql, clock, log, options));
}

Result<> EmbeddedBus::publish(SqlSession& transaction, const Event& event) {
  if (event.id.empty() || event.id.size() > kMaxId || !is_printable_name(event.id))
    return bad_event("An event needs an id of at most 64 bytes.");
  if (!is_subject(event.subject)) return bad_event("A subject is kz.<tenant>.<kind>.");
  if (event.body.size() > kMaxBody || !is_utf8(event.body)) return bad_event("A body is at most 64 KiB of UTF-8.");
  KZ_CHECK(transaction.execute(
      "INSERT INTO bus_event (id, subject, body, time) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
      {event.id, event.subject, event.body, to_ns(event.time)}));
  {
    const std::scoped_lock lock(mutex_);
    published_ = true;
  }
  wake_.notify_all();
  return {};
}

Result<> EmbeddedBus::subscribe(std::string_view consumer, std::string_view prefix,
                                std::function<Result<>(const Event&)> handler) {
  KZ_ASSERT(!thread_.joinable());
  if (!is_printable_name(consumer, kMaxConsumer) || prefix.size() > kMaxSubject || !handler)
    return fail(Errc::invalid_argument, "bus.bad_consumer",
                "A consumer has a name of at most 100 bytes and a handler.");
  if (std::ranges::contains(consumers_, consumer, &Consumer::name))
    return fail(Errc::conflict, "bus.duplicate_consumer", karez::format("{} is there already.", consumer));
  Consumer added{.name = std::string(consumer), .prefix = std::string(prefix), .handler = std::move(handler)};
  // A new consumer begins with what is still kept.
  KZ_CHECK(sql_.write({}, [&](SqlSession& session) -> Result<> {
    KZ_CHECK(
        session.execute("INSERT INTO bus_cursor (consumer, seq) VALUES (?1, 0) ON CONFLICT DO NOTHING", {added.name}));
    return session.query("SELECT seq FROM bus_cursor WHERE consumer = ?1", {added.name},
                         [&](const SqlRow& row) { added.done = row.integer(0); });
  }));
  consumers_.push_back(std::move(added));
  return {};
}

Result<> EmbeddedBus::start() {
  KZ_ASSERT(!thread_.joinable());
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  return {};
}

void EmbeddedBus::stop() {
  thread_ = {};  // asks it to stop and waits for it
}

void EmbeddedBus::run(const std::stop_token& stop) {
  Monotonic clean_at = clock_.monotonic();
  while (!stop.stop_requested()) {
    bool more = false;
    for (Consumer& consumer : consumers_) {
      if (stop.stop_requested()) return;
      if (clock_.monotonic() < consumer.not_before) continue;
      auto delivered = deliver(consumer, stop);
      if (!delivered) {
        log_.warning("bus", "{} stopped at an event, it comes again: {}", consumer.name, delivered.error().message());
        consumer.not_before = clock_.monotonic() + options_.retry;
      }
      more = more || (delivered && *delivered);
    }
    if (clock_.monotonic() >= clean_at) {
      clean_at = clock_.monotonic() + kCleanEvery;
      if (auto done = remove_old(); !done)
        log_.warning("bus", "Old events could not be removed: {}", done.error().message());
    }
    if (more) continue;
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stop, std::min<Duration>(kLookEvery, options_.retry), [this] { return published_; });
    published_ = false;
  }
}

Result<bool> EmbeddedBus::deliver(Consumer& consumer, const std::stop_token& stop) {
  std::vector<std::pair<std::int64_t, Event>> events;
  KZ_CHECK(sql_.read([&](SqlSession& session) {
    return session.query("SELECT seq, id, subject, body, time FROM bus_event WHERE seq > ?1 ORDER BY seq LIMIT ?2",
                         {consumer.done, kBatch}, [&](const SqlRow& row) {
                           events.push_back({row.integer(0),
                                             {.id = std::string(row.text(1)),
                                              .subject = std::string(row.text(2)),
                                              .body = std::string(row.text(3)),
                                              .time = from_ns(row.integer(4))}});
                         });
  }));
  std::int64_t cursor = consumer.done;
  Result<> handled;
  for (const auto& [seq, event] : events) {
    if (stop.stop_requested()) break;
    if (event.subject.starts_with(consumer.prefix)) handled = consumer.handler(event);
    if (!handled) break;
    cursor = seq;
  }
  if (cursor != consumer.done) {
    KZ_CHECK(save_cursor(consumer, cursor));
    consumer.done = cursor;
  }
  if (!handled) return std::unexpected(std::move(handled).error());
  return events.size() == static_cast<std::size_t>(kBatch);
}

Result<> EmbeddedBus::save_cursor(const Consumer& consumer, std::int64_t cursor) {
  return sql_.write({}, [&](SqlSession& session) -> Result<> {
    KZ_CHECK(session.execute("UPDATE bus_cursor SET seq = ?2 WHERE consumer = ?1", {consumer.name, cursor}));
    return {};
  });
}

/// Events stay for `keep`, and longer while a consumer of this program has not had them.
Result<> EmbeddedBus::remove_old() {
  std::int64_t all_have = INT64_MAX;
  for (const Consumer& consumer : consumers_) all_have = std::min(all_have, consumer.done);
  const std::int64_t before = to_ns(clock_.now() - options_.keep);
  return sql_.write({}, [&](SqlSession& session) -> Result<> {
    KZ_CHECK(session.execute("DELETE FROM bus_event WHERE time < ?1 AND seq <= ?2", {before, all_have}));
    return {};
  });
}

Result<std::unique_ptr<EventBus>> open_event_bus(SqlStore& sql, Clock& clock, Log& log, const BusOptions& options) {
  KZ_TRY(auto bus, EmbeddedBus::open(sql, clock, log, options));
  return bus;
}

}  // namespace karez::stores
