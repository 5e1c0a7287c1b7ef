// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/time.h"
#include "catalog/plant_registry.h"
#include "connect/driver.h"
#include "connect/link_hub.h"
#include "evidence/counters.h"
#include "evidence/event_log.h"
#include "historian/time_series_store.h"
#include "model/batch.h"
#include "security/identity.h"
#include "stream/lanes.h"
#include "stream/latest.h"

/// HTTP and WebSocket face of the platform: /api/v1, the line protocol, metrics, health, the console's
/// files. The contract is openapi.yaml beside this file.
namespace karez::api {

/// What the routes work on; all outlive the server.
struct Services {
  catalog::PlantRegistry& registry;
  security::Identity& identity;
  historian::TimeSeriesStore& history;
  stream::LatestTable& latest;
  stream::Lanes& lanes;
  model::BatchPool& blocks;
  connect::LinkHub& links;
  evidence::Counters& evidence;
  evidence::EventLog& events;
  std::span<const connect::DriverInfo* const> drivers;
  MetricRegistry& metrics;
  Clock& clock;
  Log& log;
};

struct Options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: the system chooses
  unsigned threads = 1;       ///< Drogon loops, 1 .. 2
  unsigned workers = 4;
  std::size_t worker_queue = 256;
  std::string console_dir;  ///< folder with index.html; empty: no console
  std::size_t max_body_bytes = 16u << 20;
  /// Of one address (2 or more), out of 2,000 in all; to be raised where a proxy stands before the server.
  std::size_t max_connections_per_ip = 256;
  /// Folder of our own where long bodies wait until they are whole; emptied at start. Empty: in memory.
  std::string upload_dir;
  std::string version;
};

/// One per process (Drogon's application object is a singleton).
/// Thread: start and stop on the main thread.
class ApiServer {
 public:
  /// Returns once it listens. Errors: api.port_in_use, api.cannot_listen.
  static Result<std::unique_ptr<ApiServer>> start(Services services, Options options);
  ~ApiServer();  ///< stops
  ApiServer(const ApiServer&) = delete;
  ApiServer& operator=(const ApiServer&) = delete;
  std::uint16_t port() const noexcept;
  /// From now on new requests are refused; those under way go on.
  void refuse() noexcept;
  /// Ends running requests within a few seconds, then closes. What they wait for outside (a device) must
  /// have been stopped before.
  void stop();

 private:
  struct Impl;
  explicit ApiServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::api
