// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "base/format.h"
#include "historian/engine/core.h"
#include "historian/engine/last_checkpoint.h"
#include "historian/engine/set_aside.h"

namespace karez::historian {

/// First everything is read and compared, then the disk is changed: an error must find it as it was.
Result<> Core::recover() {
  const Path logs = options_.dir / "wal";
  KZ_CHECK(make_directories(logs));
  KZ_TRY(manifest_, Manifest::open(options_.dir / "manifest", durable(), log_));
  KZ_CHECK(load_segments());
  KZ_TRY(const std::vector<LogFile> files, list_log(logs));
  KZ_TRY(const Strays strays, find_strays());
  if (manifest_->fresh() && (!strays.orphans.empty() || !files.empty()))
    return fail(Error(Errc::corrupt, "store.manifest_corrupt")
                    .with(karez::format("{} is missing, but there is data.", (options_.dir / "manifest").string()))
                    .cure("Restore the store from a backup."));
  KZ_CHECK(check_log(files));
  // Segments that the manifest does not name are what a crash left of a flush or merge: the log or other
  // segments have it all. Not so surely when something was lost.
  if (manifest_->cut()) {
    KZ_TRY(const Path kept, copy_aside(options_.dir, options_.dir / "manifest", durable()));
    log_.warning("historian", "The last edit of the manifest is half-written and left out; it is kept in {}.",
                 kept.string());
    KZ_CHECK(set_orphans_aside(strays.orphans));
  }
  KZ_CHECK(manifest_->begin());
  KZ_CHECK(load_last_values());
  KZ_CHECK(replay(files));
  std::error_code ignored;  // removed at the next start
  for (const Path& path : strays.unfinished) std::filesystem::remove(path, ignored);
  if (manifest_->cut()) return {};
  if (log_damaged_) return set_orphans_aside(strays.orphans);
  for (const Path& path : strays.orphans) std::filesystem::remove(path, ignored);
  return {};
}

/// The log always reaches back to what the manifest calls flushed. Else the manifest lost an edit, and
/// with it segments that are on the disk; or the log was taken away. Without syncing nobody can know.
Result<> Core::check_log(const std::vector<LogFile>& files) const {
  if (options_.sync == SyncMode::off) return {};
  const ManifestState& state = manifest_->state();
  if (files.empty() && state.log_since != 0)
    return fail(Error(Errc::corrupt, "store.wal_missing")
                    .with(karez::format("{} has no file of the log, but had one since block {}.",
                                        (options_.dir / "wal").string(), state.log_since))
                    .cure("Put the files back, or restore the store from a backup."));
  if (!files.empty() && files.front().first > state.flushed + 1)
    return fail(Error(Errc::corrupt, "store.manifest_corrupt")
                    .with(karez::format("{} knows blocks up to {}, but the log begins at {}: edits are missing.",
                                        (options_.dir / "manifest").string(), state.flushed, files.front().first))
                    .cure("Restore the store from a backup."));
  return {};
}

/// The version on disk as the manifest tells it. Files are only looked at, not opened: a start costs a
/// `stat` a segment.
Result<> Core::load_segments() {
  auto first = std::make_shared<Version>();
  for (const auto& [file, info] : manifest_->state().segments) {
    const Path path = segment_path(data_, info);
    std::error_code ec;
    const auto size = std::filesystem::file_size(path, ec);
    if (ec)
      return fail(Error(Errc::corrupt, "store.segment_missing")
                      .with(karez::format("Segment {} cannot be read: {}.", path.string(), ec.message()))
                      .cure("Restore the file from a backup."));
    if (size != info.bytes)
      return fail(Errc::corrupt, "store.segment_corrupt",
                  karez::format("Segment {} has {} bytes instead of {}.", path.string(), size, info.bytes));
    first->partitions[info.day].push_back(std::make_shared<Segment>(info, path, readers_));
  }
  for (auto& [day, segments] : first->partitions)
    std::ranges::stable_sort(segments, {}, [](const SegmentPtr& s) { return s->info.lsn; });
  for (const auto& [lsn, tombstone] : manifest_->state().tombstones) first->tombstones.push_back(tombstone);
  version_ = std::move(first);
  return {};
}

Result<Core::Strays> Core::find_strays() {
  std::error_code ec;
  Strays out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data_, ec)) {
    if (!entry.is_regular_file(ec)) continue;
    if (entry.path().extension() == ".tmp") out.unfinished.push_back(entry.path());
    std::uint64_t file = 0;
    const std::string stem = entry.path().stem().string();
    const auto parsed = std::from_chars(stem.data(), stem.data() + stem.size(), file, 16);
    if (parsed.ec != std::errc{} || entry.path().extension() != ".seg") continue;
    manifest_->skip_file_number(file);  // its place is not taken while it may be needed
    const auto known = manifest_->state().segments.find(file);
    const bool named = known != manifest_->state().segments.end() && segment_path(data_, known->second) == entry.path();
    if (!named) out.orphans.push_back(entry.path());
  }
  if (ec) return fail(Errc::unavailable, "file.io", karez::format("Cannot list {}: {}.", data_.string(), ec.message()));
  return out;
}

