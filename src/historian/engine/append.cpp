// SPDX-License-Identifier: Apache-2.0
#include "base/format.h"
#include "base/hash.h"
#include "historian/engine/core.h"

namespace karez::historian {

Result<> Core::check_times(std::span<const model::Sample> samples) const {
  for (const model::Sample& s : samples) {
    if (s.time >= options_.oldest && s.time < options_.newest) continue;
    return fail(Error(Errc::invalid_argument, "store.time_out_of_range")
                    .with(karez::format("Point {} has a sample of {}; times from {} to {} are stored.", s.point.value,
                                        to_rfc3339(s.time), to_rfc3339(options_.oldest), to_rfc3339(options_.newest)))
                    .cure("Check the clock of the device, or the unit of the time."));
  }
  return {};
}

/// Keeps the number of files that one flush writes within bounds, whatever the times are.
Result<> Core::check_days(Shard& shard, std::span<const model::Sample> samples) {
  shard.active->new_days(samples, shard.new_days);
  if (shard.active->days().size() + shard.new_days.size() <= options_.head_days) return {};
  if (shard.new_days.size() > options_.head_days)
    return fail(Error(Errc::invalid_argument, "store.too_many_days")
                    .with(karez::format("A block has samples of {} days, at most {} are taken at once.",
                                        shard.new_days.size(), options_.head_days))
                    .cure("Send samples in order of time, in smaller blocks."));
  days_full_.store(true, std::memory_order_relaxed);
  flush_wake_.notify_one();
  return fail(Errc::exhausted, "store.busy");
}

Result<Ticket> Core::append(unsigned lane, const model::SampleBatch& batch) {
  if (lane >= shards_.size()) return fail(Errc::invalid_argument, "store.no_such_lane");
  KZ_CHECK(check_times(batch.samples()));
  Shard& shard = *shards_[lane];
  const ByteView payload = shard.encoder.encode(batch.samples(), batch.arena());
  const std::uint32_t crc = crc32c(payload);
  std::uint64_t lsn = 0;
  {
    const std::lock_guard lock(shard.mutex);
    if (active_bytes_.load(std::memory_order_relaxed) + frozen_bytes_.load(std::memory_order_relaxed) >=
            options_.head_bytes ||
        wal_->bytes() >= options_.wal_cap_bytes) {
      flush_wake_.notify_one();
      return fail(Errc::exhausted, "store.busy");
    }
    KZ_CHECK(check_days(shard, batch.samples()));
    KZ_TRY(lsn, wal_->append(FrameKind::samples, lane, payload, crc));
    const std::size_t before = shard.active->bytes();
    const std::uint64_t rows = shard.active->rows();
    shard.active->append(batch.samples(), batch.arena(), lsn);
    shard.last.update(batch.samples(), batch.arena(), lsn);
    active_bytes_.fetch_add(shard.active->bytes() - before, std::memory_order_relaxed);
    head_rows_.fetch_add(shard.active->rows() - rows, std::memory_order_relaxed);
  }
  appended_samples_.fetch_add(batch.size(), std::memory_order_relaxed);
  if (flush_due()) flush_wake_.notify_one();
  return Ticket{lsn};
}

Result<std::vector<LastValue>> Core::last(std::span<const model::PointId> points) {
  std::vector<LastValue> out(points.size());
  std::vector<std::uint64_t> lsns(points.size(), 0);
  constexpr std::size_t kAtOnce = 512;  // lanes wait no longer than for so many
  for (const auto& shard : shards_) {
    for (std::size_t start = 0; start < points.size(); start += kAtOnce) {
      const std::lock_guard lock(shard->mutex);
      for (std::size_t i = start; i < std::min(points.size(), start + kAtOnce); ++i) {
        const LastEntry* entry = shard->last.find(points[i].value);
        LastValue& value = out[i];
        if (entry == nullptr || entry->time < to_ns(value.time)) continue;
        if (entry->time == to_ns(value.time) && entry->lsn < lsns[i]) continue;
        lsns[i] = entry->lsn;
        value = {.point = points[i],
                 .time = from_ns(entry->time),
                 .type = entry->type,
                 .bits = entry->type == model::ValueType::text ? 0 : entry->bits,
                 .quality = entry->quality,
                 .flags = entry->flags,
                 .text = std::string(shard->last.text(*entry))};
      }
    }
  }
  for (std::size_t i = 0; i < points.size(); ++i) out[i].point = points[i];
  return out;
}

StoreStats Core::stats() const {
  StoreStats s;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard->mutex);
    s.points += shard->last.size();
  }
  s.samples_appended = appended_samples_.load();
  s.head_bytes = active_bytes_.load() + frozen_bytes_.load();
  s.samples_stored = head_rows_.load();
  const VersionPtr now = version();
  for (const auto& [day, segments] : now->partitions) {
    ++s.partitions;
    s.segments += segments.size();
    for (const SegmentPtr& segment : segments) {
      s.samples_stored += segment->info.rows;
      s.segment_bytes += segment->info.bytes;
    }
  }
  s.wal_bytes = wal_->bytes();
  s.bytes_on_disk = s.wal_bytes + s.segment_bytes;
  s.flushes = flushes_.load();
  s.merges = merges_.load();
  s.syncs = wal_->syncs();
  s.appended = Ticket{wal_->last_lsn()};
  s.durable = Ticket{wal_->durable()};
  s.poisoned = wal_->poisoned();
  return s;
}

}  // namespace karez::historian
