// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/queries.h"

namespace karez::historian {

Result<std::vector<BucketSeries>> query_buckets(const Core&, const BucketQuery&) {
  return fail(Errc::unsupported, "store.not_yet");
}
Result<TrendSeries> query_trend(const Core&, const TrendQuery&) { return fail(Errc::unsupported, "store.not_yet"); }

}  // namespace karez::historian
