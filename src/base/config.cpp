// SPDX-License-Identifier: Apache-2.0
#include "base/config.h"

#include <cstdio>

#include "base/file.h"
#include "base/format.h"

namespace karez {

Result<ConfigReader> ConfigReader::open(const std::string& file) {
  auto text = read_file(file, 4u << 20);
  if (!text)
    return fail(Error(text.error().code(), "config.not_found")
                    .with(text.error().text())
                    .cure("Name an existing file with --config, or leave the option away for the defaults."));
  return parse(std::move(*text), file);
}

Result<ConfigReader> ConfigReader::parse(std::string text, std::string name) {
  auto document = JsonDocument::parse_config(text);
  if (!document) {
    // The parser says "Line 3, column 7: …"; editors jump to "file:3:7: …".
    std::size_t line = 1, column = 1;
    std::string reason(document.error().text());
    int read = 0;
    if (std::sscanf(reason.c_str(), "Line %zu, column %zu: %n", &line, &column, &read) == 2 && read > 0)
      reason.erase(0, static_cast<std::size_t>(read));
    return fail(Errc::invalid_argument, "config.malformed", karez::format("{}:{}:{}: {}", name, line, column, reason));
  }
  if (!document->root().is_object())
    return fail(Errc::invalid_argument, "config.malformed", karez::format("{}:1:1: expected an object {{ … }}.", name));
  return ConfigReader(std::move(text), std::move(name), std::move(*document));
}

std::string ConfigReader::place(std::string_view pointer) const {
  const auto offset = offset_of_pointer(text_, pointer);
  const auto [line, column] = line_and_column(text_, offset.value_or(0));
  return karez::format("{}:{}:{}", name_, line, column);
}

JsonValue ConfigReader::value(std::string_view pointer) {
  asked_.emplace(pointer);
  return document_.root().pointer(pointer);
}

void ConfigReader::wrong(std::string_view pointer, std::string_view expected) {
  if (!fault_.empty()) return;
  fault_ = karez::format("{}: {} is {}, expected {}.", place(pointer), pointer,
                         document_.root().pointer(pointer).dump().substr(0, 80), expected);
}

std::string ConfigReader::text(std::string_view pointer, std::string_view fallback) {
  const JsonValue v = value(pointer);
  if (!v) return std::string(fallback);
  if (v.is_string()) return std::string(*v.string());
  wrong(pointer, "a text in double quotes");
  return std::string(fallback);
}

std::int64_t ConfigReader::integer(std::string_view pointer, std::int64_t fallback, std::int64_t low,
                                   std::int64_t high) {
  const JsonValue v = value(pointer);
  if (!v) return fallback;
  if (const auto n = v.integer(); n && *n >= low && *n <= high) return *n;
  wrong(pointer, karez::format("a whole number from {} to {}", low, high));
  return fallback;
}

bool ConfigReader::boolean(std::string_view pointer, bool fallback) {
  const JsonValue v = value(pointer);
  if (!v) return fallback;
  if (const auto b = v.boolean()) return *b;
  wrong(pointer, "true or false");
  return fallback;
}

Duration ConfigReader::duration(std::string_view pointer, Duration fallback) {
  const JsonValue v = value(pointer);
  if (!v) return fallback;
  if (const auto s = v.string())
    if (const auto d = parse_duration(*s)) return *d;
  wrong(pointer, "a span of time such as \"10s\", \"5m\" or \"30d\"");
  return fallback;
}

std::string ConfigReader::choice(std::string_view pointer, std::string_view fallback,
                                 std::initializer_list<std::string_view> allowed) {
  const JsonValue v = value(pointer);
  if (!v) return std::string(fallback);
  std::string list;
  for (const std::string_view word : allowed) {
    if (v.string() == word) return std::string(word);
    list.append(list.empty() ? "" : ", ").append("\"").append(word).append("\"");
  }
  wrong(pointer, "one of " + list);
  return std::string(fallback);
}

Result<> ConfigReader::check_unknown(JsonValue object, const std::string& pointer) const {
  for (const auto& [name, member] : object.members()) {
    const std::string below = pointer + "/" + std::string(name);
    if (asked_.contains(below)) continue;
    const auto next = asked_.lower_bound(below + "/");
    const bool known_group = next != asked_.end() && next->starts_with(below + "/");
    if (known_group && member.is_object()) {
      KZ_CHECK(check_unknown(member, below));
      continue;
    }
    if (known_group)
      return fail(Errc::invalid_argument, "config.invalid",
                  karez::format("{}: {} must be an object {{ … }}.", place(below), below));
    std::string known;
    for (const auto& asked : asked_)
      if (asked.starts_with(pointer + "/") && known.size() < 300) {
        const auto step = asked.substr(pointer.size() + 1, asked.find('/', pointer.size() + 1) - pointer.size() - 1);
        if (!known.ends_with(step)) known.append(known.empty() ? "" : ", ").append(step);
      }
    return fail(Error(Errc::invalid_argument, "config.unknown_member")
                    .with(karez::format("{}: there is no setting {}.", place(below), below))
                    .cure(karez::format("Known here: {}.", known)));
  }
  return {};
}

Result<> ConfigReader::finish() {
  if (!fault_.empty()) return fail(Errc::invalid_argument, "config.invalid", fault_);
  return check_unknown(document_.root(), "");
}

}  // namespace karez
