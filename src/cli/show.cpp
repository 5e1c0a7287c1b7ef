// SPDX-License-Identifier: Apache-2.0
#include "cli/show.h"

#include <array>
#include <charconv>
#include <cmath>
#include <ctime>

#include "base/format.h"
#include "base/number.h"
#include "base/time.h"
#include "model/sample.h"

namespace karez::cli {
namespace {

std::string general(double value, int digits) {
  std::array<char, 64> out{};
  const auto [end, ec] = std::to_chars(out.data(), out.data() + out.size(), value, std::chars_format::general, digits);
  return ec == std::errc{} ? std::string(out.data(), end) : std::string();
}

}  // namespace

std::string rounded(std::string_view number) {
  if (number.find_first_of(".eE") == std::string_view::npos) return std::string(number);
  const auto value = parse_number<double>(number);
  return value && std::isfinite(*value) ? general(*value, 15) : std::string(number);
}

std::string shown(JsonValue value) {
  if (const auto text = value.string()) return std::string(*text);
  if (!value || value.is_null()) return "-";
  const std::string text = value.dump();
  return value.number() ? rounded(text) : text;
}

std::string three_digits(double value) {
  if (!std::isfinite(value) || std::abs(value) < 100) return general(value, 3);
  const double step = std::pow(10, std::floor(std::log10(std::abs(value))) - 2);
  return karez::format("{:.0f}", std::round(value / step) * step);
}

std::string shown_time(std::string_view rfc3339, bool utc) {
  const auto time = parse_rfc3339(rfc3339);
  if (utc || !time) return std::string(rfc3339);
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(*time).time_since_epoch().count();
  std::tm local{};
  if (::localtime_r(&seconds, &local) == nullptr) return std::string(rfc3339);
  std::string text = to_rfc3339(*time + std::chrono::seconds(local.tm_gmtoff));
  text.pop_back();  // the Z
  const auto minutes = std::abs(local.tm_gmtoff) / 60;
  return text + karez::format("{}{:02}:{:02}", local.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string flag_words(std::int64_t flags) {
  constexpr std::pair<std::uint8_t, std::string_view> kNames[] = {{model::flag::kBackfilled, "backfilled"},
                                                                  {model::flag::kSubstituted, "substituted"},
                                                                  {model::flag::kLimit, "limit"},
                                                                  {model::flag::kFirstAfterGap, "first-after-gap"},
                                                                  {model::flag::kGap, "gap"}};
  std::string out;
  for (const auto& [bit, name] : kNames)
    if ((flags & bit) != 0) out.append(out.empty() ? "" : ",").append(name);
  return out;
}

std::string count_of(std::string_view count, std::string_view one) {
  return karez::format("{} {}{}", count, one, count == "1" ? "" : "s");
}

std::string rounded_export(std::string_view csv) {
  std::string out;
  out.reserve(csv.size());
  while (!csv.empty()) {
    const std::string_view line = csv.substr(0, std::min(csv.find('\n'), csv.size() - 1) + 1);
    csv.remove_prefix(line.size());
    const auto first = line.find(',');
    const auto second = first == std::string_view::npos ? first : line.find(',', first + 1);
    if (second == std::string_view::npos) out += line;
    else
      out.append(line.substr(0, first + 1))
          .append(rounded(line.substr(first + 1, second - first - 1)))
          .append(line.substr(second));
  }
  return out;
}

}  // namespace karez::cli
