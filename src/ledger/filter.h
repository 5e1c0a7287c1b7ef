// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ledger/entry.h"

namespace karez::ledger {

/// Which entries; what is left open lets all through.
struct Filter {
  std::optional<model::TenantId> tenant;
  std::optional<ActorKind> actor_kind;
  std::string actor;        ///< exact
  std::string action;       ///< exact, or all below "device." when it ends in '.'
  std::string object_kind;  ///< exact
  std::string object_id;    ///< exact
  std::optional<Outcome> outcome;
  Timestamp from = kMinTime, to = kMaxTime;  ///< from <= time < to

  bool matches(const Entry& entry) const;
};

constexpr std::size_t kMaxPage = 1000;

struct Page {
  std::vector<Entry> items;       ///< newest first, by sequence number
  std::uint64_t next_before = 0;  ///< where the next page goes on; 0: this was the last
};

}  // namespace karez::ledger
