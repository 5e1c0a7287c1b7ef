// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/time.h"
#include "model/ids.h"
#include "stores/sql_store.h"

/// What happened to connections and devices, newest first: "lost at 13:29 because …". Not the audit
/// (who changed what) and not alarms (what an operator must do).
namespace karez::evidence {

struct Event {
  std::uint64_t id = 0;  ///< grows with time; the cursor of a list
  model::TenantId tenant;
  Timestamp time;
  std::string kind;     ///< "link.state", "device.state", "point.quality", "system"
  std::string subject;  ///< opaque id of the thing, "l3"
  std::string name;     ///< its name at that time
  std::string state;    ///< "online", "offline" …
  std::string slug;     ///< cause, "net.refused"; empty when all is well
  std::string text;     ///< cause in words
};

struct EventPage {
  std::vector<Event> items;
  std::uint64_t next_before = 0;  ///< 0: the last page
};

/// Bounded: recording never blocks; a full queue drops the event and counts it. The table keeps the
/// newest 200,000 events.
/// Thread: `record` any; the rest worker.
class EventLog {
 public:
  static Result<std::unique_ptr<EventLog>> open(stores::SqlStore& sql, Log& log);
  ~EventLog();  ///< writes what is queued
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  void record(Event event) noexcept;
  /// Events of the tenant with id < `before` (0: from the newest), at most `limit`.
  Result<EventPage> list(model::TenantId tenant, std::uint64_t before, std::size_t limit) const;
  /// Waits until everything recorded so far is stored; for tests and stop.
  void drain();
  std::uint64_t dropped() const noexcept;

 private:
  struct Impl;
  explicit EventLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::evidence
