// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace karez::cli {

/// A member of an answer for people: texts as they are, numbers with at most 15 digits (0.1 * 267 is
/// 26.7), "-" for none.
std::string shown(JsonValue value);
/// A number as text rounded to 15 digits; whole numbers and what is no number stay as they are.
std::string rounded(std::string_view number);
/// Three digits that count: "116", "0.0456", "12300".
std::string three_digits(double value);
/// A time of the API: in UTC as it is, else in the zone of this machine with its offset.
std::string shown_time(std::string_view rfc3339, bool utc);
inline std::string shown_time(JsonValue time, bool utc) {
  const auto text = time.string();
  return text ? shown_time(*text, utc) : "-";
}
/// The sum of flags of a sample in words; "" for none.
std::string flag_words(std::int64_t flags);
/// "1 point", "3 points".
std::string count_of(std::string_view count, std::string_view one);
/// The value column of an export in CSV rounded as `rounded` does.
std::string rounded_export(std::string_view csv);

}  // namespace karez::cli
