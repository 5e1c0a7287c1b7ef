// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "connect/point_map.h"

namespace karez::connect {

/// A value for people: "true", "-3", "21.5", a text as it is (`text`, as a RawValue does not own it);
/// empty for none. Thread: any.
std::string value_text(const RawValue& value, std::string_view text);
inline std::string value_text(const RawValue& value) { return value_text(value, value.text); }

}  // namespace karez::connect
