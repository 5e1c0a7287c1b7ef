// SPDX-License-Identifier: Apache-2.0
#include "api/write_value.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/format.h"
#include "base/number.h"

namespace karez::api {
namespace {

constexpr double kInt64Limit = 9223372036854775808.0;  // 2^63, the first that does not fit

/// 450 * 0.1 and the like give digits past the fifteenth that nobody wrote.
std::string rounded(double value) {
  std::array<char, 40> out{};
  const auto [end, ec] = std::to_chars(out.data(), out.data() + out.size(), value, std::chars_format::general, 15);
  return ec == std::errc{} ? std::string(out.data(), end) : std::string();
}

std::string limits_text(const model::Range& limit, bool zh) {
  if (limit.low && limit.high)
    return karez::format("{} {} {}", rounded(*limit.low), zh ? "到" : "to", rounded(*limit.high));
  if (limit.low) return karez::format("{} {}", zh ? "不低于" : "at least", rounded(*limit.low));
  return karez::format("{} {}", zh ? "不高于" : "at most", rounded(*limit.high));
}

}  // namespace

std::string engineering_text(const model::Point& point, std::string_view read_back) {
  using model::ValueType;
  const bool scaled = point.scale != 1 || point.offset != 0;
  const bool is_switch = read_back == "true" || read_back == "false";
  if (point.type == ValueType::text || (point.type == ValueType::boolean && is_switch)) return std::string(read_back);
  const auto raw = is_switch ? std::optional(read_back == "true" ? 1.0 : 0.0) : parse_number<double>(read_back);
  if (!raw || !std::isfinite(*raw)) return std::string(read_back);
  const double value = *raw * point.scale + point.offset;
  if (point.type == ValueType::boolean) return value != 0 ? "true" : "false";
  if (!scaled) return is_switch ? rounded(value) : std::string(read_back);  // an int64 keeps all its digits
  if (point.type == ValueType::int64 && std::abs(value) < kInt64Limit)
    return std::to_string(static_cast<std::int64_t>(std::round(value)));
  return rounded(value);
}

std::optional<Problem> out_of_limits(const model::Point& point, const connect::Write& write, Lang lang) {
  if (write.type != model::ValueType::int64 && write.type != model::ValueType::float64) return std::nullopt;
  const double value = model::numeric(write.type, write.bits);
  const bool low = point.limit.low && value < *point.limit.low;
  const bool high = point.limit.high && value > *point.limit.high;
  if (!low && !high) return std::nullopt;
  const bool zh = lang == Lang::zh;
  const std::string limits = limits_text(point.limit, zh);
  const std::string wanted =
      write.type == model::ValueType::int64 ? std::to_string(model::as_int64(write.bits)) : rounded(value);
  Problem problem(400, "write.out_of_limits");
  problem.detail =
      zh ? karez::format("{} 超出 {} 的限值（{}），未写入。", wanted, point.name, limits)
         : karez::format("{} is outside the limits of {}, {}; nothing was written.", wanted, point.name, limits);
  problem.detail_translated = true;
  problem.pointer = "/value";
  problem.errors.push_back({.slug = problem.slug, .pointer = "/value", .value = wanted, .expected = limits});
  problem.errors_total = 1;
  return problem;
}

}  // namespace karez::api
