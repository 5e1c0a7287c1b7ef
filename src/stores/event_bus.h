// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "stores/sql_store.h"

/// One of the four store seams: events between modules and, later, nodes. Implementations: an outbox
/// and cursors in the metadata store (`stores/events/embedded_bus.h`); later NATS JetStream.
/// At least once, in order per subject, durable cursor per consumer. Samples never travel here.
namespace karez::stores {

struct Event {
  std::string id;       ///< ULID; handlers are idempotent by it
  std::string subject;  ///< "kz.<tenant>.<kind>", kind [a-z_.]
  std::string body;     ///< JSON object, at most 64 KiB
  Timestamp time;
};

class EventBus {
 public:
  virtual ~EventBus() = default;
  /// Writes the event into the outbox of the caller's transaction: it happens exactly if that commits.
  virtual Result<> publish(SqlSession& transaction, const Event& event) = 0;
  /// Delivers events of subjects that start with `prefix` to `handler`, from the durable cursor of
  /// `consumer` on, one after the other. A handler's error stops at that event; it comes again after
  /// a pause. Thread: the bus's own. Register before `start`.
  virtual Result<> subscribe(std::string_view consumer, std::string_view prefix,
                             std::function<Result<>(const Event&)> handler) = 0;
  virtual Result<> start() = 0;
  virtual void stop() = 0;
};

}  // namespace karez::stores
