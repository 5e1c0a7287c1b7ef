// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "historian/engine/scan.h"

namespace karez::historian {

/// The questions of TimeSeriesStore, on the layers of the engine. Thread: any.
Result<RawPage> query_raw(const Core& core, const RawQuery& query);
Result<std::vector<BucketSeries>> query_buckets(const Core& core, const BucketQuery& query);
Result<TrendSeries> query_trend(const Core& core, const TrendQuery& query);

/// Row `i` as the interface gives it; its text goes to `texts`.
Point to_point(const Columns& rows, std::size_t i, std::vector<std::string>& texts);

}  // namespace karez::historian
