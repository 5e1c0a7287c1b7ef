// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "model/sample.h"

/// Samples of one point in memory, and the day a sample belongs to.
namespace karez::historian {

/// What the engine keeps of a sample in the head: 24 bytes.
struct Row {
  std::int64_t time = 0;   ///< ns UTC
  std::uint64_t bits = 0;  ///< text: address of a HeadText, alive as long as its HeadBuffer
  std::uint32_t order = 0;  ///< LSN of its block, counted from the buffer's first LSN
  model::Quality quality;
  model::ValueType type = model::ValueType::none;
  std::uint8_t flags = 0;
};
static_assert(sizeof(Row) == 24);

/// A sample that says "from here on nothing is known".
constexpr bool is_gap(model::ValueType type, std::uint8_t flags) noexcept {
  return type == model::ValueType::none || (flags & model::flag::kGap) != 0;
}

/// Samples of one point, column-wise; text bits index `texts`.
struct Columns {
  std::vector<std::int64_t> time;
  std::vector<std::uint64_t> bits;
  std::vector<std::uint16_t> quality;
  std::vector<std::uint8_t> type, flags;
  std::vector<std::string> texts;

  std::size_t size() const noexcept { return time.size(); }
  bool empty() const noexcept { return time.empty(); }
  void clear() noexcept {
    time.clear();
    bits.clear();
    quality.clear();
    type.clear();
    flags.clear();
    texts.clear();
  }
  void push(std::int64_t t, std::uint64_t value, std::uint16_t q, std::uint8_t kind, std::uint8_t flag_bits) {
    time.push_back(t);
    bits.push_back(value);
    quality.push_back(q);
    type.push_back(kind);
    flags.push_back(flag_bits);
  }
  void push_text(std::int64_t t, std::string_view text, std::uint16_t q, std::uint8_t flag_bits) {
    push(t, texts.size(), q, static_cast<std::uint8_t>(model::ValueType::text), flag_bits);
    texts.emplace_back(text);
  }
  /// Row `i` of `from`, its text copied.
  void push_from(const Columns& from, std::size_t i) {
    if (from.type[i] == static_cast<std::uint8_t>(model::ValueType::text))
      push_text(from.time[i], from.texts[from.bits[i]], from.quality[i], from.flags[i]);
    else push(from.time[i], from.bits[i], from.quality[i], from.type[i], from.flags[i]);
  }
  void append(const Columns& from) {
    for (std::size_t i = 0; i < from.size(); ++i) push_from(from, i);
  }
  model::ValueType type_of(std::size_t i) const noexcept { return static_cast<model::ValueType>(type[i]); }
};

constexpr std::int64_t kDayNs = 86'400'000'000'000;

/// Days since 1970, UTC.
constexpr std::int32_t day_of(std::int64_t ns) noexcept {
  const std::int64_t q = ns / kDayNs;
  return static_cast<std::int32_t>(ns % kDayNs < 0 ? q - 1 : q);
}
/// First nanosecond of a day; the first day of the calendar begins where int64 does.
constexpr std::int64_t day_begin(std::int32_t day) noexcept {
  if (day <= day_of(std::numeric_limits<std::int64_t>::min())) return std::numeric_limits<std::int64_t>::min();
  return day * kDayNs;
}
/// Last nanosecond of a day.
constexpr std::int64_t day_last(std::int32_t day) noexcept {
  if (day >= day_of(std::numeric_limits<std::int64_t>::max())) return std::numeric_limits<std::int64_t>::max();
  return (day + 1) * kDayNs - 1;
}

constexpr std::uint64_t zigzag(std::uint64_t v) noexcept { return (v << 1) ^ (0 - (v >> 63)); }
constexpr std::uint64_t unzigzag(std::uint64_t v) noexcept { return (v >> 1) ^ (0 - (v & 1)); }

}  // namespace karez::historian
