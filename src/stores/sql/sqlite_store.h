// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "stores/open.h"
#include "stores/sql/sqlite_connection.h"

namespace karez::stores {

/// Metadata in one SQLite file: WAL mode, every commit synced; one connection writes, a few read.
/// Thread: any worker.
class SqliteStore final : public SqlStore {
 public:
  static Result<std::unique_ptr<SqliteStore>> open(const Path& file, const SqlOptions& options);
  ~SqliteStore() override;

  Result<> write(std::string_view command_id, const Work& work) override;
  Result<> read(const Work& work) override;
  Result<> migrate(const Migrations& migrations) override;
  Result<> backup(const std::string& path) override;

 private:
  class Lease;
  SqliteStore(Path file, const SqlOptions& options) : file_(std::move(file)), options_(options) {}
  Result<> transaction(const Work& work);
  Result<bool> remember(SqlSession& session, std::string_view command_id);
  Result<> forget_old(SqlSession& session);
  Result<std::unique_ptr<SqliteConnection>> take_reader();
  void give_reader(std::unique_ptr<SqliteConnection> connection);

  const Path file_;
  const SqlOptions options_;

  std::mutex write_mutex_;
  std::unique_ptr<SqliteConnection> writer_;       // guarded by write_mutex_
  std::uint64_t commands_since_cleaning_ = 0;      // guarded by write_mutex_
  std::atomic<std::thread::id> writing_;           // finds a write inside a write, which would wait for ever

  std::mutex readers_mutex_;
  std::condition_variable reader_free_;
  std::vector<std::unique_ptr<SqliteConnection>> idle_readers_;  // guarded by readers_mutex_
  std::size_t readers_out_ = 0;                                  // guarded by readers_mutex_
};

}  // namespace karez::stores
