// SPDX-License-Identifier: Apache-2.0
#include "base/worker_pool.h"

namespace karez {

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_capacity) : queue_(queue_capacity) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i)
    threads_.emplace_back([this](std::stop_token stop) {
      while (auto job = queue_.pop(stop)) {
        if (stop.stop_requested()) return;
        (*job)();
      }
    });
}

WorkerPool::~WorkerPool() { stop(); }

Result<> WorkerPool::submit(std::move_only_function<void()> job) {
  if (queue_.try_push(std::move(job))) return {};
  if (queue_.closed()) return fail(Errc::cancelled, "workers.stopped", "The program is stopping.");
  return fail(Errc::exhausted, "workers.full", "All workers are busy and their queue is full.");
}

void WorkerPool::stop() {
  queue_.close();
  for (auto& t : threads_) t.request_stop();
  threads_.clear();
  // What the dropped jobs hold must hear of it now, not when the pool dies.
  while (queue_.try_pop()) {}
}

}  // namespace karez
