// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "api/call.h"

namespace karez::api::routes {

/// One row of a CSV file of points.
struct CsvPoint {
  std::size_t line = 0;  ///< of the file, from 1
  model::Point point;
  std::vector<ProblemItem> faults;  ///< pointers name the column: "/address"
};

/// Columns of the import and of the export, in the order of the export.
std::span<const std::string_view> point_columns();

/// Judges a file of points for a device of `driver`; every point starts as `base`. A row without a type
/// gets the natural one of its address. Errors: csv.header, request.too_large (more than `max_rows`).
/// Thread: any.
Result<std::vector<CsvPoint>> read_point_csv(Call& call, std::string_view text, std::string_view driver,
                                             const model::Point& base, std::size_t max_rows);

}  // namespace karez::api::routes
