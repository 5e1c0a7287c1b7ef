// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/address.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "connect/mqtt/codec.h"

namespace karez::connect::mqtt {
namespace {

std::unexpected<Error> wrong(const char* slug, std::size_t offset, std::string_view text, std::string_view cure = {}) {
  Error error = Error(Errc::invalid_argument, slug).with(text).at(karez::format("/{}", offset + 1));
  if (!cure.empty()) error = std::move(error).cure(cure);
  return fail(std::move(error));
}

/// RFC 6901: empty, or parts that each start with '/', with ~ only as ~0 and ~1.
Result<> check_pointer(std::string_view pointer, std::size_t offset) {
  if (!pointer.empty() && pointer.front() != '/') {
    return wrong("mqtt.address_pointer", offset, "a JSON pointer starts with '/'",
                 "Write topic#/name, for instance plant/press#/temperature.");
  }
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] != '~') continue;
    if (i + 1 == pointer.size() || (pointer[i + 1] != '0' && pointer[i + 1] != '1')) {
      return wrong("mqtt.address_pointer", offset + i, "'~' in a JSON pointer is written ~0, '/' inside a name ~1");
    }
  }
  return {};
}

Result<> check_topic(std::string_view topic, std::size_t length_with_rest) {
  if (topic.empty()) return wrong("mqtt.address_topic", 0, "the topic is missing");
  if (const auto at = topic.find('+'); at != std::string_view::npos) {
    return wrong("mqtt.address_wildcard", at, "a point reads one topic; '+' would mix several into one history",
                 "Make one point for each topic.");
  }
  if (topic.starts_with("$share/")) {
    return wrong("mqtt.address_topic", 0, "a shared subscription would give this point only part of its values",
                 "Use the plain topic.");
  }
  if (!is_topic_name(topic) || length_with_rest > 2048) {
    return wrong("mqtt.address_topic", 0, "the topic is not valid UTF-8 or is too long");
  }
  return {};
}

Result<PointAddress> parse_json(std::string_view text, std::size_t hash) {
  JsonAddress out;
  out.topic = text.substr(0, hash);
  KZ_CHECK(check_topic(out.topic, text.size()));
  if (hash == std::string_view::npos) return out;
  out.whole = false;
  auto rest = text.substr(hash + 1);
  // the last "@/" starts the time pointer
  if (const auto at = rest.rfind("@/"); at != std::string_view::npos) {
    out.time_pointer = rest.substr(at + 1);
    rest = rest.substr(0, at);
    KZ_CHECK(check_pointer(out.time_pointer, hash + 1 + at + 1));
  }
  out.pointer = rest;
  KZ_CHECK(check_pointer(rest, hash + 1));
  return out;
}

Result<std::string> unescape(std::string_view text, std::size_t offset) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto code = text.substr(i, 3);
    if (code == "%3A" || code == "%3a") {
      out += ':';
    } else if (code == "%23") {
      out += '#';
    } else if (code == "%25") {
      out += '%';
    } else {
      return wrong("mqtt.address_escape", offset + i,
                   "after '%' only 3A (for ':'), 23 (for '#') and 25 (for '%') may stand");
    }
    i += 2;
  }
  return out;
}

/// id/id[/id]:metric, where the first ':' ends the ids.
bool looks_like_sparkplug(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return false;
  const auto ids = split(text.substr(0, colon), '/');
  return (ids.size() == 2 || ids.size() == 3) && std::ranges::none_of(ids, [](auto id) { return id.empty(); });
}

Result<PointAddress> parse_sparkplug(std::string_view text) {
  const auto colon = text.find(':');
  const auto ids = text.substr(0, colon);
  if (const auto at = ids.find('+'); at != std::string_view::npos) {
    return wrong("mqtt.address_wildcard", at, "a point reads one metric of one node; '+' is not possible",
                 "Name group, node and device.");
  }
  if (!is_utf8(text) || text.find('\0') != std::string_view::npos || text.size() > 2048) {
    return wrong("mqtt.address_topic", 0, "the address is not valid UTF-8 or is too long");
  }
  SparkplugAddress out;
  std::string* const parts[] = {&out.group, &out.node, &out.device};
  std::size_t part = 0, offset = 0;
  for (const auto id : split(ids, '/')) {
    KZ_TRY(*parts[part++], unescape(id, offset));
    offset += id.size() + 1;
  }
  KZ_TRY(out.metric, unescape(text.substr(colon + 1), colon + 1));
  return out;
}

std::string escape(std::string_view text, bool colon) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '#') {
      out += "%23";
    } else if (c == ':' && colon) {
      out += "%3A";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Result<PointAddress> parse_address(std::string_view text) {
  if (text.empty()) {
    return wrong("mqtt.address_empty", 0, "the address is empty",
                 "Write topic#/json/pointer, or group/node/device:metric for Sparkplug.");
  }
  const auto hash = text.find('#');
  if (hash != std::string_view::npos && (hash == 0 || text[hash - 1] == '/') && hash + 1 == text.size()) {
    return wrong("mqtt.address_wildcard", hash,
                 "a point reads one topic; the wildcard '#' would mix several into one history",
                 "Make one point for each topic; browse shows those that are there.");
  }
  if (hash == std::string_view::npos && looks_like_sparkplug(text)) return parse_sparkplug(text);
  return parse_json(text, hash);
}

std::string escape_id(std::string_view id) { return escape(id, true); }
std::string escape_metric(std::string_view metric) { return escape(metric, false); }

std::string to_string(const PointAddress& address) {
  if (const auto* json = std::get_if<JsonAddress>(&address)) {
    std::string out = json->topic;
    if (!json->whole) out += '#' + json->pointer;
    if (!json->time_pointer.empty()) out += '@' + json->time_pointer;
    return out;
  }
  const auto& s = std::get<SparkplugAddress>(address);
  std::string out = escape_id(s.group) + '/' + escape_id(s.node);
  if (!s.device.empty()) out += '/' + escape_id(s.device);
  return out + ':' + escape_metric(s.metric);
}

}  // namespace karez::connect::mqtt
