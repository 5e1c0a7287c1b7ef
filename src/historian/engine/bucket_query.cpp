// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/bucket_builder.h"
#include "historian/engine/queries.h"

namespace karez::historian {

Result<std::vector<BucketSeries>> query_buckets(const Core& core, const BucketQuery& query) {
  if (query.step <= Duration::zero())
    return fail(Errc::invalid_argument, "store.bad_query", "The step of buckets must be positive.");
  const std::int64_t from = to_ns(query.range.from), to = to_ns(query.range.to);
  std::vector<BucketSeries> out;
  out.reserve(query.points.size());
  std::size_t left = query.max_buckets;
  ScanBuffers buffers;
  Columns rows;
  for (const model::PointId point : query.points) {
    out.push_back({.point = point, .buckets = {}});
    if (from >= to) continue;
    BucketBuilder builder({.from = from,
                           .to = to,
                           .step = static_cast<std::uint64_t>(query.step.count()),
                           .weighted = query.time_weighted,
                           .limit = left});
    if (query.time_weighted) {
      rows.clear();
      KZ_CHECK(core.newest_before(point.value, from, rows));
      if (!rows.empty()) builder.hold(rows);
    }
    Scan scan(core.view(point.value, from, to), point.value, {from, to});
    for (;;) {
      KZ_TRY(const ScanGroup* group, scan.next());
      if (group == nullptr) break;
      if (const ChunkMeta* figures = scan.figures(*group)) {
        KZ_TRY(const bool taken, builder.add(*figures));
        if (taken) continue;
      }
      KZ_CHECK(scan.load(*group, buffers, rows));
      KZ_CHECK(builder.add(rows));
    }
    KZ_TRY(out.back().buckets, builder.finish(to_ns(core.now())));
    left -= out.back().buckets.size();
  }
  return out;
}

}  // namespace karez::historian
