// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/error.h"

namespace karez {

using Duration = std::chrono::nanoseconds;
/// UTC, int64 nanoseconds since 1970: 1677-09-21 to 2262-04-11.
using Timestamp = std::chrono::sys_time<Duration>;
/// For deadlines and intervals; never stored.
using Monotonic = std::chrono::steady_clock::time_point;

constexpr Timestamp kMinTime{Duration{std::numeric_limits<std::int64_t>::min()}};
constexpr Timestamp kMaxTime{Duration{std::numeric_limits<std::int64_t>::max()}};

constexpr std::int64_t to_ns(Timestamp t) noexcept { return t.time_since_epoch().count(); }
constexpr Timestamp from_ns(std::int64_t ns) noexcept { return Timestamp{Duration{ns}}; }

/// "2026-07-14T05:42:08.412Z": RFC 3339, UTC, as many of 0, 3, 6, 9 fraction digits as are needed.
std::string to_rfc3339(Timestamp t);
/// Strict RFC 3339 with any offset, up to 9 fraction digits, leap second 60 read as 59.999999999.
/// Errors: time.malformed, time.out_of_range.
Result<Timestamp> parse_rfc3339(std::string_view text);
/// "500ms", "1s", "5m", "8h", "1d", "1w"; positive. Errors: time.malformed_duration.
Result<Duration> parse_duration(std::string_view text);

/// "Now" for everything that stores or compares times; injected, so that tests own it.
/// Thread: any.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
  virtual Monotonic monotonic() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }
  Monotonic monotonic() const override { return std::chrono::steady_clock::now(); }
};

/// A clock that stands until it is moved.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = from_ns(1'700'000'000'000'000'000)) : now_(to_ns(start)) {}
  Timestamp now() const override { return from_ns(now_.load()); }
  Monotonic monotonic() const override { return Monotonic{Duration{mono_.load()}}; }
  void advance(Duration d) {
    now_ += d.count();
    mono_ += d.count();
  }
  /// Moves the wall clock alone, as an operator or NTP would.
  void jump_to(Timestamp t) { now_ = to_ns(t); }

 private:
  std::atomic<std::int64_t> now_;
  std::atomic<std::int64_t> mono_{0};
};

}  // namespace karez
