// SPDX-License-Identifier: Apache-2.0
#include "api/body.h"

#include <cmath>

#include "base/format.h"
#include "base/text.h"

namespace karez::api {

namespace {
/// What somebody wrote, at most 100 bytes of it; a text without its quotes.
std::string shown(JsonValue value) {
  const auto text = value.string();
  std::string out = text ? std::string(*text) : value.dump();
  std::size_t most = std::min<std::size_t>(out.size(), 100);
  while (most > 0 && most < out.size() && (static_cast<unsigned char>(out[most]) & 0xc0) == 0x80) --most;
  out.resize(most);
  return out;
}
}  // namespace

std::string pointer_token(std::string_view token) {
  std::string out;
  for (const char c : token.substr(0, 200)) {
    if (c == '~') out += "~0";
    else if (c == '/') out += "~1";
    else out += c;
  }
  return out;
}

ObjectReader::ObjectReader(JsonValue object, std::string pointer, Faults& faults)
    : object_(object), pointer_(std::move(pointer)), faults_(faults) {
  if (!object_.is_object()) faults_.add({.slug = "request.type", .pointer = pointer_, .expected = "object"});
}

std::string ObjectReader::pointer_to(std::string_view name) const { return pointer_ + "/" + pointer_token(name); }

void ObjectReader::fault(std::string slug, std::string_view name, std::string_view value, std::string_view expected) {
  faults_.add({.slug = std::move(slug),
               .pointer = pointer_to(name),
               .value = std::string(value),
               .expected = std::string(expected)});
}

void ObjectReader::fault(const Error& error, std::string_view name) {
  faults_.add({.slug = std::string(error.slug()), .pointer = pointer_to(name), .text = std::string(error.text())});
}

JsonValue ObjectReader::take(std::string_view name, Presence presence) {
  known_.push_back(name);
  const JsonValue value = object_[name];
  if (!value && presence == kRequired && object_.is_object()) fault("request.required", name, {}, {});
  return value;
}

bool ObjectReader::text(std::string_view name, std::string& target, Presence presence, std::size_t low,
                        std::size_t high) {
  const JsonValue value = take(name, presence);
  if (!value) return false;
  const auto s = value.string();
  if (!s) {
    fault("request.type", name, value.dump().substr(0, 100), "string");
    return false;
  }
  const std::size_t length = utf8_length(*s);
  if (length < low || length > high || s->contains('\0')) {
    fault("request.length", name, s->substr(0, 100), karez::format("{} to {} characters", low, high));
    return false;
  }
  target = *s;
  return true;
}

bool ObjectReader::name(std::string_view name, std::string& target, Presence presence) {
  std::string value;
  if (!text(name, value, presence, 1, 200)) return false;
  if (!is_printable_name(value, 800) || trim(value).empty()) {
    fault("request.format", name, value, "text without control characters");
    return false;
  }
  target = std::move(value);
  return true;
}

bool ObjectReader::nullable_text(std::string_view name, std::string& target, std::size_t high) {
  if (is_null(name)) {
    known_.push_back(name);
    target.clear();
    return true;
  }
  return text(name, target, kOptional, 0, high);
}

bool ObjectReader::boolean(std::string_view name, bool& target, Presence presence) {
  const JsonValue value = take(name, presence);
  if (!value) return false;
  const auto b = value.boolean();
  if (!b) {
    fault("request.type", name, shown(value), "true or false");
    return false;
  }
  target = *b;
  return true;
}

bool ObjectReader::integer(std::string_view name, std::int64_t& target, Presence presence, std::int64_t low,
                           std::int64_t high) {
  const JsonValue value = take(name, presence);
  if (!value) return false;
  const auto n = value.integer();
  if (!n) {
    fault("request.type", name, shown(value), "whole number");
    return false;
  }
  if (*n < low || *n > high) {
    fault("request.range", name, value.dump(), karez::format("{} to {}", low, high));
    return false;
  }
  target = *n;
  return true;
}

bool ObjectReader::number(std::string_view name, double& target, Presence presence) {
  const JsonValue value = take(name, presence);
  if (!value) return false;
  const auto n = value.number();
  if (!n || !std::isfinite(*n)) {
    fault("request.type", name, shown(value), "number");
    return false;
  }
  target = *n;
  return true;
}

bool ObjectReader::nullable_number(std::string_view name, std::optional<double>& target) {
  if (is_null(name)) {
    known_.push_back(name);
    target.reset();
    return true;
  }
  double n = 0;
  if (!number(name, n)) return false;
  target = n;
  return true;
}

bool ObjectReader::time(std::string_view name, Timestamp& target, Presence presence) {
  std::string raw;
  if (!text(name, raw, presence, 0, 64)) return false;
  const auto t = parse_rfc3339(raw);
  if (!t) {
    fault("request.time", name, raw, "2026-07-14T05:42:11.5Z");
    return false;
  }
  target = *t;
  return true;
}

JsonValue ObjectReader::any(std::string_view name, Presence presence) { return take(name, presence); }

JsonValue ObjectReader::object(std::string_view name, Presence presence) {
  const JsonValue value = take(name, presence);
  if (!value || value.is_object()) return value;
  fault("request.type", name, value.dump().substr(0, 100), "object");
  return {};
}

std::optional<std::vector<JsonValue>> ObjectReader::array(std::string_view name, Presence presence, std::size_t low,
                                                          std::size_t high) {
  const JsonValue value = take(name, presence);
  if (!value) return std::nullopt;
  if (!value.is_array()) {
    fault("request.type", name, value.dump().substr(0, 100), "array");
    return std::nullopt;
  }
  if (value.size() < low || value.size() > high) {
    fault("request.too_many", name, std::to_string(value.size()), karez::format("{} to {} items", low, high));
    return std::nullopt;
  }
  return value.elements();
}

void ObjectReader::finish() {
  if (!object_.is_object()) return;
  for (const auto& [name, value] : object_.members())
    if (std::ranges::find(known_, name) == known_.end()) fault("request.unknown_member", name, {}, {});
}

namespace {
void merge_into(JsonWriter& out, JsonValue target, JsonValue patch) {
  if (!patch.is_object()) {
    out.raw(patch.dump());
    return;
  }
  out.begin_object();
  if (target.is_object())
    for (const auto& [name, value] : target.members()) {
      const JsonValue change = patch[name];
      if (!change) out.key(name).raw(value.dump());
      else if (!change.is_null()) merge_into(out.key(name), value, change);
    }
  for (const auto& [name, value] : patch.members())
    if (!value.is_null() && !(target.is_object() && target[name])) merge_into(out.key(name), {}, value);
  out.end_object();
}
}  // namespace

std::string merge_patch(JsonValue target, JsonValue patch) {
  JsonWriter out;
  merge_into(out, target, patch);
  return out.take();
}

}  // namespace karez::api
