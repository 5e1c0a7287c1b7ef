// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/scan.h"

#include <algorithm>

namespace karez::historian {
namespace {

constexpr std::uint32_t kHeadLayer = std::numeric_limits<std::uint32_t>::max();

std::size_t first_at(const Columns& rows, std::int64_t time) {
  return static_cast<std::size_t>(std::ranges::lower_bound(rows.time, time) - rows.time.begin());
}
std::size_t first_after(const Columns& rows, std::int64_t time) {
  return static_cast<std::size_t>(std::ranges::upper_bound(rows.time, time) - rows.time.begin());
}

template <class T>
void keep(std::vector<T>& column, std::size_t begin, std::size_t end) {
  column.resize(end);
  column.erase(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(begin));
}

}  // namespace

Scan::Scan(PointView view, std::uint32_t point, Range range, Order order)
    : view_(std::move(view)), point_(point), range_(range), order_(order) {
  if (range_.from < range_.to) list_days();
}

void Scan::list_days() {
  const std::int32_t first = day_of(range_.from), last = day_of(range_.to - 1);
  const auto& partitions = view_.version->partitions;
  for (auto it = partitions.lower_bound(first); it != partitions.end() && it->first <= last; ++it)
    days_.push_back(it->first);
  for (std::size_t i = 0; i < view_.head.size(); i = first_after(view_.head, day_last(days_.back())))
    days_.push_back(day_of(view_.head.time[i]));
  std::ranges::sort(days_);
  const auto twice = std::ranges::unique(days_);
  days_.erase(twice.begin(), twice.end());
  if (order_ == Order::newest_first) std::ranges::reverse(days_);
}

Result<const ScanGroup*> Scan::next() {
  while (next_group_ == groups_.size()) {
    if (next_day_ == days_.size()) return nullptr;
    groups_.clear();
    next_group_ = 0;
    KZ_CHECK(plan(days_[next_day_++]));
    if (order_ == Order::newest_first) std::ranges::reverse(groups_);
  }
  return &groups_[next_group_++];
}

Result<std::vector<ScanChunk>> Scan::list_chunks(std::int32_t day) const {
  std::vector<ScanChunk> chunks;
  const auto partition = view_.version->partitions.find(day);
  if (partition == view_.version->partitions.end()) return chunks;
  std::uint32_t layer = 0;
  for (const SegmentPtr& segment : partition->second) {
    ++layer;
    const SegmentInfo& info = segment->info;
    if (point_ < info.point_low || point_ > info.point_high || info.t1 < range_.from || info.t0 >= range_.to) continue;
    KZ_TRY(const auto reader, segment->reader());
    const auto [begin, end] = reader->directory().find(point_);
    for (std::size_t i = begin; i < end; ++i) {
      const ChunkMeta meta = reader->directory()[i];
      if (meta.t1 < range_.from || meta.t0 >= range_.to) continue;
      chunks.push_back({reader, meta, layer, info.clean});
    }
  }
  std::ranges::stable_sort(chunks, {}, [](const ScanChunk& c) { return c.meta.t0; });
  return chunks;
}

/// A group begins wherever a chunk does. So its size is bounded by the layers, even when a chunk with few
/// samples far apart overlaps with all others of the day.
Result<> Scan::plan(std::int32_t day) {
  KZ_TRY(std::vector<ScanChunk> chunks, list_chunks(day));
  std::vector<ScanChunk> open;  // begun before, not ended yet
  for (std::size_t i = 0; i < chunks.size();) {
    ScanGroup& group = groups_.emplace_back();
    group.t0 = chunks[i].meta.t0;
    std::erase_if(open, [&](const ScanChunk& c) { return c.meta.t1 < group.t0; });
    for (; i < chunks.size() && chunks[i].meta.t0 == group.t0; ++i) open.push_back(std::move(chunks[i]));
    group.t1 = std::ranges::max_element(open, {}, [](const ScanChunk& c) { return c.meta.t1; })->meta.t1;
    if (i < chunks.size()) group.t1 = std::min(group.t1, chunks[i].meta.t0 - 1);
    group.chunks = open;
  }
  attach_head(day);
  return {};
}

void Scan::attach_head(std::int32_t day) {
  const Columns& head = view_.head;
  std::size_t at = first_at(head, day_begin(day));
  const std::size_t end = first_after(head, day_last(day));
  if (at == end) return;
  std::vector<ScanGroup> out;
  const auto between = [&](std::size_t until) {
    if (at == until) return;
    ScanGroup& group = out.emplace_back();
    group.t0 = head.time[at];
    group.t1 = head.time[until - 1];
    group.head_begin = std::exchange(at, until);
    group.head_end = until;
  };
  for (ScanGroup& group : groups_) {
    between(std::clamp(first_at(head, group.t0), at, end));
    group.head_begin = at;
    group.head_end = at = std::clamp(first_after(head, group.t1), at, end);
    out.push_back(std::move(group));
  }
  between(end);
  groups_ = std::move(out);
}

bool Scan::touches_erasure(const ScanChunk& chunk) const {
  return std::ranges::any_of(view_.erasures, [&](const Erasure& e) {
    return e.lsn > chunk.clean && e.from <= chunk.meta.t1 && e.to > chunk.meta.t0;
  });
}

const ChunkMeta* Scan::figures(const ScanGroup& group) const {
  if (group.chunks.size() != 1 || group.head_begin != group.head_end) return nullptr;
  const ScanChunk& chunk = group.chunks.front();
  if (!group.holds(chunk) || chunk.meta.t0 < range_.from || chunk.meta.t1 >= range_.to || touches_erasure(chunk))
    return nullptr;
  return &chunk.meta;
}

void Scan::cut(Columns& rows) const {
  const std::size_t begin = first_at(rows, range_.from), end = first_at(rows, range_.to);
  if (begin == 0 && end == rows.size()) return;
  keep(rows.time, begin, end);
  keep(rows.bits, begin, end);
  keep(rows.quality, begin, end);
  keep(rows.type, begin, end);
  keep(rows.flags, begin, end);
}

/// The samples of a chunk, valid until the next call; those of one that reaches beyond its group are kept.
Result<const Columns*> Scan::rows_of(const ScanChunk& chunk, const ScanGroup& group, ScanBuffers& buffers) const {
  const bool shared = !group.holds(chunk);
  if (shared) {
    const auto kept = std::ranges::find_if(buffers.shared, [&](const ScanBuffers::Decoded& d) {
      return d.reader == chunk.reader && d.offset == chunk.meta.offset;
    });
    if (kept != buffers.shared.end()) return &kept->rows;
  }
  KZ_CHECK(chunk.reader->read(chunk.meta, buffers.bytes));
  KZ_CHECK(buffers.decoder.decode(buffers.bytes, buffers.chunk));
  if (!shared) return &buffers.chunk;
  buffers.shared.push_back({chunk.reader, chunk.meta.offset, std::move(buffers.chunk)});
  buffers.chunk = {};
  return &buffers.shared.back().rows;
}

Result<> Scan::load(const ScanGroup& group, ScanBuffers& buffers, Columns& out) const {
  std::erase_if(buffers.shared, [&](const ScanBuffers::Decoded& d) {
    return std::ranges::none_of(group.chunks,
                                [&](const ScanChunk& c) { return d.reader == c.reader && d.offset == c.meta.offset; });
  });
  const bool simple = group.chunks.size() == 1 && group.head_begin == group.head_end &&
                      group.holds(group.chunks.front()) && !touches_erasure(group.chunks.front());
  if (simple) {
    const ScanChunk& chunk = group.chunks.front();
    KZ_CHECK(chunk.reader->read(chunk.meta, buffers.bytes));
    KZ_CHECK(buffers.decoder.decode(buffers.bytes, out));
    cut(out);
    return {};
  }
  buffers.merged.clear();
  buffers.layers.clear();
  for (const ScanChunk& chunk : group.chunks) {
    KZ_TRY(const Columns* rows, rows_of(chunk, group, buffers));
    const bool check = touches_erasure(chunk);
    const std::size_t end = first_after(*rows, group.t1);
    for (std::size_t i = first_at(*rows, group.t0); i < end; ++i) {
      if (check && erased(view_.erasures, rows->time[i], chunk.clean)) continue;
      buffers.merged.push_from(*rows, i);
      buffers.layers.push_back(chunk.layer);
    }
  }
  for (std::size_t i = group.head_begin; i < group.head_end; ++i) {
    buffers.merged.push_from(view_.head, i);
    buffers.layers.push_back(kHeadLayer);
  }
  merge_layers(buffers, out);
  cut(out);
  return {};
}

void Scan::merge_layers(ScanBuffers& buffers, Columns& out) const {
  const Columns& rows = buffers.merged;
  buffers.order.resize(rows.size());
  for (std::uint32_t i = 0; i < buffers.order.size(); ++i) buffers.order[i] = i;
  const auto before = [&](std::uint32_t a, std::uint32_t b) {
    return rows.time[a] != rows.time[b] ? rows.time[a] < rows.time[b] : buffers.layers[a] < buffers.layers[b];
  };
  if (!std::ranges::is_sorted(buffers.order, before)) std::ranges::stable_sort(buffers.order, before);
  out.clear();
  for (std::size_t i = 0; i < buffers.order.size(); ++i) {
    const std::uint32_t row = buffers.order[i];
    if (i + 1 < buffers.order.size() && rows.time[buffers.order[i + 1]] == rows.time[row]) continue;
    out.push_from(rows, row);
  }
}

}  // namespace karez::historian
