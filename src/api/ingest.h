// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "api/api_server.h"
#include "api/problem.h"

namespace karez::api {

/// Takes line-protocol bodies: parses, gives ids to new series, sends blocks to the lanes, waits until
/// all of it is durable.
/// Thread: any worker; requests of one source take turns, since a source is one writer.
class Ingest {
 public:
  explicit Ingest(Services& services);
  ~Ingest();

  struct Outcome {
    std::uint64_t lines_ok = 0, lines_bad = 0, samples = 0;
    Faults faults;  ///< one for each bad line
  };
  /// `source` is the bucket or database; `unit` the nanoseconds of one unit of the time-stamps.
  /// Good lines are stored though others are bad. Errors: stream.lane_full, request.busy (no free
  /// block), store.timeout, store errors: then nothing is acknowledged and the client must send again.
  Result<Outcome> write(model::TenantId tenant, std::string_view source, std::string_view body, std::int64_t unit);

  /// Forgets ids, because points were removed.
  void forget(model::TenantId tenant);

 private:
  class Source;
  Result<std::shared_ptr<Source>> source(model::TenantId tenant, std::string_view name);
  static constexpr std::size_t kMaxSources = 1000;

  Services& services_;
  std::mutex mutex_;
  std::map<std::pair<model::TenantId, std::string>, std::shared_ptr<Source>>
      sources_;  ///< shared by requests under way
};

}  // namespace karez::api
