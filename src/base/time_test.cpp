// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <gtest/gtest.h>

namespace karez {
namespace {

TEST(Rfc3339, ReadsWhatTheStandardShows) {  // RFC 3339, 5.8
  const std::pair<const char*, std::int64_t> cases[] = {
      {"1985-04-12T23:20:50.52Z", 482196050'520'000'000},
      {"1996-12-19T16:39:57-08:00", 851042397'000'000'000},
      {"1990-12-31T23:59:60Z", 662687999'999'999'999},
      {"1990-12-31T15:59:60-08:00", 662687999'999'999'999},
      {"1937-01-01T12:00:27.87+00:20", -1041337172'130'000'000},
      {"1970-01-01t00:00:00z", 0},
      {"1970-01-01 00:00:00.000000001+00:00", 1},
      {"2024-02-29T00:00:00-00:00", 1709164800'000'000'000},
      {"1969-12-31T23:59:59.999999999Z", -1},
  };
  for (const auto& [text, ns] : cases) EXPECT_EQ(to_ns(parse_rfc3339(text).value_or(kMinTime)), ns) << text;
}

TEST(Rfc3339, RefusesEverythingElse) {
  for (const char* text : {"",
                           "2026",
                           "2026-07-14",
                           "2026-07-14T05:42:08",
                           "2026-07-14T05:42Z",
                           "2026-13-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-00-10T00:00:00Z",
                           "2026-01-32T00:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T00:60:00Z",
                           "2026-01-01T00:00:61Z",
                           "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00.1234567890Z",
                           "2026-01-01T00:00:00+8:00",
                           "2026-01-01T00:00:00+24:00",
                           "2026-01-01T00:00:00+08",
                           "2026-01-01T00:00:00+0800",
                           "2026-01-01T00:00:00+08:60",
                           "2026-01-01T00:00:00Z ",
                           "2026-01-01T00:00:00ZZ",
                           "-026-01-01T00:00:00Z",
                           "2026/01/01T00:00:00Z",
                           "2026-01-01T00:00:00.5",
                           "２026-01-01T00:00:00Z"})
    EXPECT_EQ(parse_rfc3339(text).error().slug(), "time.malformed") << text;
}

TEST(Rfc3339, KnowsTheLimitsOfTheRange) {
  EXPECT_EQ(parse_rfc3339("2262-04-12T00:00:00Z").error().slug(), "time.out_of_range");
  EXPECT_EQ(parse_rfc3339("1677-09-20T00:00:00Z").error().slug(), "time.out_of_range");
  EXPECT_EQ(parse_rfc3339("9999-12-31T23:59:59Z").error().slug(), "time.out_of_range");
  EXPECT_TRUE(parse_rfc3339("2262-04-11T23:47:15Z"));
}

TEST(Rfc3339, WritesAsManyDigitsAsAreNeeded) {
  EXPECT_EQ(to_rfc3339(from_ns(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(from_ns(1'500'000'000)), "1970-01-01T00:00:01.500Z");
  EXPECT_EQ(to_rfc3339(from_ns(1'000)), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(to_rfc3339(from_ns(-1)), "1969-12-31T23:59:59.999999999Z");
}

TEST(Rfc3339, WritesTheEndsOfTheRange) {
  EXPECT_EQ(to_rfc3339(kMinTime), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(to_rfc3339(kMaxTime), "2262-04-11T23:47:16.854775807Z");
}

TEST(DurationText, ReadsNumberAndUnit) {
  using namespace std::chrono_literals;
  const std::pair<const char*, Duration> cases[] = {{"500ms", 500ms}, {"1s", 1s},   {"5m", 5min}, {"8h", 8h},
                                                    {"30d", 720h},    {"2w", 336h}, {"7ns", 7ns}, {"9us", 9us}};
  for (const auto& [text, want] : cases) EXPECT_EQ(parse_duration(text).value_or(0ns), want) << text;
  for (const char* text :
       {"", "5", "s", "0s", "-1s", "+1s", "1.5s", "5 m", "5M", "1y", "9223372036854775807s", "99999999999999999999s"})
    EXPECT_EQ(parse_duration(text).error().slug(), "time.malformed_duration") << text;
}

TEST(ManualClock, MovesOnlyWhenTold) {
  ManualClock clock(from_ns(100));
  const Monotonic before = clock.monotonic();
  clock.advance(Duration{5});
  EXPECT_EQ(clock.now(), from_ns(105));
  EXPECT_EQ(clock.monotonic() - before, Duration{5});
  clock.jump_to(from_ns(1));
  EXPECT_EQ(clock.now(), from_ns(1));
  EXPECT_EQ(clock.monotonic() - before, Duration{5});
}

}  // namespace
}  // namespace karez
