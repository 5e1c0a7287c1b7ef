// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "base/file.h"
#include "base/time.h"
#include "stores/sql_store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace karez::stores {

/// One SQLite connection with a bounded cache of compiled statements.
/// Thread: one at a time.
class SqliteConnection final : public SqlSession {
 public:
  enum class Kind : unsigned char { writer, reader };

  static Result<std::unique_ptr<SqliteConnection>> open(const Path& file, Kind kind, Duration busy_timeout);
  ~SqliteConnection() override;
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  using SqlSession::execute;
  using SqlSession::query;
  Result<std::int64_t> execute(std::string_view sql, std::span<const SqlValue> parameters) override;
  Result<> query(std::string_view sql, std::span<const SqlValue> parameters, const RowHandler& row) override;

  /// Several statements without parameters, separated by semicolons.
  Result<> script(const std::string& sql);
  /// Ends the open transaction, if there is one, without keeping it.
  void roll_back() noexcept;
  Result<> back_up(const Path& file);

 private:
  explicit SqliteConnection(sqlite3* db) noexcept : db_(db) {}
  /// Compiled statements that nobody uses now; the most recently used first.
  Result<sqlite3_stmt*> take(std::string_view sql);
  void give_back(sqlite3_stmt* statement) noexcept;
  Result<> bind(sqlite3_stmt* statement, std::span<const SqlValue> parameters);
  Result<> run(std::string_view sql, std::span<const SqlValue> parameters, const RowHandler* row);

  sqlite3* db_;
  std::list<sqlite3_stmt*> idle_;
  std::unordered_map<std::string_view, std::list<sqlite3_stmt*>::iterator> by_sql_;  ///< keys live in the statements
};

}  // namespace karez::stores
