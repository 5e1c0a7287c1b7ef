// SPDX-License-Identifier: Apache-2.0
#include "model/batch.h"

#include <cstring>

namespace karez::model {

bool SampleBatch::add_text(Sample sample, std::string_view text) noexcept {
  if (full() || text.size() > kMaxText || text.size() > kArenaBytes - arena_used_) return false;
  if (!text.empty()) std::memcpy(arena_ + arena_used_, text.data(), text.size());  // an empty one may have no data
  sample.type = ValueType::text;
  sample.bits = (static_cast<std::uint64_t>(arena_used_) << 32) | text.size();
  arena_used_ += static_cast<std::uint32_t>(text.size());
  samples_[count_++] = sample;
  return true;
}

std::string_view SampleBatch::text(const Sample& sample) const noexcept {
  if (sample.type != ValueType::text) return {};
  const std::size_t offset = sample.bits >> 32, length = sample.bits & 0xffffffffu;
  if (offset > arena_used_ || length > arena_used_ - offset) return {};
  return {arena_ + offset, length};
}

void BatchRef::release() noexcept {
  if (batch_ == nullptr) return;
  if (batch_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) batch_->pool_->give_back(batch_);
  batch_ = nullptr;
}

BatchPool::BatchPool(std::size_t blocks) {
  blocks_.reserve(blocks);
  free_.reserve(blocks);
  for (std::size_t i = 0; i < blocks; ++i) {
    blocks_.emplace_back(new SampleBatch);
    blocks_.back()->pool_ = this;
    free_.push_back(blocks_.back().get());
  }
}

BatchPool::~BatchPool() { KZ_ASSERT(free_.size() == blocks_.size()); }

BatchRef BatchPool::acquire() noexcept {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) return {};
  SampleBatch* batch = free_.back();
  free_.pop_back();
  batch->reset();
  batch->references_.store(1, std::memory_order_relaxed);
  return BatchRef(batch);
}

void BatchPool::give_back(SampleBatch* batch) noexcept {
  const std::lock_guard lock(mutex_);
  free_.push_back(batch);
}

std::size_t BatchPool::free_blocks() const noexcept {
  const std::lock_guard lock(mutex_);
  return free_.size();
}

}  // namespace karez::model
