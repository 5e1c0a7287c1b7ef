// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include "base/time.h"
#include "model/sample_sink.h"

namespace karez::stream {

/// Acknowledgements of one lane that wait for the durable watermark, answered strictly in order. A ring
/// allocated once. Listeners are called without the mutex, by one thread at a time.
/// Thread: `push` the lane, `durable` the commit thread, the rest any.
class AckQueue {
 public:
  explicit AckQueue(std::size_t capacity) : ring_(capacity) {}

  /// Takes the answer to a block: durable with `lsn`, or refused by the store. When full, which the lane
  /// only lets happen while it stops, the listener hears at once that it failed.
  void push(model::DurableAck ack, std::uint64_t lsn, std::optional<Error> refused);
  /// `failed`: nothing above `lsn` will ever become durable.
  void durable(std::uint64_t lsn, const Error* failed);
  /// Answers everything open with `error`.
  void fail_all(const Error& error);

  bool full() const;
  std::size_t size() const;
  /// Waits until the watermark moved or an answer went out, `longest` at most. Not for deadlines.
  void wait_for_progress(Duration longest);
  /// Waits until nothing is open, `longest` at most.
  bool wait_empty(Duration longest);

 private:
  struct Open {
    model::DurableAck ack;
    std::uint64_t lsn = 0;
    std::optional<Error> refused;
  };
  void drain();

  mutable std::mutex mutex_;
  std::condition_variable progress_;
  std::vector<Open> ring_;
  std::size_t head_ = 0, count_ = 0;
  std::uint64_t durable_ = 0;
  std::optional<Error> failed_;
  bool draining_ = false;
  std::uint64_t moves_ = 0;
};

}  // namespace karez::stream
