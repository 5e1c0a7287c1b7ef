// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/format.h"
#include "historian/engine/scan.h"
#include "historian/engine/segment_writer.h"

namespace karez::historian {
namespace {

constexpr std::size_t kManyTombstones = 256;

/// Segments of about one size: 8 times as much is the next tier.
unsigned tier_of(const SegmentPtr& s) { return (static_cast<unsigned>(std::bit_width(s->info.bytes >> 20)) + 2) / 3; }

bool unclean(const SegmentPtr& s, const Version& version) {
  return std::ranges::any_of(version.tombstones, [&](const TombstonePtr& t) {
    return t->lsn > s->info.clean && t->from <= s->info.t1 && t->to > s->info.t0;
  });
}

/// The first run of `layers` or more neighbours up to some tier; merging neighbours alone keeps the order.
std::vector<SegmentPtr> find_run(const std::vector<SegmentPtr>& segments, std::size_t layers) {
  if (segments.size() < layers) return {};
  const unsigned top = tier_of(*std::ranges::max_element(segments, {}, tier_of));
  for (unsigned tier = 0; tier <= top; ++tier) {
    std::vector<SegmentPtr> run;
    for (const SegmentPtr& s : segments) {
      if (tier_of(s) <= tier) run.push_back(s);
      else if (run.size() >= layers) break;
      else run.clear();
    }
    if (run.size() >= layers) return run;
  }
  return {};
}

/// All points of some segments in growing order.
Result<std::vector<std::uint32_t>> points_of(const std::vector<SegmentPtr>& segments) {
  std::vector<std::uint32_t> out;
  for (const SegmentPtr& s : segments) {
    KZ_TRY(const auto reader, s->reader());
    const std::size_t start = out.size();
    for (std::size_t i = 0; i < reader->directory().size(); ++i) {
      const std::uint32_t point = reader->directory().point(i);
      if (out.size() == start || out.back() != point) out.push_back(point);
    }
  }
  std::ranges::sort(out);
  const auto twice = std::ranges::unique(out);
  out.erase(twice.begin(), twice.end());
  return out;
}

/// Writes the chunks of one point after another; small ones are joined, large untouched ones copied.
class Joiner {
 public:
  explicit Joiner(SegmentWriter& out) : out_(out) {}

  Result<> take(std::uint32_t point, Scan& scan) {
    for (;;) {
      KZ_TRY(const ScanGroup* group, scan.next());
      if (group == nullptr) return drain(point, 1);
      if (const ChunkMeta* whole = scan.figures(*group); whole != nullptr && whole->rows >= kChunkRows / 2) {
        KZ_CHECK(drain(point, 1));
        KZ_CHECK(group->chunks.front().reader->read(*whole, buffers_.bytes));
        KZ_CHECK(out_.copy(*whole, buffers_.bytes));
        continue;
      }
      KZ_CHECK(scan.load(*group, buffers_, rows_));
      pending_.append(rows_);
      KZ_CHECK(drain(point, kChunkRows));
    }
  }

 private:
  /// Writes chunks as long as `least` rows are there.
  Result<> drain(std::uint32_t point, std::size_t least) {
    std::size_t begin = 0;
    while (pending_.size() - begin >= least && begin < pending_.size()) {
      const std::size_t end = chunk_end(pending_, begin);
      KZ_CHECK(out_.add(encoder_, point, pending_, begin, end));
      begin = end;
    }
    if (begin == pending_.size()) {
      pending_.clear();
    } else if (begin > 0) {
      Columns rest;
      for (std::size_t i = begin; i < pending_.size(); ++i) rest.push_from(pending_, i);
      pending_ = std::move(rest);
    }
    return {};
  }

