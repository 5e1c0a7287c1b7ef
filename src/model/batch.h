// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "model/sample.h"

namespace karez::model {

class BatchPool;

/// How far our own clock could be trusted when the block was received.
enum class ClockState : std::uint8_t { unknown, synchronised, free_running, jumped };

struct BatchHeader {
  SourceId source{};
  TenantId tenant{};
  Timestamp received{};    ///< arrival of the first sample; a block spans at most 100 ms of arrival
  std::uint64_t seq = 0;   ///< counts the blocks of one source from 1
  ClockState clock_state = ClockState::unknown;
};

/// Samples on their way from a driver to the store: filled by one owner, then immutable and shared.
/// 64 KiB: header, up to 1,024 samples, arena for texts. Never allocated on the way: `BatchPool` owns
/// all blocks.
/// Thread: one while filling; any for reading after it was submitted.
class SampleBatch {
 public:
  static constexpr std::size_t kMaxSamples = 1024;
  static constexpr std::size_t kArenaBytes = 65536 - 256 - kMaxSamples * sizeof(Sample);
  /// Longest text value; longer ones become object references (or are refused by the driver).
  static constexpr std::size_t kMaxText = 16384;

  BatchHeader header;

  bool empty() const noexcept { return count_ == 0; }
  bool full() const noexcept { return count_ == kMaxSamples; }
  std::size_t size() const noexcept { return count_; }
  std::span<const Sample> samples() const noexcept { return {samples_, count_}; }
  std::string_view arena() const noexcept { return {arena_, arena_used_}; }

  /// False when full.
  bool add(const Sample& sample) noexcept {
    if (full()) return false;
    samples_[count_++] = sample;
    return true;
  }
  /// Adds a text value: `sample.bits` and `type` are set here. False when samples or arena are full,
  /// or the text is longer than kMaxText.
  bool add_text(Sample sample, std::string_view text) noexcept;
  /// For the lane alone, between submit and the first reader: it corrects impossible times in place.
  std::span<Sample> owned_samples() noexcept { return {samples_, count_}; }
  /// Text of a sample of this batch; empty for other types.
  std::string_view text(const Sample& sample) const noexcept;

 private:
  friend class BatchPool;
  friend class BatchRef;
  SampleBatch() = default;
  void reset() noexcept {
    header = {};
    count_ = 0;
    arena_used_ = 0;
  }
  BatchPool* pool_ = nullptr;
  std::atomic<std::uint32_t> references_{0};
  std::uint32_t count_ = 0, arena_used_ = 0;
  Sample samples_[kMaxSamples];
  char arena_[kArenaBytes];
};
static_assert(sizeof(SampleBatch) <= 65536);

/// Counted reference to a block; the last one gives it back to the pool.
/// Thread: any (each object one at a time).
class BatchRef {
 public:
  BatchRef() = default;
  BatchRef(const BatchRef& other) noexcept : batch_(other.batch_) {
    if (batch_) batch_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  BatchRef(BatchRef&& other) noexcept : batch_(std::exchange(other.batch_, nullptr)) {}
  BatchRef& operator=(BatchRef other) noexcept {
    std::swap(batch_, other.batch_);
    return *this;
  }
  ~BatchRef() { release(); }

  explicit operator bool() const noexcept { return batch_ != nullptr; }
  SampleBatch* operator->() const noexcept { return batch_; }
  SampleBatch& operator*() const noexcept { return *batch_; }

 private:
  friend class BatchPool;
  explicit BatchRef(SampleBatch* batch) noexcept : batch_(batch) {}
  void release() noexcept;
  SampleBatch* batch_ = nullptr;
};

/// All blocks of the process, allocated at start. An empty pool is back-pressure: the driver waits or
/// spills, nobody calls `new`. Must outlive every BatchRef.
/// Thread: any.
class BatchPool {
 public:
  explicit BatchPool(std::size_t blocks);
  ~BatchPool();
  BatchPool(const BatchPool&) = delete;
  BatchPool& operator=(const BatchPool&) = delete;

  /// An empty block, or an empty reference when all are out.
  BatchRef acquire() noexcept;
  std::size_t free_blocks() const noexcept;
  std::size_t capacity() const noexcept { return blocks_.size(); }

 private:
  friend class BatchRef;
  void give_back(SampleBatch* batch) noexcept;
  std::vector<std::unique_ptr<SampleBatch>> blocks_;
  mutable std::mutex mutex_;
  std::vector<SampleBatch*> free_;
};

}  // namespace karez::model
