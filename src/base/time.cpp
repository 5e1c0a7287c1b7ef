// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <array>
#include <charconv>

#include "base/format.h"

namespace karez {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::unexpected<Error> malformed(std::string_view text) {
  return fail(Error(Errc::invalid_argument, "time.malformed")
                  .with(karez::format("'{}' is not a time.", text.substr(0, 40)))
                  .cure("Write it as 2026-07-14T05:42:08Z or with an offset such as +08:00."));
}

bool digits(std::string_view text, std::size_t at, std::size_t count, int& out) {
  if (at + count > text.size()) return false;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  out = value;
  return true;
}

}  // namespace

std::string to_rfc3339(Timestamp t) {
  // By way of seconds: the first day of the range begins before the earliest nanosecond.
  const std::chrono::sys_seconds whole = std::chrono::floor<seconds>(t);
  const std::int64_t since_second = to_ns(t) % 1'000'000'000;
  const std::int64_t ns = since_second < 0 ? since_second + 1'000'000'000 : since_second;
  const auto day = std::chrono::floor<days>(whole);
  const std::chrono::year_month_day ymd{day};
  const std::chrono::hh_mm_ss hms{whole - day};
  std::string out = karez::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(ymd.year()),
                                  static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                                  hms.hours().count(), hms.minutes().count(), hms.seconds().count());
  if (ns % 1'000 != 0) out += karez::format(".{:09}", ns);
  else if (ns % 1'000'000 != 0) out += karez::format(".{:06}", ns / 1'000);
  else if (ns != 0) out += karez::format(".{:03}", ns / 1'000'000);
  out += 'Z';
  return out;
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
  if (text.size() < 20 || text.size() > 40 || !digits(text, 0, 4, y) || text[4] != '-' || !digits(text, 5, 2, mo) ||
      text[7] != '-' || !digits(text, 8, 2, d) || (text[10] != 'T' && text[10] != 't' && text[10] != ' ') ||
      !digits(text, 11, 2, h) || text[13] != ':' || !digits(text, 14, 2, mi) || text[16] != ':' ||
      !digits(text, 17, 2, s))
    return malformed(text);
  const std::chrono::year_month_day ymd{std::chrono::year{y}, std::chrono::month{static_cast<unsigned>(mo)},
                                        std::chrono::day{static_cast<unsigned>(d)}};
  if (!ymd.ok() || h > 23 || mi > 59 || s > 60) return malformed(text);
  std::size_t at = 19;
  std::int64_t fraction = 0;
  if (text[at] == '.') {
    std::int64_t scale = 100'000'000;
    const std::size_t first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
      fraction += (text[at] - '0') * scale;
    if (at == first || at - first > 9) return malformed(text);
  }
  if (s == 60) {
    s = 59;
    fraction = 999'999'999;
  }
  if (at >= text.size()) return malformed(text);
  int offset = 0;
  if (text[at] == 'Z' || text[at] == 'z') {
    ++at;
  } else {
    int oh = 0, om = 0;
    if ((text[at] != '+' && text[at] != '-') || !digits(text, at + 1, 2, oh) || at + 3 >= text.size() ||
        text[at + 3] != ':' || !digits(text, at + 4, 2, om) || oh > 23 || om > 59)
      return malformed(text);
    offset = (oh * 60 + om) * (text[at] == '+' ? 1 : -1);
    at += 6;
  }
  if (at != text.size()) return malformed(text);
  const std::chrono::sys_seconds whole = std::chrono::sys_days{ymd} + hours{h} + minutes{mi - offset} + seconds{s};
  constexpr std::int64_t kLimit = std::numeric_limits<std::int64_t>::max() / 1'000'000'000;
  const std::int64_t sec = whole.time_since_epoch().count();
  if (sec >= kLimit || sec <= -kLimit)
    return fail(Errc::invalid_argument, "time.out_of_range", "Times reach from 1677 to 2262.");
  return from_ns(sec * 1'000'000'000 + fraction);
}

Result<Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 8> kUnits{{{"ns", 1},
                                                                             {"us", 1'000},
                                                                             {"ms", 1'000'000},
                                                                             {"s", 1'000'000'000},
                                                                             {"m", 60'000'000'000},
                                                                             {"h", 3'600'000'000'000},
                                                                             {"d", 86'400'000'000'000},
                                                                             {"w", 604'800'000'000'000}}};
  if (ec == std::errc{} && count > 0)
    for (const auto& [name, ns] : kUnits)
      if (unit == name && count <= std::numeric_limits<std::int64_t>::max() / ns) return Duration{count * ns};
  return fail(Error(Errc::invalid_argument, "time.malformed_duration")
                  .with(karez::format("'{}' is not a span of time.", text.substr(0, 40)))
                  .cure("Write a whole number and a unit: 500ms, 10s, 5m, 8h, 30d, 2w."));
}

}  // namespace karez
