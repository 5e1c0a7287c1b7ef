// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace karez::model {

/// Where data come from; counted apart everywhere and never added together.
enum class Origin : std::uint8_t { unknown = 0, real = 1, replayed = 2, simulated = 3 };
constexpr std::size_t kOrigins = 4;

std::string_view to_string(Origin origin);
std::optional<Origin> parse_origin(std::string_view text);

}  // namespace karez::model
