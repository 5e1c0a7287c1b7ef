// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

/// One of the four store seams: metadata. Implementations: SQLite (`stores/sql/sqlite_store.h`);
/// later PostgreSQL. SQL is the common subset of both; times are bigint ns; no session state above
/// this seam. Modules own their tables and migrations, `stores` only runs them.
namespace karez::stores {

/// NULL, integer, real, text, bytes.
using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string, std::vector<std::byte>>;

/// One row of a result. Column by position or name; a wrong type or name is our own bug.
class SqlRow {
 public:
  virtual ~SqlRow() = default;
  virtual std::int64_t integer(int column) const = 0;  ///< NULL reads as 0
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;  ///< NULL reads as ""; valid until the next row
  virtual ByteView bytes(int column) const = 0;  ///< NULL reads as empty; valid until the next row
  virtual bool is_null(int column) const = 0;
};

using RowHandler = std::function<void(const SqlRow&)>;

/// A transaction or single statement runs through this. Parameters are `?1`, `?2` …
class SqlSession {
 public:
  virtual ~SqlSession() = default;
  /// Number of rows changed. Errors: sql.constraint (conflict), sql.busy, sql.syntax (internal),
  /// sql.full, sql.io.
  virtual Result<std::int64_t> execute(std::string_view sql, std::span<const SqlValue> parameters) = 0;
  virtual Result<> query(std::string_view sql, std::span<const SqlValue> parameters, const RowHandler& row) = 0;

  Result<std::int64_t> execute(std::string_view sql, std::initializer_list<SqlValue> parameters = {}) {
    return execute(sql, std::span(parameters.begin(), parameters.size()));
  }
  Result<> query(std::string_view sql, std::initializer_list<SqlValue> parameters, const RowHandler& row) {
    return query(sql, std::span(parameters.begin(), parameters.size()), row);
  }
};

/// Steps of one module's schema, in order; each runs once, in a transaction of its own. Never change
/// a step that was released. `{id}` stands for a 64-bit key that the store allocates and never uses
/// again, also after its row was removed. The collation `natural_order` ignores ASCII case and reads
/// runs of digits as numbers (P2 before P10); names equal under it still differ as values.
struct Migrations {
  std::string_view module;                 ///< "catalog"
  std::vector<std::string_view> steps;     ///< SQL, several statements allowed
};

class SqlStore {
 public:
  virtual ~SqlStore() = default;
  using Work = std::function<Result<>(SqlSession&)>;

  /// Runs `work` in one write transaction and commits; an error rolls back. `command_id` (at most 128
  /// bytes) makes a retry harmless: a committed id is not run again (success is returned). Empty: not a
  /// command. `work` may be run again after a passing failure, so it must not change anything but the
  /// database. The commit is durable on return. An error other than the work's own may leave the
  /// outcome unknown: retry with the same id. Never call the store from inside `work`.
  /// Errors: sql.bad_command_id. Thread: worker.
  virtual Result<> write(std::string_view command_id, const Work& work) = 0;
  /// Runs `work` on a consistent snapshot, read only (sql.read_only). Thread: worker.
  virtual Result<> read(const Work& work) = 0;
  /// Brings a module's schema up to date. Errors: sql.newer_schema (written by a later version).
  virtual Result<> migrate(const Migrations& migrations) = 0;
  /// A consistent copy into `path`, which must not exist yet, while writes go on.
  virtual Result<> backup(const std::string& path) = 0;
};

}  // namespace karez::stores
