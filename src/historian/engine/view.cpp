// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "historian/engine/core.h"
#include "historian/engine/head_rows.h"
#include "historian/engine/scan.h"

namespace karez::historian {
VersionPtr Core::version() const {
  const std::lock_guard lock(state_);
  return version_;
}

VersionPtr Core::version_up_to(std::uint64_t lsn) const {
  VersionPtr now = version();
  if (std::ranges::none_of(now->tombstones, [&](const TombstonePtr& t) { return t->lsn > lsn; })) return now;
  auto out = std::make_shared<Version>(*now);
  std::erase_if(out->tombstones, [&](const TombstonePtr& t) { return t->lsn > lsn; });
  return out;
}

PointView Core::view(std::uint32_t point, std::int64_t from, std::int64_t to) const {
  PointView out;
  if (from >= to) {
    out.version = version();
    return out;
  }
  std::vector<PinnedRuns> pinned;
  HeadBuffer::Runs runs;
  const auto pin = [&](const HeadPtr& buffer) {
    if (!buffer->runs(point, runs) || runs.high < from || runs.low >= to) return;
    pinned.push_back({buffer, std::move(runs)});
  };
  // Active heads first: what is flushed in between is then seen twice, never missed.
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    pin(shard->active);
  }
  std::vector<HeadPtr> frozen;
  {
    const std::lock_guard lock(state_);
    out.version = version_;
    frozen = frozen_;
  }
  for (const HeadPtr& buffer : frozen) {
    const bool seen = std::ranges::any_of(pinned, [&](const PinnedRuns& p) { return p.buffer == buffer; });
    if (!seen) pin(buffer);
  }
  out.erasures = erasures_of(*out.version, point);
  collect_rows(pinned, from, to - 1, out.erasures, out.head);
  return out;
}

Result<> Core::newest_before(std::uint32_t point, std::int64_t time, Columns& out) const {
  constexpr std::int64_t kBegin = std::numeric_limits<std::int64_t>::min();
  Scan scan(view(point, kBegin, time), point, {kBegin, time}, Scan::Order::newest_first);
  ScanBuffers buffers;
  Columns rows;
  for (;;) {
    KZ_TRY(const ScanGroup* group, scan.next());
    if (group == nullptr) return {};
    KZ_CHECK(scan.load(*group, buffers, rows));
    if (rows.empty()) continue;
    out.push_from(rows, rows.size() - 1);
    return {};
  }
}

}  // namespace karez::historian
