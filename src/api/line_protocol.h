// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/sample.h"

/// InfluxDB line protocol, reading side: `measurement,tag=a field=1.5,other=2i 1700000000000000000`.
/// Escapes: `\,` `\ ` `\=` in names, `\"` `\\` in quoted texts; a backslash before anything else stands
/// for itself. Pure; allocates nothing a line once warm.
namespace karez::api {

/// Nanoseconds of one unit of a time-stamp: "ns" "n" "us" "u" "ms" "s" "m" "h"; nothing for others.
std::optional<std::int64_t> precision_unit(std::string_view text);

struct LineField {
  std::string_view key;   ///< as written, escapes and all
  model::ValueType type = model::ValueType::none;
  std::uint64_t bits = 0;
  std::string_view text;  ///< of text fields: between the quotes, as written
};

struct Line {
  std::size_t number = 0;        ///< from 1
  std::string_view series;       ///< measurement and tags as written
  std::size_t measurement = 0;   ///< length of the measurement in `series`
  std::vector<LineField> fields;
  std::optional<Timestamp> time;
};

struct LineFault {
  std::size_t line = 0, column = 0;  ///< from 1
  const char* slug = "";             ///< "line.no_fields" and the like
  const char* text = "";
};

/// Walks over a body. Thread: one.
class LineReader {
 public:
  static constexpr std::size_t kMaxSeries = 8192, kMaxFields = 4096, kMaxText = 16384;

  /// `unit`: nanoseconds of one unit of the time-stamps.
  LineReader(std::string_view body, std::int64_t unit) : body_(body), unit_(unit) {}

  enum class Step : std::uint8_t { line, fault, end };
  /// The next line that is not blank or a comment. After a fault the walk goes on with the next line.
  Step next(Line& line, LineFault& fault);

 private:
  struct Cursor;
  bool parse(Cursor& c, Line& line, LineFault& fault);
  std::string_view body_;
  std::int64_t unit_;
  std::size_t at_ = 0, number_ = 0;
};

/// Name without its escapes.
std::string unescape_name(std::string_view raw);
/// Text between quotes without its escapes.
void unescape_text(std::string_view raw, std::string& out);

/// Tags of `series` as "a=1,b=2", sorted and without escapes; what is wrong with them otherwise:
/// line.tag (empty key or value, missing =), line.duplicate_tag.
Result<std::string> sorted_tags(std::string_view tags);

}  // namespace karez::api
