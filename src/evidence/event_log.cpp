// SPDX-License-Identifier: Apache-2.0
#include "evidence/event_log.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace karez::evidence {
namespace {

constexpr std::size_t kQueue = 4096;
constexpr std::int64_t kKeep = 200'000;

constexpr std::string_view kSchema = R"sql(
CREATE TABLE event (
  id {id},
  tenant INTEGER NOT NULL,
  time BIGINT NOT NULL,
  kind TEXT NOT NULL, subject TEXT NOT NULL, name TEXT NOT NULL,
  state TEXT NOT NULL, slug TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX event_by_tenant ON event(tenant, id);
)sql";

}  // namespace

struct EventLog::Impl {
  Impl(stores::SqlStore& store_in, Log& log_in) : sql(store_in), log(log_in) {}
  stores::SqlStore& sql;
  Log& log;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<Event> queue;
  bool stopping = false, writing = false;
  std::atomic<std::uint64_t> dropped{0};
  std::thread writer;

  Result<> store(const std::vector<Event>& events) {
    return sql.write("", [&](stores::SqlSession& s) -> Result<> {
      for (const Event& e : events)
        KZ_CHECK(s.execute(
            "INSERT INTO event(tenant,time,kind,subject,name,state,slug,text) VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
            {std::int64_t{e.tenant.value}, to_ns(e.time), e.kind, e.subject, e.name, e.state, e.slug, e.text}));
      KZ_CHECK(s.execute("DELETE FROM event WHERE id <= (SELECT MAX(id) FROM event) - ?1", {kKeep}));
      return {};
    });
  }

  void run() {
    std::vector<Event> batch;
    while (true) {
      {
        std::unique_lock lock(mutex);
        writing = false;
        changed.notify_all();
        changed.wait(lock, [&] { return stopping || !queue.empty(); });
        if (queue.empty()) return;
        batch.clear();
        std::swap(batch, queue);
        writing = true;
      }
      if (auto done = store(batch); !done) {
        dropped += batch.size();
        log.error("evidence", "{} events could not be stored: {}", batch.size(), done.error().message());
      }
    }
  }
};

EventLog::EventLog(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {
  impl_->writer = std::thread([impl = impl_.get()] { impl->run(); });
}

Result<std::unique_ptr<EventLog>> EventLog::open(stores::SqlStore& sql, Log& log) {
  KZ_CHECK(sql.migrate({"event_log", {kSchema}}));
  return std::unique_ptr<EventLog>(new EventLog(std::make_unique<Impl>(sql, log)));
}

EventLog::~EventLog() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->changed.notify_all();
  impl_->writer.join();
}

void EventLog::record(Event event) noexcept {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->queue.size() >= kQueue || impl_->stopping) {
      ++impl_->dropped;
      return;
    }
    impl_->queue.push_back(std::move(event));
  }
  impl_->changed.notify_all();
}

void EventLog::drain() {
  std::unique_lock lock(impl_->mutex);
  impl_->changed.wait(lock, [&] { return impl_->queue.empty() && !impl_->writing; });
}

std::uint64_t EventLog::dropped() const noexcept { return impl_->dropped; }

Result<EventPage> EventLog::list(model::TenantId tenant, std::uint64_t before, std::size_t limit) const {
  EventPage page;
  const std::int64_t upper = before == 0 ? INT64_MAX : static_cast<std::int64_t>(before);
  KZ_CHECK(impl_->sql.read([&](stores::SqlSession& s) {
    return s.query(
        "SELECT id,time,kind,subject,name,state,slug,text FROM event WHERE tenant=?1 AND id<?2 "
        "ORDER BY id DESC LIMIT ?3",
        {std::int64_t{tenant.value}, upper, static_cast<std::int64_t>(limit) + 1}, [&](const stores::SqlRow& r) {
          page.items.push_back({.id = static_cast<std::uint64_t>(r.integer(0)),
                                .tenant = tenant,
                                .time = from_ns(r.integer(1)),
                                .kind = std::string(r.text(2)),
                                .subject = std::string(r.text(3)),
                                .name = std::string(r.text(4)),
                                .state = std::string(r.text(5)),
                                .slug = std::string(r.text(6)),
                                .text = std::string(r.text(7))});
        });
  }));
  if (page.items.size() > limit) {
    page.items.pop_back();
    page.next_before = page.items.back().id;
  }
  return page;
}

}  // namespace karez::evidence
