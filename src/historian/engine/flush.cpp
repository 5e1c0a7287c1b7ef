// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "historian/engine/core.h"
#include "historian/engine/head_rows.h"
#include "historian/engine/segment_writer.h"

namespace karez::historian {
namespace {

/// Files written at one time; hostile times touch many partitions.
constexpr std::size_t kOpenWriters = 32;
constexpr Duration kSaveLastValues = std::chrono::minutes(2);
constexpr Duration kRetry = std::chrono::seconds(5);
constexpr Duration kDurableWait = std::chrono::minutes(1);

/// Writes what frozen heads hold to segments, one per partition.
class FrozenWriter {
 public:
  struct Target {
    const Path& root;
    Manifest& manifest;
    std::uint64_t cut;
    Durable durable;
  };
  FrozenWriter(const std::vector<HeadPtr>& heads, const Version& version) : heads_(heads), version_(version) {
    for (const HeadPtr& head : heads_) {
      const auto some = head->points();
      points_.insert(points_.end(), some.begin(), some.end());
    }
    std::ranges::sort(points_);
    const auto twice = std::ranges::unique(points_);
    points_.erase(twice.begin(), twice.end());
  }

  std::set<std::int32_t> days() {
    std::set<std::int32_t> out;
    for (const std::uint32_t point : points_) {
      for (const PinnedRuns& p : pin(point)) {
        out.insert(day_of(p.runs.low));
        if (day_of(p.runs.low) == day_of(p.runs.high)) continue;
        for (const auto& piece : p.runs.pieces)
          for (const Row& row : piece) out.insert(day_of(row.time));
      }
    }
    return out;
  }

  /// `days`: neighbours in the set of all days, at most kOpenWriters.
  Result<> write(std::span<const std::int32_t> days, const Target& target, std::vector<SegmentInfo>& made) {
    std::map<std::int32_t, SegmentWriter> writers;
    Columns rows;
    for (const std::uint32_t point : points_) {
      rows.clear();
      collect_rows(pin(point), day_begin(days.front()), day_last(days.back()), erasures_of(version_, point), rows);
      for (std::size_t begin = 0; begin < rows.size();) {
        const std::int32_t day = day_of(rows.time[begin]);
        KZ_TRY(const std::size_t late, end_of_late(point, rows, begin));
        const std::size_t end = std::min(chunk_end(rows, begin), late);
        auto it = writers.find(day);
        if (it == writers.end()) {
          KZ_TRY(auto writer,
                 SegmentWriter::create(target.root, target.manifest.take_file_number(), day, target.durable));
          it = writers.emplace(day, std::move(writer)).first;
        }
        KZ_CHECK(it->second.add(encoder_, point, rows, begin, end));
        begin = end;
      }
    }
    for (auto& [day, writer] : writers) {
      KZ_TRY(made.emplace_back(), writer.finish(target.cut, target.cut));
    }
    return {};
  }

 private:
  /// Rows up to the newest flushed one are late: in a chunk of their own, they make no chunk of new rows
  /// overlap with old ones. The answer is where late rows end, or the end when there are none.
  Result<std::size_t> end_of_late(std::uint32_t point, const Columns& rows, std::size_t begin) const {
    const std::int64_t first = rows.time[begin];
    const auto partition = version_.partitions.find(day_of(first));
    if (partition == version_.partitions.end()) return rows.size();
    std::int64_t newest = first;
    bool found = false;
    for (const SegmentPtr& s : partition->second) {
      if (s->info.t1 < newest || point < s->info.point_low || point > s->info.point_high) continue;
      KZ_TRY(const auto reader, s->reader());
      const auto [low, high] = reader->directory().find(point);
      if (low == high || reader->directory()[high - 1].t1 < newest) continue;
      newest = reader->directory()[high - 1].t1;
      found = true;
    }
    if (!found) return rows.size();
    return static_cast<std::size_t>(std::ranges::upper_bound(rows.time, newest) - rows.time.begin());
  }

  std::vector<PinnedRuns> pin(std::uint32_t point) const {
    std::vector<PinnedRuns> out;
    HeadBuffer::Runs runs;
    for (const HeadPtr& head : heads_)
      if (head->runs(point, runs)) out.push_back({head, std::move(runs)});
    return out;
  }

