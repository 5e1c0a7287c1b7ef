// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"

namespace karez {

/// Reads configuration that people write: JSON with comments. Each getter takes a default and notes
/// what is wrong; `finish` reports the first fault with file, line, column and what was expected, and
/// refuses members that nobody asked for.
///
///   KZ_TRY(auto config, ConfigReader::open(path));
///   options.port = config.integer("/http/port", 8080, 0, 65535);
///   KZ_CHECK(config.finish());
///
/// Thread: one.
class ConfigReader {
 public:
  /// Errors: config.not_found, config.malformed (file:line:column).
  static Result<ConfigReader> open(const std::string& file);
  /// `name` stands in for the file in messages.
  static Result<ConfigReader> parse(std::string text, std::string name);

  std::string text(std::string_view pointer, std::string_view fallback);
  std::int64_t integer(std::string_view pointer, std::int64_t fallback, std::int64_t low, std::int64_t high);
  bool boolean(std::string_view pointer, bool fallback);
  /// "10s", "5m"; see parse_duration.
  Duration duration(std::string_view pointer, Duration fallback);
  /// One of the words in `allowed`.
  std::string choice(std::string_view pointer, std::string_view fallback,
                     std::initializer_list<std::string_view> allowed);

  /// Errors: config.invalid, config.unknown_member.
  Result<> finish();

 private:
  ConfigReader(std::string text, std::string name, JsonDocument document)
      : text_(std::move(text)), name_(std::move(name)), document_(std::move(document)) {}
  JsonValue value(std::string_view pointer);
  void wrong(std::string_view pointer, std::string_view expected);
  std::string place(std::string_view pointer) const;
  Result<> check_unknown(JsonValue object, const std::string& pointer) const;

  std::string text_, name_;
  JsonDocument document_;
  std::set<std::string, std::less<>> asked_;
  std::string fault_, fault_cure_;
};

}  // namespace karez
