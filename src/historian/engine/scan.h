// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "historian/engine/core.h"

namespace karez::historian {

/// A chunk of some layer that a query needs.
struct ScanChunk {
  std::shared_ptr<const SegmentReader> reader;
  ChunkMeta meta;
  std::uint32_t layer = 0;  ///< higher wins
  std::uint64_t clean = 0;
};

/// A stretch of time [t0, t1], the chunks with samples in it (at most one a layer) and the rows of the head.
/// A chunk may reach beyond it: then its other samples belong to the groups beside.
struct ScanGroup {
  std::int64_t t0 = 0, t1 = 0;
  std::vector<ScanChunk> chunks;
  std::size_t head_begin = 0, head_end = 0;

  bool holds(const ScanChunk& chunk) const noexcept { return chunk.meta.t0 >= t0 && chunk.meta.t1 <= t1; }
};

/// Memory that a query reuses from chunk to chunk.
struct ScanBuffers {
  ChunkDecoder decoder;
  std::vector<std::byte> bytes;
  Columns chunk, merged;
  std::vector<std::uint32_t> layers, order;
  /// Chunks that several groups need, while they do: not more than there are layers.
  struct Decoded {
    std::shared_ptr<const SegmentReader> reader;
    std::uint64_t offset;
    Columns rows;
  };
  std::vector<Decoded> shared;
};

/// Walks the samples of one point through all layers in order of time, partition by partition.
/// Thread: one at a time.
class Scan {
 public:
  enum class Order : unsigned char { oldest_first, newest_first };
  struct Range {
    std::int64_t from, to;  ///< half-open
  };
  Scan(PointView view, std::uint32_t point, Range range, Order order = Order::oldest_first);

  /// The next group, valid until the next call; null at the end.
  Result<const ScanGroup*> next();
  /// The directory's figures when they hold for the whole group, else null.
  const ChunkMeta* figures(const ScanGroup& group) const;
  /// Replaces `out` by the group's samples in the range: sorted, one per time, deleted ones left out.
  Result<> load(const ScanGroup& group, ScanBuffers& buffers, Columns& out) const;

 private:
  void list_days();
  Result<std::vector<ScanChunk>> list_chunks(std::int32_t day) const;
  Result<> plan(std::int32_t day);
  void attach_head(std::int32_t day);
  Result<const Columns*> rows_of(const ScanChunk& chunk, const ScanGroup& group, ScanBuffers& buffers) const;
  void merge_layers(ScanBuffers& buffers, Columns& out) const;
  void cut(Columns& rows) const;
  bool touches_erasure(const ScanChunk& chunk) const;

  PointView view_;
  std::uint32_t point_;
  Range range_;
  Order order_;
  std::vector<std::int32_t> days_;
  std::size_t next_day_ = 0;
  std::vector<ScanGroup> groups_;
  std::size_t next_group_ = 0;
};

}  // namespace karez::historian
