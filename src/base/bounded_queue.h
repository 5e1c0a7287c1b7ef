// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

namespace karez {

/// A queue of fixed capacity between threads: full means the producer hears of it, never that memory
/// grows. The ring is allocated once.
/// `T` must have a default value, which free places hold.
/// Thread: any; many producers, many consumers.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : ring_(capacity) {}

  /// False when full or closed; `item` is then untouched.
  bool try_push(T&& item) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || count_ == ring_.size()) return false;
      ring_[(head_ + count_) % ring_.size()] = std::move(item);
      ++count_;
    }
    ready_.notify_one();
    return true;
  }

  /// Waits for an item; nothing when closed and drained, or when `stop` is asked.
  std::optional<T> pop(std::stop_token stop = {}) {
    std::unique_lock lock(mutex_);
    if (!ready_.wait(lock, stop, [&] { return count_ > 0 || closed_; })) return std::nullopt;
    return take();
  }

  /// Waits until `deadline` at most.
  template <class TimePoint>
  std::optional<T> pop_until(TimePoint deadline) {
    std::unique_lock lock(mutex_);
    ready_.wait_until(lock, deadline, [&] { return count_ > 0 || closed_; });
    return take();
  }

  std::optional<T> try_pop() {
    const std::lock_guard lock(mutex_);
    return take();
  }

  /// No more pushes; consumers drain what is left.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    ready_.notify_all();
  }

  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  std::size_t capacity() const noexcept { return ring_.size(); }

 private:
  std::optional<T> take() {
    if (count_ == 0) return std::nullopt;
    std::optional<T> out(std::move(ring_[head_]));
    ring_[head_] = T{};
    head_ = (head_ + 1) % ring_.size();
    --count_;
    return out;
  }

  mutable std::mutex mutex_;
  std::condition_variable_any ready_;
  std::vector<T> ring_;
  std::size_t head_ = 0, count_ = 0;
  bool closed_ = false;
};

}  // namespace karez