  SegmentWriter& out_;
  ChunkEncoder encoder_;
  ScanBuffers buffers_;
  Columns rows_, pending_;
};

}  // namespace

std::optional<Core::MergeJob> Core::next_merge(bool all, const VersionPtr& version) const {
  MergeJob job;
  job.version = version;
  const bool clean_up = all || job.version->tombstones.size() > kManyTombstones;
  for (const auto& [day, segments] : job.version->partitions) {
    job.day = day;
    const bool dirty =
        clean_up && std::ranges::any_of(segments, [&](const SegmentPtr& s) { return unclean(s, *job.version); });
    if (dirty || (all && segments.size() > 1)) job.inputs = segments;
    else job.inputs = find_run(segments, options_.merge_layers);
    if (!job.inputs.empty()) return job;
  }
  return std::nullopt;
}

Result<std::optional<SegmentInfo>> Core::run_merge(const MergeJob& job, std::uint64_t file, std::uint64_t clean) {
  auto inputs = std::make_shared<Version>();
  inputs->partitions[job.day] = job.inputs;
  KZ_TRY(const std::vector<std::uint32_t> points, points_of(job.inputs));
  KZ_TRY(SegmentWriter writer, SegmentWriter::create(data_, file, job.day, durable()));
  Joiner joiner(writer);
  constexpr Scan::Range kAll{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  for (const std::uint32_t point : points) {
    Scan scan({.version = inputs, .head = {}, .erasures = erasures_of(*job.version, point)}, point, kAll);
    KZ_CHECK(joiner.take(point, scan));
    if (closing_) return fail(Errc::cancelled, "store.closing");
  }
  if (writer.empty()) return std::nullopt;
  KZ_TRY(SegmentInfo info, writer.finish(job.inputs.back()->info.lsn, clean));
  return info;
}

Result<> Core::commit_merge(const MergeJob& job, const std::optional<SegmentInfo>& made) {
  const std::lock_guard lock(maintenance_);
  ManifestEdit edit;
  if (made) edit.add.push_back(*made);
  for (const SegmentPtr& s : job.inputs) edit.drop.push_back(s->info.file);
  KZ_CHECK(commit(edit, false));
  ++merges_;
  return purge_tombstones_locked();
}

Result<> Core::merge(bool all) {
  const std::lock_guard one(merge_);
  for (;;) {
    std::uint64_t file = 0, flushed = 0, clean = 0;
    {
      const std::lock_guard lock(maintenance_);
      file = manifest_->take_file_number();
      flushed = manifest_->state().flushed;
    }
    // Only deletes that the manifest has are applied: a later one may be lost with the log's end, and its
    // number given to another that must not be taken for applied.
    const auto job = next_merge(all, version_up_to(flushed));
    if (!job) return {};
    for (const SegmentPtr& s : job->inputs) clean = std::max(clean, s->info.clean);
    for (const TombstonePtr& t : job->version->tombstones) clean = std::max(clean, t->lsn);
    KZ_TRY(const auto made, run_merge(*job, file, clean));
    KZ_CHECK(commit_merge(*job, made));  // after an error its outcome is unknown: the next start tidies up
  }
}

void Core::merge_loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(wake_mutex_);
      merge_wake_.wait(lock, stop, [this] { return merge_due_; });
      merge_due_ = false;
    }
    if (stop.stop_requested()) return;
    if (auto done = merge(false); !done && done.error().code() != Errc::cancelled)
      log_.error("historian", "Segments could not be merged: {}", done.error().message());
  }
}

Result<> Core::verify() {
  ChunkDecoder decoder;
  std::vector<std::byte> bytes;
  Columns rows;
  const VersionPtr seen = version();
  for (const auto& [day, segments] : seen->partitions) {
    for (const SegmentPtr& s : segments) {
      KZ_TRY(const auto reader, s->reader());
      for (std::size_t i = 0; i < reader->directory().size(); ++i) {
        const ChunkMeta meta = reader->directory()[i];
        KZ_CHECK(reader->read(meta, bytes));
        KZ_CHECK(decoder.decode(bytes, rows));
        if (rows.size() != meta.rows || rows.time.front() != meta.t0 || rows.time.back() != meta.t1)
          return fail(Errc::corrupt, "store.segment_corrupt",
                      karez::format("Segment {}: chunk {} is not what its directory says.", s->path().string(), i));
      }
    }
  }
  return {};
}

}  // namespace karez::historian