Result<> Core::set_orphans_aside(const std::vector<Path>& orphans) {
  for (const Path& path : orphans) {
    KZ_TRY(const Path kept, move_segment_aside(options_.dir, path, durable()));
    log_.warning("historian", "The segment {} belongs to nothing the manifest knows; it is kept in {}.", path.string(),
                 kept.string());
  }
  return {};
}

Result<> Core::load_last_values() {
  std::uint64_t known = 0;
  LastTable& table = shards_.front()->last;
  if (auto saved = load_last_checkpoint(options_.dir)) {
    known = saved->lsn;
    for (const LastCheckpoint::Item& item : saved->items) table.offer(item.point, item.entry, item.text);
  }
  for (const auto& [day, segments] : version_->partitions)
    for (const SegmentPtr& segment : segments)
      if (segment->info.lsn > known) KZ_CHECK(last_from_segment(*segment));
  return {};
}

Result<> Core::last_from_segment(const Segment& segment) {
  KZ_TRY(const auto reader, segment.reader());
  const SegmentDirectory& directory = reader->directory();
  LastTable& table = shards_.front()->last;
  ChunkDecoder decoder;
  std::vector<std::byte> bytes;
  Columns rows;
  for (std::size_t i = 0; i < directory.size(); ++i) {
    const std::uint32_t point = directory.point(i);
    if (i + 1 < directory.size() && directory.point(i + 1) == point) continue;
    const ChunkMeta meta = directory[i];
    const LastEntry* known = table.find(point);
    if (known != nullptr && known->time > meta.t1) continue;
    if (!version_->tombstones.empty() && erased(erasures_of(*version_, point), meta.t1, segment.info.clean)) {
      doubtful_.push_back(point);
      continue;
    }
    LastEntry entry{.time = meta.t1,
                    .bits = meta.last_bits,
                    .lsn = segment.info.lsn,
                    .quality = {meta.last_quality},
                    .type = static_cast<model::ValueType>(meta.last_type),
                    .flags = meta.last_flags};
    std::string_view text;
    if (entry.type == model::ValueType::text) {
      KZ_CHECK(reader->read(meta, bytes));
      KZ_CHECK(decoder.decode(bytes, rows));
      text = rows.texts[rows.bits.back()];
    }
    table.offer(point, entry, text);
  }
  return {};
}

Result<> Core::replay_frame(const FrameHeader& header, ByteView payload) {
  replayed_lsn_ = header.lsn;
  if (header.kind == FrameKind::remove) {
    KZ_TRY(Tombstone tombstone, decode_remove(payload));
    tombstone.lsn = header.lsn;
    const auto some = forget_last(tombstone);
    doubtful_.insert(doubtful_.end(), some.begin(), some.end());
    add_tombstone(std::make_shared<Tombstone>(std::move(tombstone)));
    return {};
  }
  DecodedBlock block;
  KZ_CHECK(decode_block(payload, block));
  Shard& shard = *shards_[header.lane % shards_.size()];
  const std::size_t before = shard.active->bytes();
  const std::uint64_t rows = shard.active->rows();
  shard.active->append(block.samples, block.arena, header.lsn);
  shard.last.update(block.samples, block.arena, header.lsn);
  active_bytes_ += shard.active->bytes() - before;
  head_rows_ += shard.active->rows() - rows;
  const bool fits = active_bytes_ < options_.head_bytes / 2 && shard.active->days().size() <= options_.head_days;
  return fits ? Result<>{} : flush_locked();
}

