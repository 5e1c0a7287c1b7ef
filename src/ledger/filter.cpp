// SPDX-License-Identifier: Apache-2.0
#include "ledger/filter.h"

namespace karez::ledger {

bool Filter::matches(const Entry& e) const {
  const bool action_fits =
      action.empty() || (action.ends_with('.') ? e.action.starts_with(action) : e.action == action);
  return (!tenant || e.tenant == *tenant) && (!actor_kind || e.actor_kind == *actor_kind) &&
         (actor.empty() || e.actor == actor) && action_fits && (object_kind.empty() || e.object_kind == object_kind) &&
         (object_id.empty() || e.object_id == object_id) && (!outcome || e.outcome == *outcome) && e.time >= from &&
         (e.time < to || to == kMaxTime);
}

}  // namespace karez::ledger
