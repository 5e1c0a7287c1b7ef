// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/time.h"
#include "stores/event_bus.h"
#include "stores/object_store.h"
#include "stores/sql_store.h"

/// Makes the embedded implementation of each store. Whoever builds the program chooses here; everybody
/// else knows the interfaces only.
namespace karez::stores {

struct SqlOptions {
  std::size_t readers = 4;                             ///< snapshots read at the same time, 1 .. 64
  Duration busy_timeout = std::chrono::seconds(10);    ///< wait for a reader's place or a foreign lock
  std::uint64_t command_ids_kept = 100'000;            ///< how many committed commands are remembered
};

/// SQLite in one file (and its -wal and -shm beside it), created when missing.
/// Errors: sql.cannot_open, sql.corrupt, sql.full, sql.io.
Result<std::unique_ptr<SqlStore>> open_sql_store(const Path& file, const SqlOptions& options = {});

/// Files below `folder`, created when missing. One process at a time. Errors: object.io.
Result<std::unique_ptr<ObjectStore>> open_object_store(const Path& folder);

struct BusOptions {
  Duration retry = std::chrono::seconds(5);      ///< pause after a handler's error
  Duration keep = std::chrono::hours(24 * 7);    ///< events older than this go once everybody has them
};

/// Outbox and cursors in `sql`, which must outlive it.
Result<std::unique_ptr<EventBus>> open_event_bus(SqlStore& sql, Clock& clock, Log& log, const BusOptions& options = {});

}  // namespace karez::stores
