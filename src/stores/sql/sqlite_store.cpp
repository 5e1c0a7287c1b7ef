// SPDX-License-Identifier: Apache-2.0
#include "stores/sql/sqlite_store.h"

#include <algorithm>
#include <system_error>

#include "base/format.h"
#include "base/text.h"

namespace karez::stores {
namespace {

constexpr std::size_t kMaxCommandId = 128;
constexpr std::uint64_t kCleanEvery = 1000;

constexpr const char* kOwnTables =
    "CREATE TABLE IF NOT EXISTS store_migration (module TEXT NOT NULL, step BIGINT NOT NULL, PRIMARY KEY (module, "
    "step));"
    "CREATE TABLE IF NOT EXISTS store_command (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE);";

std::string in_own_dialect(std::string_view step) {
  constexpr std::string_view kMark = "{id}", kKey = "INTEGER PRIMARY KEY AUTOINCREMENT";
  std::string sql(step);
  for (auto at = sql.find(kMark); at != std::string::npos; at = sql.find(kMark, at))
    sql.replace(at, kMark.size(), kKey);
  return sql;
}

}  // namespace

/// A reader on loan from the pool.
class SqliteStore::Lease {
 public:
  Lease(SqliteStore& store, std::unique_ptr<SqliteConnection> connection)
      : store_(store), connection_(std::move(connection)) {}
  ~Lease() {
    connection_->roll_back();
    store_.give_reader(std::move(connection_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  SqliteConnection& operator*() const { return *connection_; }

 private:
  SqliteStore& store_;
  std::unique_ptr<SqliteConnection> connection_;
};

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const Path& file, const SqlOptions& options) {
  KZ_ASSERT(options.readers >= 1 && options.readers <= 64);
  if (file.has_parent_path()) KZ_CHECK(make_directories(file.parent_path()));
  std::unique_ptr<SqliteStore> store(new SqliteStore(file, options));
  KZ_TRY(store->writer_, SqliteConnection::open(file, SqliteConnection::Kind::writer, options.busy_timeout));
  // Users, hashes and configurations are in there: nobody else on the machine may read them. SQLite
  // gives -wal and -shm the same rights.
  std::error_code ec;
  std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, ec);
  if (ec)
    return fail(Errc::denied, "sql.cannot_open", karez::format("Cannot protect {}: {}.", file.string(), ec.message()));
  KZ_CHECK(store->writer_->script(kOwnTables));
  return store;
}

SqliteStore::~SqliteStore() = default;

Result<> SqliteStore::transaction(const Work& work) {
  KZ_CHECK(writer_->script("BEGIN IMMEDIATE"));
  auto done = work(*writer_);
  if (done) done = writer_->script("COMMIT");
  if (!done) writer_->roll_back();
  return done;
}

Result<> SqliteStore::write(std::string_view command_id, const Work& work) {
  if (command_id.size() > kMaxCommandId || !is_utf8(command_id))
    return fail(Errc::invalid_argument, "sql.bad_command_id", "A command id has at most 128 bytes of UTF-8.");
  KZ_ASSERT(writing_.load() != std::this_thread::get_id());
  const std::scoped_lock lock(write_mutex_);
  writing_ = std::this_thread::get_id();
  auto done = transaction([&](SqlSession& session) -> Result<> {
    if (command_id.empty()) return work(session);
    KZ_TRY(const bool fresh, remember(session, command_id));
    if (!fresh) return {};
    return work(session);
  });
  writing_ = std::thread::id();
  return done;
}

Result<bool> SqliteStore::remember(SqlSession& session, std::string_view command_id) {
  KZ_TRY(
      const std::int64_t inserted,
      session.execute("INSERT INTO store_command (id) VALUES (?1) ON CONFLICT DO NOTHING", {std::string(command_id)}));
  if (inserted > 0 && ++commands_since_cleaning_ >= kCleanEvery) KZ_CHECK(forget_old(session));
  return inserted > 0;
}

Result<> SqliteStore::forget_old(SqlSession& session) {
  commands_since_cleaning_ = 0;
  return session
      .execute("DELETE FROM store_command WHERE seq <= (SELECT max(seq) FROM store_command) - ?1",
               {static_cast<std::int64_t>(options_.command_ids_kept)})
      .transform([](auto) {});
}

Result<> SqliteStore::read(const Work& work) {
  KZ_TRY(auto connection, take_reader());
  const Lease lease(*this, std::move(connection));
  KZ_CHECK((*lease).script("BEGIN"));
  return work(*lease);
}

Result<std::unique_ptr<SqliteConnection>> SqliteStore::take_reader() {
  {
    std::unique_lock lock(readers_mutex_);
    if (!reader_free_.wait_for(lock, options_.busy_timeout, [&] { return readers_out_ < options_.readers; }))
      return fail(Errc::unavailable, "sql.busy", "All connections for reading are in use.");
    ++readers_out_;
    if (!idle_readers_.empty()) {
      auto connection = std::move(idle_readers_.back());
      idle_readers_.pop_back();
      return connection;
    }
  }
  auto opened = SqliteConnection::open(file_, SqliteConnection::Kind::reader, options_.busy_timeout);
  if (!opened) give_reader(nullptr);
  return opened;
}

void SqliteStore::give_reader(std::unique_ptr<SqliteConnection> connection) {
  {
    const std::scoped_lock lock(readers_mutex_);
    --readers_out_;
    if (connection) idle_readers_.push_back(std::move(connection));
  }
  reader_free_.notify_one();
}

Result<> SqliteStore::migrate(const Migrations& migrations) {
  const std::string module(migrations.module);
  const auto count = static_cast<std::int64_t>(migrations.steps.size());
  for (std::int64_t step = 1; step <= count + 1; ++step) {
    // Asked inside the transaction, as another process may be doing the same.
    KZ_CHECK(write({}, [&](SqlSession& session) -> Result<> {
      std::int64_t done = 0;
      KZ_CHECK(session.query("SELECT coalesce(max(step), 0) FROM store_migration WHERE module = ?1", {module},
                             [&](const SqlRow& row) { done = row.integer(0); }));
      if (done > count)
        return fail(Errc::unsupported, "sql.newer_schema",
                    karez::format("The tables of {} are at step {}, this version knows {}.", module, done, count));
      if (done >= step || step > count) return {};
      KZ_CHECK(writer_->script(in_own_dialect(migrations.steps[static_cast<std::size_t>(step - 1)])));
      KZ_CHECK(session.execute("INSERT INTO store_migration (module, step) VALUES (?1, ?2)", {module, step}));
      return {};
    }));
  }
  return {};
}

Result<> SqliteStore::backup(const std::string& path) {
  std::error_code ec;
  if (std::filesystem::exists(path, ec))
    return fail(Errc::conflict, "sql.backup_exists", karez::format("{} exists already.", path));
  KZ_TRY(auto connection, take_reader());
  // VACUUM INTO reads one snapshot, so writers go on; it must not run inside a transaction.
  const Lease lease(*this, std::move(connection));
  KZ_CHECK((*lease).back_up(path));
  KZ_TRY(File copy, File::open(path, File::Mode::read_write));
  KZ_CHECK(copy.sync());
  const Path parent = Path(path).parent_path();
  return sync_directory(parent.empty() ? Path(".") : parent);
}

Result<std::unique_ptr<SqlStore>> open_sql_store(const Path& file, const SqlOptions& options) {
  KZ_TRY(auto store, SqliteStore::open(file, options));
  return store;
}

}  // namespace karez::stores
