// SPDX-License-Identifier: Apache-2.0
#include "stream/latest.h"

#include <array>
#include <atomic>
#include <mutex>

namespace karez::stream {
namespace {

using model::PointId;

constexpr std::size_t kRows = 1024, kFan = 256;

struct Row {
  Timestamp time = kMinTime, received = kMinTime;
  std::uint64_t bits = 0, revision = 0;
  std::unique_ptr<std::string> text;  // made with the first text, then reused
  model::Quality quality;
  model::ValueType type = model::ValueType::none;
  std::uint8_t flags = 0;
};

/// Rows of 1,024 consecutive points under one mutex, which a lane holds for a run of samples and a
/// reader for a few rows.
struct Chunk {
  std::mutex mutex;
  std::array<Row, kRows> rows;
};

struct Directory {
  std::array<std::atomic<Chunk*>, kFan> chunks{};
  Directory() = default;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() {
    for (auto& c : chunks) delete c.load();
  }
};

Latest latest_of(PointId point, const Row& row) {
  Latest out{.point = point,
             .time = row.time,
             .received = row.received,
             .type = row.type,
             .bits = row.bits,
             .quality = row.quality,
             .flags = row.flags,
             .text = {},
             .revision = row.revision};
  if (row.type == model::ValueType::text && row.text) out.text = *row.text;
  return out;
}

}  // namespace

struct LatestTable::Impl {
  std::array<std::atomic<Directory*>, kFan> roots{};
  std::mutex grow;
  std::atomic<std::uint64_t> revision{0};

  ~Impl() {
    for (auto& r : roots) delete r.load();
  }

  static std::size_t row_of(PointId p) noexcept { return p.value % kRows; }
  static std::size_t chunk_of(PointId p) noexcept { return p.value / kRows; }

  Chunk* find(PointId point) const noexcept {
    const std::size_t chunk = chunk_of(point);
    if (!point || chunk >= kFan * kFan) return nullptr;
    const Directory* directory = roots[chunk / kFan].load(std::memory_order_acquire);
    return directory ? directory->chunks[chunk % kFan].load(std::memory_order_acquire) : nullptr;
  }

  Chunk* find_or_make(PointId point) {
    if (Chunk* found = find(point)) return found;
    const std::size_t chunk = chunk_of(point);
    if (!point || chunk >= kFan * kFan) return nullptr;
    const std::lock_guard lock(grow);
    Directory* directory = roots[chunk / kFan].load();
    if (directory == nullptr) {
      directory = new Directory;
      roots[chunk / kFan].store(directory, std::memory_order_release);
    }
    auto& slot = directory->chunks[chunk % kFan];
    if (slot.load() == nullptr) slot.store(new Chunk, std::memory_order_release);
    return slot.load();
  }

  /// Taken under the chunk's mutex: whoever sees the new revision and then takes that mutex sees the row.
  std::uint64_t next_revision() noexcept { return revision.fetch_add(1, std::memory_order_acq_rel) + 1; }

  /// Calls `see(point, row)`, the row with its mutex held, for each known chunk's row, locking once per run of neighbours.
  template <class See>
  void visit(std::span<const PointId> points, See see) const {
    for (std::size_t i = 0; i < points.size();) {
      const std::size_t chunk = chunk_of(points[i]);
      std::size_t end = i + 1;
      while (end < points.size() && chunk_of(points[end]) == chunk) ++end;
      if (Chunk* found = find(points[i].value ? points[i] : PointId{1})) {
        const std::lock_guard lock(found->mutex);
        for (; i < end; ++i) see(points[i], &found->rows[row_of(points[i])]);
      } else {
        for (; i < end; ++i) see(points[i], nullptr);
      }
    }
  }
};

LatestTable::LatestTable() : impl_(std::make_unique<Impl>()) {}
LatestTable::~LatestTable() = default;

void LatestTable::update(const model::SampleBatch& batch) {
  const auto samples = batch.samples();
  for (std::size_t i = 0; i < samples.size();) {
    const std::size_t chunk_number = Impl::chunk_of(samples[i].point);
    Chunk* chunk = impl_->find_or_make(samples[i].point);
    if (chunk == nullptr) {
      ++i;
      continue;
    }
    const std::lock_guard lock(chunk->mutex);
    const std::uint64_t revision = impl_->next_revision();
    for (; i < samples.size() && Impl::chunk_of(samples[i].point) == chunk_number; ++i) {
      const model::Sample& sample = samples[i];
      Row& row = chunk->rows[Impl::row_of(sample.point)];
      if (sample.time < row.time || (sample.flags & model::flag::kBackfilled) != 0 || !sample.point) continue;
      row.time = sample.time;
      row.received = batch.header.received;
      row.type = sample.type;
      row.bits = sample.bits;
      row.quality = sample.quality;
      row.flags = sample.flags;
      row.revision = revision;
      if (sample.type == model::ValueType::text) {
        if (!row.text) row.text = std::make_unique<std::string>();
        row.text->assign(batch.text(sample));
        row.bits = 0;
      }
    }
  }
}

void LatestTable::seen(std::span<const PointId> points, Timestamp when) {
  impl_->visit(points, [when](PointId, Row* row) {
    if (row && row->time != kMinTime) row->received = std::max(row->received, when);
  });
}

void LatestTable::seed(const Latest& value) {
  Chunk* chunk = value.known() ? impl_->find_or_make(value.point) : nullptr;
  if (chunk == nullptr) return;
  const std::lock_guard lock(chunk->mutex);
  Row& row = chunk->rows[Impl::row_of(value.point)];
  if (value.time < row.time) return;
  row.time = value.time;
  row.received = value.received;
  row.type = value.type;
  row.bits = value.bits;
  row.quality = value.quality;
  row.flags = value.flags;
  row.revision = impl_->next_revision();
  if (value.type == model::ValueType::text) row.text = std::make_unique<std::string>(value.text);
}

Latest LatestTable::get(PointId point) const { return get(std::span(&point, 1)).front(); }

std::vector<Latest> LatestTable::get(std::span<const PointId> points) const {
  std::vector<Latest> out;
  out.reserve(points.size());
  impl_->visit(points, [&](PointId point, const Row* row) {
    out.push_back(row ? latest_of(point, *row) : Latest{.point = point});
  });
  return out;
}

std::vector<Latest> LatestTable::changed_since(std::span<const PointId> points, std::uint64_t revision) const {
  std::vector<Latest> out;
  impl_->visit(points, [&](PointId point, const Row* row) {
    if (row && row->revision > revision) out.push_back(latest_of(point, *row));
  });
  return out;
}

std::uint64_t LatestTable::revision() const { return impl_->revision.load(std::memory_order_acquire); }

void LatestTable::forget(PointId point) {
  Chunk* chunk = impl_->find(point);
  if (chunk == nullptr) return;
  const std::lock_guard lock(chunk->mutex);
  chunk->rows[Impl::row_of(point)] = Row{};
}

}  // namespace karez::stream
