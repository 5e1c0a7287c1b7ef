// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace karez {

/// A number that can only be compared with its own kind. 0 means "none".
template <class Tag, class Int>
struct Id {
  using value_type = Int;
  Int value = 0;
  constexpr auto operator<=>(const Id&) const = default;
  constexpr explicit operator bool() const noexcept { return value != 0; }
};

/// Ids are opaque strings outside: prefix letter + decimal, "d42".
template <class Tag, class Int>
std::string to_string(Id<Tag, Int> id) {
  return std::string(1, Tag::kPrefix) + std::to_string(id.value);
}
template <class IdType, class Tag>
std::optional<IdType> parse_id_of(std::string_view text) {
  if (text.size() < 2 || text.size() > 21 || text[0] != Tag::kPrefix || text[1] == '0') return std::nullopt;
  IdType id;
  const auto [end, ec] = std::from_chars(text.data() + 1, text.data() + text.size(), id.value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return id;
}

/// 128 random bits as 26 characters of Crockford base 32 with the time in front (ULID), for command
/// ids, request ids and file names. Thread: any.
std::string new_ulid(std::int64_t unix_ms);
/// `count` bytes from the operating system's generator, lower-case hex. Thread: any.
std::string random_hex(std::size_t count);

}  // namespace karez

template <class Tag, class Int>
struct std::hash<karez::Id<Tag, Int>> {
  std::size_t operator()(karez::Id<Tag, Int> id) const noexcept { return std::hash<Int>{}(id.value); }
};
