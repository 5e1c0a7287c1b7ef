// SPDX-License-Identifier: Apache-2.0
#include "stores/sql/sqlite_connection.h"

#include <sqlite3.h>

#include <memory>

#include "base/format.h"
#include "base/text.h"
#include "stores/sql/natural.h"

namespace karez::stores {
namespace {

constexpr std::size_t kCachedStatements = 64, kMaxCachedSql = 4096;
constexpr int kMaxValueBytes = 16 << 20;

std::unexpected<Error> sql_error(sqlite3* db, int code, std::string_view doing = {}) {
  std::string text(db ? sqlite3_errmsg(db) : sqlite3_errstr(code));
  if (!doing.empty()) text += karez::format(" [{}]", doing.substr(0, 200));
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT: return fail(Errc::conflict, "sql.constraint", text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return fail(Errc::unavailable, "sql.busy", text);
    case SQLITE_FULL: return fail(Errc::exhausted, "sql.full", text);
    case SQLITE_TOOBIG: return fail(Errc::exhausted, "sql.too_big", text);
    case SQLITE_NOMEM: return fail(Errc::exhausted, "sql.no_memory", text);
    case SQLITE_READONLY: return fail(Errc::denied, "sql.read_only", text);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM: return fail(Errc::unavailable, "sql.cannot_open", text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return fail(Errc::corrupt, "sql.corrupt", text);
    case SQLITE_IOERR: return fail(Errc::unavailable, "sql.io", text);
    case SQLITE_INTERRUPT: return fail(Errc::cancelled, "sql.cancelled", text);
    default: return fail(Errc::internal, "sql.syntax", text);
  }
}

class SqliteRow final : public SqlRow {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) noexcept : statement_(statement) {}
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, checked(column)); }
  double real(int column) const override { return sqlite3_column_double(statement_, checked(column)); }
  std::string_view text(int column) const override {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, checked(column)));
    if (!data) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }
  ByteView bytes(int column) const override {
    const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_, checked(column)));
    if (!data) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }
  bool is_null(int column) const override { return sqlite3_column_type(statement_, checked(column)) == SQLITE_NULL; }

 private:
  int checked(int column) const {
    KZ_ASSERT(column >= 0 && column < sqlite3_column_count(statement_));
    return column;
  }
  sqlite3_stmt* statement_;
};

int natural_collation(void*, int a_bytes, const void* a, int b_bytes, const void* b) {
  return compare_natural({static_cast<const char*>(a), static_cast<std::size_t>(a_bytes)},
                         {static_cast<const char*>(b), static_cast<std::size_t>(b_bytes)});
}

/// What every connection gets before use. Durability: in WAL mode with synchronous=FULL each commit is
/// synced before it is acknowledged.
std::string set_up(SqliteConnection::Kind kind) {
  std::string sql =
      "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA cache_size=-16000; PRAGMA temp_store=MEMORY;";
  if (kind == SqliteConnection::Kind::writer)
    sql +=
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000;"
        "PRAGMA journal_size_limit=67108864;";
  else sql += "PRAGMA query_only=ON;";
  return sql;
}

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const Path& file, Kind kind, Duration busy_timeout) {
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (kind == Kind::writer ? SQLITE_OPEN_CREATE : 0);
  const int code = sqlite3_open_v2(file.c_str(), &db, flags, nullptr);
  if (code != SQLITE_OK) {
    auto failed = sql_error(db, code, file.string());
    sqlite3_close(db);
    return failed;
  }
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(db));
  sqlite3_busy_timeout(db,
                       static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(busy_timeout).count()));
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, kMaxValueBytes);
  if (const int made = sqlite3_create_collation(db, "natural_order", SQLITE_UTF8, nullptr, natural_collation);
      made != SQLITE_OK)
    return sql_error(db, made);
  KZ_CHECK(connection->script(set_up(kind)));
  return connection;
}

