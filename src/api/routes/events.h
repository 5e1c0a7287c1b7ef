// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/call.h"

namespace karez::api::routes {

struct EventFilter {
  std::string kind;    ///< "connection", "quality"; empty: all
  std::string object;  ///< id of link, device or point
  std::optional<bool> active;
};
/// An event and what became of it.
struct SeenEvent {
  evidence::Event event;
  bool active = false;
  Timestamp ended = kMinTime;
};
/// How many of the newest events a list looks at.
constexpr std::size_t kMaxEventScan = 20'000;

/// Newest first, among the newest `scan` of the tenant. What ended an event is always newer, so reading
/// from the top tells it.
Result<std::vector<SeenEvent>> newest_events(const Call& call, const EventFilter& filter, std::size_t scan);
void write_event(JsonWriter& out, const SeenEvent& event, Lang lang);

}  // namespace karez::api::routes
