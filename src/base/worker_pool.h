// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "base/error.h"

namespace karez {

/// A few threads for work that may block (SQL, queries, HTTP handlers). The queue is bounded: a full
/// one refuses, and the caller answers "busy".
/// Thread: any. `stop` ends after the running jobs; queued ones are dropped.
class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::size_t queue_capacity);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Errors: workers.full, workers.stopped.
  Result<> submit(std::move_only_function<void()> job);
  void stop();
  std::size_t queued() const { return queue_.size(); }

 private:
  BoundedQueue<std::move_only_function<void()>> queue_;
  std::vector<std::jthread> threads_;
};

}  // namespace karez