  const std::vector<HeadPtr>& heads_;
  const Version& version_;
  std::vector<std::uint32_t> points_;
  ChunkEncoder encoder_;
};

}  // namespace

bool Core::flush_due() const {
  return active_bytes_.load(std::memory_order_relaxed) >= options_.head_bytes / 2 ||
         wal_->bytes() >= options_.wal_cap_bytes / 2;
}

Core::Frozen Core::freeze() {
  Frozen out;
  const std::lock_guard no_remove(remove_);
  for (const auto& shard : shards_) shard->mutex.lock();
  // nobody gets an LSN now: everything up to the cut is in these heads or on disk
  out.cut = wal_ ? wal_->last_lsn() : replayed_lsn_;
  {
    const std::lock_guard lock(state_);
    for (const auto& shard : shards_) {
      const HeadPtr filled = std::exchange(shard->active, std::make_shared<HeadBuffer>(out.cut + 1));
      if (!filled->empty()) out.heads.push_back(filled);
    }
    frozen_.insert(frozen_.end(), out.heads.begin(), out.heads.end());
    out.heads = frozen_;  // also those of an attempt that failed
  }
  frozen_bytes_ += active_bytes_.exchange(0);
  for (const auto& shard : shards_) shard->mutex.unlock();
  return out;
}

Result<std::vector<SegmentInfo>> Core::write_frozen(const Frozen& frozen, const Version& version) {
  std::vector<SegmentInfo> made;
  if (frozen.heads.empty()) return made;
  FrozenWriter writer(frozen.heads, version);
  const auto set = writer.days();
  const std::vector<std::int32_t> days(set.begin(), set.end());
  for (std::size_t i = 0; i < days.size(); i += kOpenWriters) {
    const auto some = std::span(days).subspan(i, std::min(kOpenWriters, days.size() - i));
    if (auto done = writer.write(some, {data_, *manifest_, frozen.cut, durable()}, made); !done) {
      std::error_code ignored;
      for (const SegmentInfo& info : made) std::filesystem::remove(segment_path(data_, info), ignored);
      return std::unexpected<Error>(std::move(done).error());
    }
  }
  return made;
}

Result<> Core::flush_locked() {
  const Frozen frozen = freeze();
  if (frozen.heads.empty() && frozen.cut == manifest_->state().flushed) return {};
  if (manifest_->broken())
    return fail(Errc::unavailable, "store.poisoned", "The manifest could not be written before.");
  // What was never acknowledged must not come to stay before its log does.
  if (wal_) KZ_CHECK(wal_->wait(frozen.cut, kDurableWait));
  const VersionPtr seen = version();
  ManifestEdit edit;
  edit.flushed = frozen.cut;
  KZ_TRY(edit.add, write_frozen(frozen, *seen));
  for (const TombstonePtr& t : seen->tombstones)
    if (t->lsn <= frozen.cut && !manifest_->state().tombstones.contains(t->lsn)) edit.bury.push_back(t);
  KZ_CHECK(commit(edit, true));
  ++flushes_;
  if (wal_) {
    wal_->roll();
    wal_->release(frozen.cut);
  }
  return {};
}

Result<> Core::flush() {
  {
    const std::lock_guard lock(maintenance_);
    KZ_CHECK(flush_locked());
    KZ_CHECK(purge_tombstones_locked());
    if (clock_.monotonic() - last_saved_ > kSaveLastValues) save_last_values_locked();
  }
  {
    const std::lock_guard lock(wake_mutex_);
    merge_due_ = true;
  }
  merge_wake_.notify_one();
  return {};
}

Result<> Core::commit(const ManifestEdit& edit, bool clear_frozen) {
  KZ_CHECK(manifest_->apply(edit));
  const std::lock_guard lock(state_);
  auto next = std::make_shared<Version>(*version_);
  for (const std::uint64_t file : edit.drop) {
    for (auto& [day, segments] : next->partitions)
      std::erase_if(segments, [&](const SegmentPtr& s) {
        if (s->info.file != file) return false;
        s->doom();
        return true;
      });
  }
  for (const SegmentInfo& info : edit.add) {
    auto& partition = next->partitions[info.day];
    partition.push_back(std::make_shared<Segment>(info, segment_path(data_, info)));
    std::ranges::stable_sort(partition, {}, [](const SegmentPtr& s) { return s->info.lsn; });
  }
  std::erase_if(next->partitions, [](const auto& p) { return p.second.empty(); });
  std::erase_if(next->tombstones, [&](const TombstonePtr& t) { return std::ranges::contains(edit.purge, t->lsn); });
  version_ = std::move(next);
  if (clear_frozen) {
    for (const HeadPtr& head : frozen_) head_rows_ -= head->rows();
    frozen_.clear();
    frozen_bytes_ = 0;
  }
  return {};
}

void Core::flush_loop(const std::stop_token& stop) {
  bool failed = false;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(wake_mutex_);
      if (failed) flush_wake_.wait_for(lock, stop, kRetry, [] { return false; });
      else flush_wake_.wait(lock, stop, [this] { return flush_due(); });
    }
    if (stop.stop_requested()) return;
    const std::uint64_t before = flushes_.load();
    const auto done = flush();
    failed = !done || flushes_.load() == before;  // nothing to do although it was due: no hurry either
    if (!done)
      log_.error("historian", "Memory could not be written to segments, trying again: {}", done.error().message());
  }
}

}  // namespace karez::historian
