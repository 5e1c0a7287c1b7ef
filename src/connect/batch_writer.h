// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>
#include <string_view>

#include "connect/driver.h"
#include "connect/link_counters.h"
#include "net/task.h"

namespace karez::connect {

/// Fills blocks from the pool and submits them: a block is sent when it is full or spans 100 ms of
/// arrival. When the pool is empty or the lane is full it waits (and counts an overrun), it never drops
/// on its own; what is left when the link stops and cannot be handed over is counted as lost.
/// Thread: the driver's loop, one coroutine at a time. Must end before the context.
class BatchWriter {
 public:
  static constexpr Duration kMaxSpan = std::chrono::milliseconds(100);
  /// Made once for each block that is submitted, for drivers that acknowledge to the other side.
  using AckMaker = std::function<model::DurableAck()>;

  BatchWriter(DriverContext& context, model::TenantId tenant, LinkCounters& counters, AckMaker ack = {});
  ~BatchWriter();
  BatchWriter(const BatchWriter&) = delete;
  BatchWriter& operator=(const BatchWriter&) = delete;

  /// Puts the sample into the open block without waiting. False: call `make_room`, then again.
  /// `text` is the value of a text sample; one longer than a block takes becomes BadOutOfRange.
  bool add(const model::Sample& sample, Timestamp received, std::string_view text = {});
  /// Submits the open block, if any, and gets a fresh one. Errors: net.cancelled, stream.stopped.
  net::Task<Result<>> make_room(std::stop_token stop);
  /// `add`, making room as needed.
  net::Task<Result<>> put(model::Sample sample, Timestamp received, std::string_view text, std::stop_token stop);
  /// Submits what is there. Also tries once when `stop` has been asked.
  net::Task<Result<>> flush(std::stop_token stop);
  /// True when the open block has waited for 100 ms.
  bool due(Timestamp now) const noexcept;
  /// Samples in the open block.
  std::size_t pending() const noexcept { return block_ ? block_->size() : 0; }

 private:
  DriverContext& context_;
  model::TenantId tenant_;
  LinkCounters& counters_;
  AckMaker make_ack_;
  model::BatchRef block_;
};

}  // namespace karez::connect
