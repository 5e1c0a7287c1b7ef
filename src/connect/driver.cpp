// SPDX-License-Identifier: Apache-2.0
#include "connect/driver.h"

namespace karez::connect {

std::string_view to_string(LinkState state) {
  switch (state) {
    case LinkState::disabled: return "disabled";
    case LinkState::connecting: return "connecting";
    case LinkState::online: return "online";
    case LinkState::degraded: return "degraded";
    case LinkState::offline: return "offline";
    case LinkState::backoff: return "backoff";
  }
  return "disabled";
}

std::string_view to_string(WriteResult::Outcome outcome) {
  switch (outcome) {
    case WriteResult::Outcome::done: return "done";
    case WriteResult::Outcome::refused: return "refused";
    case WriteResult::Outcome::failed: return "failed";
    case WriteResult::Outcome::unknown: return "unknown";
  }
  return "failed";
}

bool TestReport::ok() const {
  return !steps.empty() && std::ranges::all_of(steps, [](const TestStep& step) { return step.ok; });
}

}  // namespace karez::connect
