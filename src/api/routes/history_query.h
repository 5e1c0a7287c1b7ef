// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/call.h"

/// What the history routes share.
namespace karez::api::routes {

double took_ms(const Call& call, Monotonic start);
/// Counts an answered query for the evidence.
void count_query(const Call& call, model::Origin origin);
/// from and to of the query. Errors: request.required, request.time, request.time_range.
Result<historian::TimeRange> query_range(const Call& call);
/// from and to of a body.
historian::TimeRange read_range(ObjectReader& body);
/// Points of a body that exist and may be seen; one that does not is registry.not_found.
Result<std::vector<catalog::PointRow>> read_points(Call& call, ObjectReader& body, Faults& faults, std::size_t most);
std::vector<model::PointId> ids_of(const std::vector<catalog::PointRow>& rows);
/// Text of a stored sample.
std::string_view text_of(const historian::Point& p, const std::vector<std::string>& texts);

Answer trend(Call& call);

}  // namespace karez::api::routes
