// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unordered_map>

#include "api/call.h"

namespace karez::api::routes {

/// Filters of point lists and of the export. `nothing`: no point can match.
struct PointFilter {
  catalog::ListQuery query;
  bool nothing = false;
};
Result<PointFilter> point_filter(Call& call);

/// Many new points at once, from JSON or CSV: judges every row, then creates all, none, or the good ones.
/// Thread: one.
class PointRows {
 public:
  struct Row {
    std::size_t index = 0;  ///< place in the request
    model::Point point;
    model::PointId id;  ///< once created
    std::vector<ProblemItem> faults;
  };
  explicit PointRows(Call& call) : call_(call) {}

  /// Driver of a device's link; empty without a link, nothing for an unknown device.
  std::optional<std::string> driver_of(model::DeviceId device);
  void add(std::size_t index, model::Point point, std::vector<ProblemItem> faults);
  /// Asks the registry about the good rows, and creates them unless `dry_run`.
  Result<> create(bool dry_run, bool skip_bad);

  const std::vector<Row>& rows() const noexcept { return rows_; }
  std::size_t ok_count() const;
  std::size_t created() const noexcept { return created_; }

 private:
  Call& call_;
  std::vector<Row> rows_;
  std::unordered_map<model::DeviceId, std::optional<std::string>> drivers_;
  std::size_t created_ = 0;
};

}  // namespace karez::api::routes
