// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "base/time.h"

namespace karez::net {

/// One wait that ends at a time; lives in the frame of the coroutine that waits.
class DeadlineEntry {
 public:
  DeadlineEntry() = default;
  DeadlineEntry(const DeadlineEntry&) = delete;
  DeadlineEntry& operator=(const DeadlineEntry&) = delete;
  bool queued() const noexcept { return slot_ != kNone; }

 protected:
  ~DeadlineEntry() = default;
  /// The time has come; the entry has left the queue. May change the queue.
  virtual void on_deadline() = 0;

 private:
  friend class DeadlineQueue;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  Monotonic at_{};
  std::size_t slot_ = kNone;
};

/// All waits of a loop in one heap, so that a deadline costs no allocation and one system timer serves
/// all of them.
/// Thread: the loop.
class DeadlineQueue {
 public:
  void add(DeadlineEntry& entry, Monotonic at);
  /// Nothing when it is not queued.
  void remove(DeadlineEntry& entry) noexcept;
  /// Fires what is due at `now`.
  void fire(Monotonic now);
  /// Time of the earliest entry; Monotonic::max() when there is none.
  Monotonic next() const noexcept { return heap_.empty() ? Monotonic::max() : heap_.front()->at_; }
  std::size_t size() const noexcept { return heap_.size(); }

 private:
  void place(std::size_t slot, DeadlineEntry* entry) noexcept;
  void sift_up(std::size_t slot) noexcept;
  void sift_down(std::size_t slot) noexcept;
  std::vector<DeadlineEntry*> heap_;
};

}  // namespace karez::net
