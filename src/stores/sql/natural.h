// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace karez::stores {

/// The collation `natural_order`: negative, zero or positive as `a` stands before, with or after `b`. ASCII
/// letters without case, runs of digits as numbers of any length, other bytes as they are.
int compare_natural(std::string_view a, std::string_view b) noexcept;

}  // namespace karez::stores
