// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "api/http.h"
#include "base/worker_pool.h"

namespace karez::api {

/// A long body between the worker that makes it and the loop that writes it: one part is made ahead, so
/// that memory stays bounded whatever the client's speed, and the loop seldom waits.
/// Thread: `read` on the HTTP library's loop; parts are made on workers.
class BodyPump : public std::enable_shared_from_this<BodyPump> {
 public:
  BodyPump(BodyStream stream, std::string first, WorkerPool& workers)
      : stream_(std::move(stream)), workers_(workers), ready_(std::move(first)) {}

  /// Copies up to `size` bytes; 0 at the end. Starts making the next part when one is used up.
  std::size_t read(char* out, std::size_t size) {
    if (at_ == current_.size() && !next_part()) return 0;
    const std::size_t n = std::min(size, current_.size() - at_);
    current_.copy(out, n, at_);
    at_ += n;
    return n;
  }

 private:
  bool next_part() {
    std::unique_lock lock(mutex_);
    made_.wait(lock, [&] { return !making_; });
    if (ready_.empty() && !ended_) make(lock);
    current_ = std::exchange(ready_, {});
    at_ = 0;
    if (!ended_ && !current_.empty()) {
      making_ = true;
      const auto job = [self = shared_from_this()] {
        std::unique_lock inner(self->mutex_);
        self->make(inner);
        self->making_ = false;
        self->made_.notify_all();
      };
      if (!workers_.submit(job)) making_ = false;  // busy: made when it is asked for
    }
    return !current_.empty();
  }
  /// Makes parts until one has bytes. The mutex keeps a second maker away.
  void make(std::unique_lock<std::mutex>&) {
    while (ready_.empty() && !ended_) ended_ = !stream_(ready_);
  }

  BodyStream stream_;
  WorkerPool& workers_;
  std::mutex mutex_;
  std::condition_variable made_;
  std::string ready_, current_;
  std::size_t at_ = 0;
  bool making_ = false, ended_ = false;
};

}  // namespace karez::api
