// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "model/sample_sink.h"

namespace karez::connect {

/// Keeps copies of all samples and acknowledges at once: the sink of tests and of programs that try a
/// driver without a server.
/// Thread: any.
class CollectingSink final : public model::SampleSink {
 public:
  struct Kept {
    model::Sample sample;
    std::string text;
    Timestamp received;
    std::uint64_t seq = 0;
    model::SourceId source;
  };

  Result<> submit(model::BatchRef batch, model::DurableAck ack) override {
    {
      const std::lock_guard lock(mutex_);
      if (refuse_ > 0) {
        --refuse_;
        return fail(Errc::exhausted, "stream.lane_full");
      }
      for (const model::Sample& sample : batch->samples()) {
        kept_.push_back({sample, std::string(batch->text(sample)), batch->header.received, batch->header.seq,
                         batch->header.source});
      }
      changed_.notify_all();
    }
    if (ack.listener) ack.listener->on_durable(ack.cookie, {});
    return {};
  }

  /// The next `count` blocks are answered with stream.lane_full.
  void refuse(int count) {
    const std::lock_guard lock(mutex_);
    refuse_ = count;
  }
  std::vector<Kept> kept() const {
    const std::lock_guard lock(mutex_);
    return kept_;
  }
  /// Takes what came since the last call.
  std::vector<Kept> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(kept_, {});
  }
  /// Waits until `enough` says so of what was kept, at most for `patience`.
  bool wait(const std::function<bool(const std::vector<Kept>&)>& enough, Duration patience = std::chrono::seconds(20)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return enough(kept_); });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Kept> kept_;
  int refuse_ = 0;
};

}  // namespace karez::connect
