// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "model/sample_sink.h"

namespace karez::stream {

/// A stage sees every block of its lane, in order. Called on the lane's thread; must not block.
using Stage = std::function<void(unsigned lane, const model::BatchRef& batch)>;
/// The storing stage: returns the sequence number whose durability acknowledges the block.
using StoreStage = std::function<Result<std::uint64_t>(unsigned lane, const model::BatchRef& batch)>;

struct LaneStats {
  std::uint64_t blocks = 0, samples = 0, future_times = 0, store_errors = 0, store_waits = 0;
  std::size_t queued = 0;
};

/// The one hop between threads from wire to store. A source always maps to the same lane, so the order
/// per point holds without locks. Checks times first: a source time more than 5 min ahead of
/// `received`, or before 1970 (a device that does not know the time; no store takes it, and would refuse
/// the whole block), is stored at `received`, flagged substituted. A busy store (store.busy) holds the lane at
/// that block: the queue fills and `submit` says stream.lane_full. Any other error of the store answers
/// the block and goes on.
/// Thread: `submit` any; see SampleSink.
class Lanes final : public model::SampleSink {
 public:
  struct Options {
    unsigned lanes = 2;                  ///< 1 .. 4
    std::size_t queue_blocks = 256;      ///< per lane
    std::size_t pending_acks = 1024;     ///< per lane; when as many wait for durability, the lane waits too
    Duration stop_wait = std::chrono::seconds(2);  ///< for a busy store and for open acknowledgements
  };
  static constexpr Duration kFutureLimit = std::chrono::minutes(5);
  static constexpr Timestamp kEarliest = from_ns(0);
  Lanes(Options options, Clock& clock, Log& log);
  ~Lanes() override;

  /// Before `start`, in the order they shall run; the store last.
  void add_stage(Stage stage);
  void set_store(StoreStage store);
  void start();
  /// Drains the queues, ends the threads, gives the store `stop_wait` to acknowledge the rest. What is
  /// still open then is answered with stream.stopped. The store must outlive this.
  void stop();

  Result<> submit(model::BatchRef batch, model::DurableAck ack) override;
  /// The store's watermark moved (or failed for good). Thread: the commit thread.
  void durable(std::uint64_t lsn, const Error* failed);

  model::SourceId new_source();
  unsigned lane_of(model::SourceId source) const noexcept;
  LaneStats stats(unsigned lane) const;
  unsigned count() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::stream
