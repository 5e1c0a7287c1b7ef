// SPDX-License-Identifier: Apache-2.0
#include "net/deadlines.h"

namespace karez::net {

void DeadlineQueue::place(std::size_t slot, DeadlineEntry* entry) noexcept {
  heap_[slot] = entry;
  entry->slot_ = slot;
}

void DeadlineQueue::sift_up(std::size_t slot) noexcept {
  DeadlineEntry* const entry = heap_[slot];
  while (slot > 0) {
    const std::size_t parent = (slot - 1) / 2;
    if (heap_[parent]->at_ <= entry->at_) break;
    place(slot, heap_[parent]);
    slot = parent;
  }
  place(slot, entry);
}

void DeadlineQueue::sift_down(std::size_t slot) noexcept {
  DeadlineEntry* const entry = heap_[slot];
  for (;;) {
    std::size_t child = 2 * slot + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->at_ < heap_[child]->at_) ++child;
    if (entry->at_ <= heap_[child]->at_) break;
    place(slot, heap_[child]);
    slot = child;
  }
  place(slot, entry);
}

void DeadlineQueue::add(DeadlineEntry& entry, Monotonic at) {
  KZ_ASSERT(!entry.queued());
  entry.at_ = at;
  heap_.push_back(&entry);
  sift_up(heap_.size() - 1);
}

void DeadlineQueue::remove(DeadlineEntry& entry) noexcept {
  if (!entry.queued()) return;
  const std::size_t slot = entry.slot_;
  entry.slot_ = DeadlineEntry::kNone;
  DeadlineEntry* const last = heap_.back();
  heap_.pop_back();
  if (last == &entry) return;
  place(slot, last);
  sift_up(slot);
  sift_down(last->slot_);
}

void DeadlineQueue::fire(Monotonic now) {
  while (!heap_.empty() && heap_.front()->at_ <= now) {
    DeadlineEntry& entry = *heap_.front();
    remove(entry);
    entry.on_deadline();
  }
}

}  // namespace karez::net
