// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace karez {

/// True for well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(std::string_view text) noexcept;
/// Length in bytes of the well-formed UTF-8 character at the start of `text`, or 0.
std::size_t utf8_character(std::string_view text) noexcept;

/// Characters of well-formed UTF-8.
std::size_t utf8_length(std::string_view text) noexcept;

/// True when `text` has 1..`max_bytes` bytes of UTF-8 without control characters: names people give.
bool is_printable_name(std::string_view text, std::size_t max_bytes = 200) noexcept;

std::string_view trim(std::string_view text) noexcept;
std::vector<std::string_view> split(std::string_view text, char separator);
/// ASCII only; other characters stay.
std::string to_lower(std::string_view text);

}  // namespace karez
