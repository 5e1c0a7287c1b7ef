// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace karez {

/// The whole of `text` as a whole number: digits of `base`, '-' for signed types, no blanks, no '+'.
/// Nothing when it is anything else or does not fit. Thread: any.
template <std::integral Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) noexcept {
  Number value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The whole of `text` as a decimal number; "inf" and "nan" are numbers here, hexadecimal ones are not.
template <std::floating_point Number>
std::optional<Number> parse_number(std::string_view text) noexcept {
  Number value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace karez
