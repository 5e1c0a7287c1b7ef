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

  std::set<std::int32_t> days() const {
    std::set<std::int32_t> out;
    for (const HeadPtr& head : heads_) out.insert(head->days().begin(), head->days().end());
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
        KZ_TRY(const std::size_t piece, end_of_piece(point, rows, begin));
        const std::size_t end = std::min(chunk_end(rows, begin), piece);
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
  struct Span {
    std::int64_t t0, t1;
  };

  /// Late rows go to chunks that overlap with no more of the flushed ones than they must: those within
  /// one span of flushed chunks to one, those in the gap before it to another. Two late rows far apart in
  /// one chunk would make the whole time between them overlap. The answer is the row to end before.
  Result<std::size_t> end_of_piece(std::uint32_t point, const Columns& rows, std::size_t begin) {
    const std::int64_t first = rows.time[begin];
    if (point != spans_point_ || day_of(first) != spans_day_) KZ_CHECK(find_spans(point, first));
    const auto span = std::ranges::lower_bound(spans_, first, {}, &Span::t1);
    if (span == spans_.end()) return rows.size();
    const auto end = span->t0 <= first ? std::ranges::upper_bound(rows.time, span->t1)
                                       : std::ranges::lower_bound(rows.time, span->t0);
    return static_cast<std::size_t>(end - rows.time.begin());
  }

  /// Spans that flushed chunks of the point cover in the day of `from`, from there on.
  Result<> find_spans(std::uint32_t point, std::int64_t from) {
    spans_.clear();
    spans_point_ = point;
    spans_day_ = day_of(from);
    const auto partition = version_.partitions.find(spans_day_);
    if (partition == version_.partitions.end()) return {};
    std::vector<Span> chunks;
    for (const SegmentPtr& s : partition->second) {
      if (s->info.t1 < from || point < s->info.point_low || point > s->info.point_high) continue;
      KZ_TRY(const auto reader, s->reader());
      const auto [low, high] = reader->directory().find(point);
      for (std::size_t i = low; i < high; ++i) {
        const auto [t0, t1] = reader->directory().times(i);
        if (t1 >= from) chunks.push_back({t0, t1});
      }
    }
    std::ranges::sort(chunks, {}, &Span::t0);
    for (const Span& chunk : chunks) {
      if (spans_.empty() || chunk.t0 > spans_.back().t1) spans_.push_back(chunk);
      else spans_.back().t1 = std::max(spans_.back().t1, chunk.t1);
    }
    return {};
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
  std::vector<Span> spans_;  // of this point and day
  std::uint32_t spans_point_ = 0;
  std::int32_t spans_day_ = 0;
  ChunkEncoder encoder_;
};

}  // namespace

bool Core::flush_due() const {
  return days_full_.load(std::memory_order_relaxed) ||
         active_bytes_.load(std::memory_order_relaxed) >= options_.head_bytes / 2 ||
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
  days_full_ = false;
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
  const VersionPtr seen = version_up_to(frozen.cut);
  ManifestEdit edit;
  edit.flushed = frozen.cut;
  KZ_TRY(edit.add, write_frozen(frozen, *seen));
  for (const TombstonePtr& t : seen->tombstones)
    if (!manifest_->state().tombstones.contains(t->lsn)) edit.bury.push_back(t);
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
  if (!edit.add.empty()) KZ_CHECK(keep_entry(data_, durable()));  // folders of new partitions
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
    partition.push_back(std::make_shared<Segment>(info, segment_path(data_, info), readers_));
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
