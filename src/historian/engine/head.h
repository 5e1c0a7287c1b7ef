// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "historian/engine/rows.h"
#include "model/batch.h"

namespace karez::historian {

/// Memory in large pieces straight from the system, so that a flushed head goes back to it whole.
class SlabArena {
 public:
  SlabArena() = default;
  ~SlabArena();
  SlabArena(const SlabArena&) = delete;
  SlabArena& operator=(const SlabArena&) = delete;
  /// 8-byte aligned, zeroed; at most kMaxSlab bytes. Never fails: the head's budget is checked before.
  std::byte* take(std::size_t bytes);
  std::size_t bytes() const noexcept { return bytes_; }

  static constexpr std::size_t kMinSlab = 64u << 10, kMaxSlab = 1u << 20;

 private:
  struct Slab {
    std::byte* at;
    std::size_t size;
  };
  std::vector<Slab> slabs_;
  std::size_t used_ = 0, bytes_ = 0;
};

/// A text value in the head: `length` bytes follow.
struct HeadText {
  std::uint32_t length;
  std::string_view view() const noexcept { return {reinterpret_cast<const char*>(this + 1), length}; }
};

/// Samples of one shard in memory, by point, in the order they came. One lane appends under the
/// shard's mutex. A reader takes `runs` under it and may read the rows afterwards without: rows are
/// never moved or changed while the buffer lives.
class HeadBuffer {
 public:
  /// `base`: LSN from which `Row::order` counts.
  explicit HeadBuffer(std::uint64_t base) : base_(base) {}

  void append(std::span<const model::Sample> samples, std::string_view arena, std::uint64_t lsn);

  std::uint64_t base() const noexcept { return base_; }
  std::uint64_t rows() const noexcept { return rows_; }
  bool empty() const noexcept { return rows_ == 0; }
  /// UTC days of the rows, sorted.
  const std::vector<std::int32_t>& days() const noexcept { return days_; }
  /// Days of `samples` that `days` has not, sorted.
  void new_days(std::span<const model::Sample> samples, std::vector<std::int32_t>& out) const;
  std::size_t bytes() const noexcept { return slabs_.bytes() + slots_.size() * sizeof(Slot) + page_bytes_; }

  /// Rows of a point as pieces in order of arrival. `ordered`: times strictly grow over all of them.
  struct Runs {
    std::vector<std::span<const Row>> pieces;
    std::int64_t low = 0, high = 0;
    bool ordered = true;
  };
  /// False when the buffer has no such point.
  bool runs(std::uint32_t point, Runs& out) const;
  /// All points, growing.
  std::vector<std::uint32_t> points() const;

 private:
  struct Block {
    Block* next;
    std::uint32_t capacity, used;
    Row rows[1];  // `capacity` of them
  };
  struct Slot {
    std::uint32_t point = 0;
    bool ordered = true;
    std::int64_t low = 0, high = 0, latest = 0;
    Block* first = nullptr;
    Block* last = nullptr;
  };
  static constexpr std::size_t kPage = 256;
  using Page = std::array<std::uint32_t, kPage>;  // slot number + 1

  Slot& slot_of(std::uint32_t point);
  Row& next_row(Slot& slot);

  const std::uint64_t base_;
  std::uint64_t rows_ = 0;
  std::vector<std::int32_t> days_;
  SlabArena slabs_;
  std::vector<std::unique_ptr<Page>> pages_;
  std::size_t page_bytes_ = 0;
  std::deque<Slot> slots_;
};
using HeadPtr = std::shared_ptr<HeadBuffer>;  // shared by shard, flush and running queries

}  // namespace karez::historian
