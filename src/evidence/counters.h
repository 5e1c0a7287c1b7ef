// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/time.h"
#include "model/ids.h"
#include "model/origin.h"
#include "stores/sql_store.h"

/// What the platform did, counted in the terms of the guide, by tenant, industry, origin and hour.
/// Origins are never added together.
namespace karez::evidence {

/// The closed list of things counted; names are stable ("samples.stored").
enum class Kind : std::uint8_t {
  samples_received,
  samples_good,
  samples_stored,
  links_online,       ///< link went online
  devices_seen,       ///< distinct devices that delivered a good sample in the window
  points_seen,        ///< distinct points that delivered a good sample in the window
  connections_lost,
  writes_done,
  queries_answered,
  logins,
};
std::string_view to_string(Kind kind);

struct Window {
  model::TenantId tenant;
  std::string industry;
  model::Origin origin = model::Origin::unknown;
  Kind kind = Kind::samples_received;
  Timestamp hour;
  std::uint64_t count = 0;
};

/// Counting is lock-free on the hot path (`add` on a per-tenant, per-origin cell); a background flush
/// adds the cells to the metadata store once a minute and at stop, so a crash loses at most that.
class Counters {
 public:
  static Result<std::unique_ptr<Counters>> open(stores::SqlStore& sql, Clock& clock, Log& log = null_log());
  ~Counters();
  /// Industry of a tenant from now on (GB/T 4754 code).
  void set_industry(model::TenantId tenant, std::string_view industry);
  /// Thread: any, lanes included; no allocation once a (tenant, origin) was seen.
  void add(Kind kind, model::TenantId tenant, model::Origin origin, std::uint64_t n = 1) noexcept;
  /// Marks a point and its device as having delivered a good sample now (distinct per hour).
  /// Thread: lanes; no allocation when warm.
  void seen(model::TenantId tenant, model::PointId point, model::DeviceId device, model::Origin origin) noexcept;
  Result<> flush();
  /// Hours that overlap [from, to), with what is not flushed yet.
  Result<std::vector<Window>> read(model::TenantId tenant, Timestamp from, Timestamp to) const;

 private:
  struct Impl;
  explicit Counters(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::evidence
