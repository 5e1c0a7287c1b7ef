// SPDX-License-Identifier: Apache-2.0
#include "stream/ack_queue.h"

#include <algorithm>

namespace karez::stream {

void AckQueue::push(model::DurableAck ack, std::uint64_t lsn, std::optional<Error> refused) {
  {
    std::unique_lock lock(mutex_);
    if (count_ == ring_.size()) {
      lock.unlock();
      ack.listener->on_durable(ack.cookie, fail(Errc::cancelled, "stream.stopped"));
      return;
    }
    Open& open = ring_[(head_ + count_++) % ring_.size()];
    open.ack = std::move(ack);
    open.lsn = lsn;
    open.refused = std::move(refused);
  }
  drain();  // the watermark may have passed before we got here
}

void AckQueue::durable(std::uint64_t lsn, const Error* failed) {
  {
    const std::lock_guard lock(mutex_);
    durable_ = std::max(durable_, lsn);
    if (failed && !failed_) failed_ = *failed;
    ++moves_;
  }
  progress_.notify_all();
  drain();
}

void AckQueue::fail_all(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    if (!failed_) failed_ = error;
  }
  drain();
}

// Whoever finds a drain under way leaves the rest to it: it looks again after each answer.
void AckQueue::drain() {
  std::unique_lock lock(mutex_);
  if (draining_) return;
  draining_ = true;
  bool moved = false;
  while (count_ > 0) {
    Open& front = ring_[head_];
    Result<> outcome;
    if (front.refused) outcome = std::unexpected<Error>(std::move(*front.refused));
    else if (front.lsn > durable_ && failed_) outcome = std::unexpected<Error>(*failed_);
    else if (front.lsn > durable_) break;
    model::DurableAck ack = std::move(front.ack);
    front.refused.reset();
    lock.unlock();
    ack.listener->on_durable(ack.cookie, outcome);
    ack.listener.reset();  // its destructor is foreign code too
    lock.lock();
    // Only now the place is free: until then the block counts as open.
    head_ = (head_ + 1) % ring_.size();
    --count_;
    moved = true;
  }
  draining_ = false;
  if (moved) ++moves_;
  lock.unlock();
  if (moved) progress_.notify_all();
}

bool AckQueue::full() const {
  const std::lock_guard lock(mutex_);
  return count_ == ring_.size();
}

std::size_t AckQueue::size() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

void AckQueue::wait_for_progress(Duration longest) {
  std::unique_lock lock(mutex_);
  progress_.wait_for(lock, longest, [this, before = moves_] { return moves_ != before; });
}

bool AckQueue::wait_empty(Duration longest) {
  std::unique_lock lock(mutex_);
  return progress_.wait_for(lock, longest, [this] { return count_ == 0; });
}

}  // namespace karez::stream