Result<> Core::replay(const std::vector<LogFile>& files) {
  const std::uint64_t flushed = manifest_->state().flushed;
  replayed_lsn_ = flushed;
  for (const auto& shard : shards_) shard->active = std::make_shared<HeadBuffer>(flushed + 1);
  KZ_TRY(WalReplay found,
         replay_wal(
             {.store = options_.dir, .files = files, .flushed = flushed, .durable = durable()},
             [this](const FrameHeader& header, ByteView payload) { return replay_frame(header, payload); }, log_));
  replayed_lsn_ = std::max(replayed_lsn_, found.last_lsn);
  log_damaged_ = found.damaged;
  if (found.damaged) KZ_CHECK(flush_locked());
  // The numbers of lost blocks are given again: a saved value must not come to look like one of those.
  const bool doubted = doubt_unwritten();
  if (doubted) KZ_CHECK(drop_last_checkpoint(options_.dir, durable()));
  KZ_CHECK(recompute_last(doubtful_));
  doubtful_.clear();
  if (doubted) save_last_values_locked();
  return start_log(std::move(found.files));
}

Result<> Core::start_log(std::vector<WalFile> files) {
  wal_ = std::make_unique<Wal>(Wal::Options{.dir = options_.dir / "wal",
                                            .sync = options_.sync,
                                            .interval = options_.sync_interval,
                                            .file_bytes = options_.wal_file_bytes,
                                            .buffer_bytes = options_.wal_buffer_bytes},
                               std::move(files), replayed_lsn_ + 1, log_);
  const bool writable = wal_->start({});
  if (writable && manifest_->state().log_since == 0) {
    ManifestEdit edit;
    edit.log_since = replayed_lsn_ + 1;
    KZ_CHECK(manifest_->apply(edit));
  }
  wal_->release(manifest_->state().flushed);
  return {};
}

/// A saved last value may be of a block that was lost with the crash, unacknowledged.
bool Core::doubt_unwritten() {
  LastTable& table = shards_.front()->last;
  std::vector<std::uint32_t> lost;
  table.each([&](std::uint32_t point, const LastEntry& entry) {
    if (entry.lsn > replayed_lsn_) lost.push_back(point);
  });
  for (const std::uint32_t point : lost) table.forget(point);
  doubtful_.insert(doubtful_.end(), lost.begin(), lost.end());
  return !lost.empty();
}

Result<> Core::recompute_last(std::span<const std::uint32_t> points) {
  Columns row;
  for (const std::uint32_t point : points) {
    row.clear();
    KZ_CHECK(newest_before(point, std::numeric_limits<std::int64_t>::max(), row));
    if (row.empty()) continue;
    LastEntry entry{.time = row.time[0],
                    .bits = row.bits[0],
                    .lsn = 0,  // anything appended at the same time is newer
                    .quality = {row.quality[0]},
                    .type = row.type_of(0),
                    .flags = row.flags[0]};
    const std::lock_guard lock(shards_.front()->mutex);
    shards_.front()->last.offer(point, entry, row.texts.empty() ? std::string_view() : row.texts[0]);
  }
  return {};
}

void Core::save_last_values_locked() {
  LastCheckpoint checkpoint;
  checkpoint.lsn = manifest_->state().flushed;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    shard->last.each([&](std::uint32_t point, const LastEntry& entry) {
      checkpoint.items.push_back({point, entry, std::string(shard->last.text(entry))});
    });
  }
  last_saved_ = clock_.monotonic();
  if (auto saved = save_last_checkpoint(options_.dir, checkpoint, durable()); !saved)
    log_.warning("historian", "The last values could not be saved, the next start takes longer: {}",
                 saved.error().message());
}

}  // namespace karez::historian
