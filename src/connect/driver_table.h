// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "connect/driver.h"

namespace karez::connect {

/// All drivers of this build; generated from the subfolders.
std::span<const DriverInfo* const> all_drivers();
const DriverInfo* find_driver(std::string_view id);

}  // namespace karez::connect
