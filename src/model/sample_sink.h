// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/error.h"
#include "model/batch.h"

namespace karez::model {

/// Told when a submitted block is durable, or will never be.
/// Thread: the store's commit thread or a lane's, in the order of the blocks of one source; must not
/// block and must not call back into the store.
class DurableListener {
 public:
  virtual ~DurableListener() = default;
  /// `cookie` is what was given with the block. An error means: not acknowledged, may be lost.
  virtual void on_durable(std::uint64_t cookie, const Result<>& outcome) noexcept = 0;
};

/// Who to tell about one block. Shared by the submitter and the lane until the outcome is known, since
/// a session may close while its block is still on the way.
struct DurableAck {
  std::shared_ptr<DurableListener> listener;
  std::uint64_t cookie = 0;
};

/// Where drivers put their blocks. `server` joins it to the lanes.
/// Thread: any; blocks of one source from one thread at a time.
class SampleSink {
 public:
  virtual ~SampleSink() = default;
  /// Takes the block; from now on it is immutable. Never blocks.
  /// Errors: stream.lane_full (back-pressure: keep the block, try again soon), stream.stopped.
  /// On error the listener is not called. On success it is called exactly once.
  virtual Result<> submit(BatchRef batch, DurableAck ack = {}) = 0;
};

}  // namespace karez::model
