// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>

#include "base/hash.h"
#include "historian/engine/core.h"
#include "historian/engine/last_checkpoint.h"

namespace karez::historian {
namespace {

constexpr Duration kDurableWait = std::chrono::minutes(1);

}  // namespace

void Core::add_tombstone(TombstonePtr tombstone) {
  const std::lock_guard lock(state_);
  auto next = std::make_shared<Version>(*version_);
  next->tombstones.push_back(std::move(tombstone));
  version_ = std::move(next);
}

/// Last values in the range are no longer true; says whose.
std::vector<std::uint32_t> Core::forget_last(const Tombstone& t) {
  std::vector<std::uint32_t> out;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    for (const std::uint32_t point : t.points) {
      const LastEntry* entry = shard->last.find(point);
      if (entry == nullptr || entry->lsn >= t.lsn || entry->time < t.from || entry->time >= t.to) continue;
      shard->last.forget(point);
      out.push_back(point);
    }
  }
  return out;
}

Result<> Core::remove(std::span<const std::uint32_t> points, std::int64_t from, std::int64_t to) {
  std::uint64_t last = 0;
  {
    const std::lock_guard lock(maintenance_);  // no checkpoint of last values in between
    KZ_CHECK(drop_last_checkpoint(options_.dir, durable()));
    std::vector<std::uint32_t> doubtful;
    const auto bury = [&](std::span<const std::uint32_t> some) -> Result<> {
      const auto payload = encode_remove(some, from, to);
      auto tombstone =
          std::make_shared<Tombstone>(Tombstone{.from = from, .to = to, .points = {some.begin(), some.end()}});
      const std::lock_guard one_step(remove_);
      KZ_TRY(last, wal_->append(FrameKind::remove, 0, payload, crc32c(payload)));
      tombstone->lsn = last;
      add_tombstone(tombstone);
      const auto some_doubtful = forget_last(*tombstone);
      doubtful.insert(doubtful.end(), some_doubtful.begin(), some_doubtful.end());
      return {};
    };
    Result<> done;
    for (std::size_t i = 0; done && i < points.size(); i += kMaxRemovePoints)
      done = bury(points.subspan(i, std::min(kMaxRemovePoints, points.size() - i)));
    // Still under the lock: another delete in between would have its value offered again.
    KZ_CHECK(recompute_last(doubtful));
    KZ_CHECK(done);
  }
  return last == 0 ? Result<>{} : wal_->wait(last, kDurableWait);
}

Result<> Core::retain(std::int64_t keep_from) {
  const std::lock_guard no_merge(merge_);
  const std::lock_guard lock(maintenance_);
  const std::int32_t first_kept = day_of(keep_from);
  KZ_CHECK(flush_locked());
  ManifestEdit edit;
  const VersionPtr seen = version();
  for (const auto& [day, segments] : seen->partitions) {
    if (day >= first_kept) break;
    for (const SegmentPtr& s : segments) edit.drop.push_back(s->info.file);
  }
  if (edit.drop.empty()) return {};
  KZ_CHECK(drop_last_checkpoint(options_.dir, durable()));
  KZ_CHECK(commit(edit, false));
  // A late sample that came in between may be forgotten here although it is stored; its next one mends that.
  for (const auto& shard : shards_) {
    const std::lock_guard guard(shard->mutex);
    shard->last.forget_before(day_begin(first_kept));
  }
  return {};
}

Result<> Core::purge_tombstones_locked() {
  const VersionPtr seen = version();
  ManifestEdit edit;
  for (const TombstonePtr& t : seen->tombstones) {
    if (t->lsn > manifest_->state().flushed) continue;
    bool needed = false;
    for (const auto& [day, segments] : seen->partitions)
      for (const SegmentPtr& s : segments)
        needed = needed || (s->info.clean < t->lsn && s->info.t0 < t->to && s->info.t1 >= t->from);
    if (!needed) edit.purge.push_back(t->lsn);
  }
  return edit.purge.empty() ? Result<>{} : commit(edit, false);
}

}  // namespace karez::historian
