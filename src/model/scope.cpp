// SPDX-License-Identifier: Apache-2.0
#include "model/scope.h"

namespace karez::model {

std::string_view to_string(Role role) {
  switch (role) {
    case Role::none: return "none";
    case Role::viewer: return "viewer";
    case Role::operator_: return "operator";
    case Role::engineer: return "engineer";
    case Role::owner: return "owner";
  }
  return "none";
}

std::optional<Role> parse_role(std::string_view text) {
  for (const Role r : {Role::none, Role::viewer, Role::operator_, Role::engineer, Role::owner})
    if (to_string(r) == text) return r;
  return std::nullopt;
}

}  // namespace karez::model
