// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/problem.h"
#include "base/json.h"

namespace karez::api {

/// Reads a closed JSON object of a request member by member. A member that is there and right is
/// written to its target; everything wrong is added to `faults` with its pointer. `finish` refuses
/// members that nobody asked for.
/// Thread: one.
class ObjectReader {
 public:
  ObjectReader(JsonValue object, std::string pointer, Faults& faults);

  enum class Presence : std::uint8_t { optional, required };
  static constexpr Presence kRequired = Presence::required, kOptional = Presence::optional;

  bool has(std::string_view name) const { return static_cast<bool>(object_[name]); }
  bool is_null(std::string_view name) const { return object_[name].is_null(); }

  /// Lengths in characters. True when the target was written.
  bool text(std::string_view name, std::string& target, Presence presence, std::size_t low, std::size_t high);
  /// A name for people: 1 .. 200 characters, no control characters.
  bool name(std::string_view name, std::string& target, Presence presence);
  /// Text or null; null gives an empty text.
  bool nullable_text(std::string_view name, std::string& target, std::size_t high);
  bool boolean(std::string_view name, bool& target, Presence presence = kOptional);
  bool integer(std::string_view name, std::int64_t& target, Presence presence, std::int64_t low, std::int64_t high);
  bool number(std::string_view name, double& target, Presence presence = kOptional);
  bool nullable_number(std::string_view name, std::optional<double>& target);
  /// `parse` returns an optional; nothing is request.choice with `expected`.
  template <class T, class Parse>
  bool parsed(std::string_view name, T& target, Presence presence, std::string_view expected, Parse parse) {
    std::string raw;
    if (!text(name, raw, presence, 0, 1024)) return false;
    auto value = parse(std::string_view(raw));
    if (!value) {
      fault("request.choice", name, raw, expected);
      return false;
    }
    target = *value;
    return true;
  }
  bool time(std::string_view name, Timestamp& target, Presence presence);
  /// The member as it is; absent when it is missing. Marks it as known.
  JsonValue any(std::string_view name, Presence presence = kOptional);
  /// Members that are JSON objects; reports other types.
  JsonValue object(std::string_view name, Presence presence);
  /// Array with `low` .. `high` elements.
  std::optional<std::vector<JsonValue>> array(std::string_view name, Presence presence, std::size_t low,
                                              std::size_t high);

  void fault(std::string slug, std::string_view name, std::string_view value, std::string_view expected);
  /// Adds an error of a service, its pointer taken relative to this object's member.
  void fault(const Error& error, std::string_view name);
  std::string pointer_to(std::string_view name) const;
  const std::string& pointer() const noexcept { return pointer_; }
  bool usable() const noexcept { return object_.is_object(); }
  void finish();

 private:
  JsonValue take(std::string_view name, Presence presence);
  JsonValue object_;
  std::string pointer_;
  Faults& faults_;
  std::vector<std::string_view> known_;
};

/// RFC 6901 escaping of one reference token.
std::string pointer_token(std::string_view token);
/// RFC 7396: `patch` applied to `target`, as JSON text.
std::string merge_patch(JsonValue target, JsonValue patch);

}  // namespace karez::api
