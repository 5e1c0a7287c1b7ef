// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "api/http.h"
#include "base/worker_pool.h"

namespace karez::api {

/// A long body between the makers' threads and the loop that writes it. Parts are made ahead, so that
/// memory stays bounded whatever the client's speed. The HTTP library asks for bytes and cannot be told
/// "not yet", so the last few of a part are kept back and given out one by one while the next part is
/// made: the loop never waits longer than a blink.
/// Thread: `read` and `failed` on the HTTP library's loop; parts are made on `makers`.
class BodyPump : public std::enable_shared_from_this<BodyPump> {
 public:
  struct Limits {
    std::size_t part = 256u << 10;  ///< bytes made in one go, about
    std::size_t reserve = 4096;     ///< kept back; how many blinks a slow maker is given
    Duration blink = std::chrono::milliseconds(5);
  };
  /// `first` is what was made already; `stream` has more.
  BodyPump(BodyStream stream, std::string first, WorkerPool& makers)
      : BodyPump(std::move(stream), std::move(first), makers, Limits()) {}
  BodyPump(BodyStream stream, std::string first, WorkerPool& makers, Limits limits)
      : stream_(std::move(stream)), makers_(makers), limits_(limits), current_(std::move(first)) {}

  /// Copies up to `size` bytes; 0 at the end, or when there will be no more because something failed.
  std::size_t read(char* out, std::size_t size);
  /// After `read` gave 0: the body is not complete.
  bool failed() const;

 private:
  class Job;
  void order(std::unique_lock<std::mutex>& lock);
  void take_ready();
  void make();
  void dropped();

  BodyStream stream_;
  WorkerPool& makers_;
  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable made_;
  std::string ready_, current_;
  std::size_t at_ = 0;
  bool making_ = false, ended_ = false, failed_ = false;
};

}  // namespace karez::api
