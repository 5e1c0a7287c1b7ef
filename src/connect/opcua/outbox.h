// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>

#include "connect/driver.h"
#include "connect/link_counters.h"

namespace karez::connect::opcua {

/// What BatchWriter is for drivers on a loop, for a thread that has none and must not wait: samples that
/// find no block or a full lane are kept here, in order, until `flush` gets them out.
/// Thread: one.
class Outbox {
 public:
  Outbox(DriverContext& context, LinkCounters& counters) : context_(context), counters_(counters) {}
  ~Outbox();  ///< counts as lost what is left
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  void add(const model::Sample& sample, std::string_view text);
  /// Submits what can be submitted; to be called at least each 100 ms.
  void flush();
  /// True while samples wait for a block or a lane: the driver should then take no more in.
  bool stuck() const noexcept { return !spill_.empty(); }
  bool empty() const noexcept { return spill_.empty() && (!block_ || block_->empty()); }

 private:
  struct Spilled {
    model::Sample sample;
    std::string text;
  };
  bool spans_too_much(Timestamp now) const;
  bool put(const model::Sample& sample, std::string_view text);
  bool submit();

  DriverContext& context_;
  LinkCounters& counters_;
  model::BatchRef block_;
  std::deque<Spilled> spill_;
};

}  // namespace karez::connect::opcua
