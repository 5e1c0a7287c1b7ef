// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "model/ids.h"

namespace karez::model {

/// From strongest to weakest; each may do what the weaker ones may.
enum class Role : unsigned char { none = 0, viewer = 1, operator_ = 2, engineer = 3, owner = 4 };

std::string_view to_string(Role role);
std::optional<Role> parse_role(std::string_view text);

/// What a caller may see and do: built by `security` from a session or token, taken by every read and
/// write below `api`. There is no default scope.
struct Scope {
  TenantId tenant;
  Role role = Role::none;
  UserId user;                        ///< who asks, for the audit; 0 for the platform itself
  std::vector<EquipmentId> subtrees;  ///< empty: the whole tenant; else only below these nodes

  bool at_least(Role needed) const noexcept { return role >= needed && tenant; }
  bool whole_tenant() const noexcept { return subtrees.empty(); }
};

}  // namespace karez::model
