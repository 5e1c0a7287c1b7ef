// SPDX-License-Identifier: Apache-2.0
#include "base/number.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace karez {
namespace {

TEST(ParseNumber, TakesTheWholeTextOrNothing) {
  EXPECT_EQ(parse_number<int>("-12"), -12);
  EXPECT_EQ(parse_number<std::uint16_t>("65535"), 65535);
  EXPECT_EQ(parse_number<unsigned>("ff", 16), 255u);
  EXPECT_EQ(parse_number<double>("-1.5e3"), -1500);
  for (const auto* bad : {"", " 1", "1 ", "+1", "1x", "0x10", "-"}) {
    EXPECT_FALSE(parse_number<int>(bad)) << bad;
    EXPECT_FALSE(parse_number<double>(bad)) << bad;
  }
  EXPECT_FALSE(parse_number<std::uint16_t>("65536"));
  EXPECT_FALSE(parse_number<unsigned>("-1"));
}

}  // namespace
}  // namespace karez
