// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/ids.h"
#include "model/sample.h"

namespace karez::model {

/// A series that appears at run time: line protocol, a Sparkplug birth, a CSV file.
struct SeriesName {
  std::string group;  ///< becomes one device: measurement, or "sparkplug/group/node/device"
  std::string name;   ///< within the group: sorted tags + field, or metric name
  ValueType type = ValueType::float64;
  std::string unit;
};

/// Gives ids to names, once and for good. Batches, since each call may be a database transaction.
/// Thread: any except a lane or a loop (it may block on SQL).
class PointRegistry {
 public:
  virtual ~PointRegistry() = default;
  /// Ids in the order asked; existing names keep theirs. A name whose type differs from the registered
  /// one gets PointId 0. Errors: registry.limit (points of the tenant), store errors.
  virtual Result<std::vector<PointId>> register_series(TenantId tenant, std::span<const SeriesName> names) = 0;
};

}  // namespace karez::model
