// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
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
  /// `changed` is told when points may have appeared in a tenant.
  Ingest(Services& services, std::function<void(model::TenantId)> changed);
  ~Ingest();

  struct Outcome {
    std::uint64_t lines_ok = 0, lines_bad = 0, samples = 0;
    Faults faults;  ///< one for each bad line
  };
  /// `source` is the bucket or database; `unit` the nanoseconds of one unit of the time-stamps.
  /// Good lines are stored though others are bad; of a bad one nothing is.
  /// Errors: line.too_many_sources, stream.lane_full, request.busy (no free block), store.timeout, store
  /// errors: then nothing is acknowledged and the client must send again.
  Result<Outcome> write(model::TenantId tenant, std::string_view source, std::string_view body, std::int64_t unit);

  /// Forgets ids, because points were removed.
  void forget(model::TenantId tenant);

 private:
  class Source;
  using Key = std::pair<model::TenantId, std::string>;
  struct Known {
    std::shared_ptr<Source> source;  ///< shared by requests under way
    std::uint64_t used = 0;  ///< when, by count
  };
  Result<std::shared_ptr<Source>> source(model::TenantId tenant, std::string_view name);
  /// The longest unused source of [first, last) that nobody is using, taken out; null when all are in use.
  std::shared_ptr<Source> evict(std::map<Key, Known>::iterator first, std::map<Key, Known>::iterator last);
  /// Source ids from 1,000 on belong to links.
  static constexpr std::size_t kMaxSources = 900, kMaxOfTenant = 200;

  Services& services_;
  const std::function<void(model::TenantId)> changed_;
  std::mutex mutex_;
  std::map<Key, Known> sources_;
  std::uint64_t uses_ = 0;
};

}  // namespace karez::api
