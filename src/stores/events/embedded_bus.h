// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "stores/open.h"

namespace karez::stores {

/// Events in a table of the SQL store, one cursor a consumer, one thread that delivers to all.
/// A transaction that publishes cannot tell the bus of its commit, so the bus looks for new events
/// twice a second, and at once after `publish` was called.
/// Thread: any worker for `publish`; one for the rest.
class EmbeddedBus final : public EventBus {
 public:
  static Result<std::unique_ptr<EmbeddedBus>> open(SqlStore& sql, Clock& clock, Log& log, const BusOptions& options);
  ~EmbeddedBus() override { stop(); }

  Result<> publish(SqlSession& transaction, const Event& event) override;
  Result<> subscribe(std::string_view consumer, std::string_view prefix,
                     std::function<Result<>(const Event&)> handler) override;
  Result<> start() override;
  void stop() override;

 private:
  struct Consumer {
    std::string name, prefix;
    std::function<Result<>(const Event&)> handler;
    Monotonic not_before{};  ///< after an error
    std::int64_t done = 0;   ///< the durable cursor as last written
  };
  EmbeddedBus(SqlStore& sql, Clock& clock, Log& log, const BusOptions& options)
      : sql_(sql), clock_(clock), log_(log), options_(options) {}
  void run(const std::stop_token& stop);
  /// True when the consumer may have more to read.
  Result<bool> deliver(Consumer& consumer, const std::stop_token& stop);
  Result<> save_cursor(const Consumer& consumer, std::int64_t cursor);
  Result<> remove_old();

  SqlStore& sql_;
  Clock& clock_;
  Log& log_;
  const BusOptions options_;
  std::vector<Consumer> consumers_;  // changed before `start` only
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool published_ = false;  // guarded by mutex_
  std::jthread thread_;
};

}  // namespace karez::stores