SqliteConnection::~SqliteConnection() {
  by_sql_.clear();
  for (sqlite3_stmt* statement : idle_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

Result<sqlite3_stmt*> SqliteConnection::take(std::string_view sql) {
  if (const auto found = by_sql_.find(sql); found != by_sql_.end()) {
    sqlite3_stmt* statement = *found->second;
    idle_.erase(found->second);
    by_sql_.erase(found);
    return statement;
  }
  sqlite3_stmt* statement = nullptr;
  const char* tail = nullptr;
  const int code =
      sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, &tail);
  if (code != SQLITE_OK) return sql_error(db_, code, sql);
  if (!statement || !trim(sql.substr(static_cast<std::size_t>(tail - sql.data()))).empty()) {
    sqlite3_finalize(statement);
    return fail(Errc::internal, "sql.syntax", karez::format("Not exactly one statement [{}]", sql.substr(0, 200)));
  }
  return statement;
}

void SqliteConnection::give_back(sqlite3_stmt* statement) noexcept {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  const std::string_view sql = sqlite3_sql(statement);
  // Long ones hold lists of ids and hardly come again; a double ran inside its own row handler.
  if (sql.size() > kMaxCachedSql || by_sql_.contains(sql)) {
    sqlite3_finalize(statement);
    return;
  }
  idle_.push_front(statement);
  by_sql_.emplace(sql, idle_.begin());
  if (idle_.size() <= kCachedStatements) return;
  sqlite3_stmt* oldest = idle_.back();
  by_sql_.erase(sqlite3_sql(oldest));
  idle_.pop_back();
  sqlite3_finalize(oldest);
}

Result<> SqliteConnection::bind(sqlite3_stmt* statement, std::span<const SqlValue> parameters) {
  if (sqlite3_bind_parameter_count(statement) != static_cast<int>(parameters.size()))
    return fail(
        Errc::internal, "sql.syntax",
        karez::format("{} parameters given for {} [{}]", parameters.size(), sqlite3_bind_parameter_count(statement),
                      std::string_view(sqlite3_sql(statement)).substr(0, 200)));
  // SQLITE_STATIC everywhere: the parameters outlive the execution.
  for (int i = 0; i < static_cast<int>(parameters.size()); ++i) {
    const SqlValue& value = parameters[static_cast<std::size_t>(i)];
    int code = SQLITE_OK;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) code = sqlite3_bind_int64(statement, i + 1, *integer);
    else if (const auto* real = std::get_if<double>(&value)) code = sqlite3_bind_double(statement, i + 1, *real);
    else if (const auto* text = std::get_if<std::string>(&value))
      code = sqlite3_bind_text64(statement, i + 1, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    else if (const auto* bytes = std::get_if<std::vector<std::byte>>(&value))
      code = sqlite3_bind_blob64(statement, i + 1, bytes->empty() ? static_cast<const void*>("") : bytes->data(),
                                 bytes->size(), SQLITE_STATIC);
    if (code != SQLITE_OK) return sql_error(db_, code);
  }
  return {};
}

Result<> SqliteConnection::run(std::string_view sql, std::span<const SqlValue> parameters, const RowHandler* row) {
  KZ_TRY(sqlite3_stmt* const statement, take(sql));
  const auto giver = [this](sqlite3_stmt* used) { give_back(used); };
  const std::unique_ptr<sqlite3_stmt, decltype(giver)> in_use(statement, giver);
  KZ_CHECK(bind(statement, parameters));
  const SqliteRow view(statement);
  for (;;) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) return {};
    if (code != SQLITE_ROW) return sql_error(db_, code, sql);
    if (row) (*row)(view);
  }
}

Result<std::int64_t> SqliteConnection::execute(std::string_view sql, std::span<const SqlValue> parameters) {
  const auto before = sqlite3_total_changes64(db_);
  KZ_CHECK(run(sql, parameters, nullptr));
  // sqlite3_changes keeps its old figure after statements that change nothing (CREATE, SELECT).
  return sqlite3_total_changes64(db_) == before ? 0 : sqlite3_changes64(db_);
}

Result<> SqliteConnection::query(std::string_view sql, std::span<const SqlValue> parameters, const RowHandler& row) {
  return run(sql, parameters, &row);
}

Result<> SqliteConnection::script(const std::string& sql) {
  if (const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK)
    return sql_error(db_, code, sql);
  return {};
}

void SqliteConnection::roll_back() noexcept {
  if (sqlite3_get_autocommit(db_) == 0) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<> SqliteConnection::back_up(const Path& file) {
  KZ_CHECK(script("PRAGMA query_only=OFF"));
  auto done = execute("VACUUM INTO ?1", {file.string()}).transform([](auto) {});
  KZ_CHECK(script("PRAGMA query_only=ON"));
  return done;
}

}  // namespace karez::stores
