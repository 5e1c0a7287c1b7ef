// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/browse_place.h"

#include <gtest/gtest.h>

namespace karez::connect::opcua {
namespace {

TEST(OpcUaBrowsePlace, ComesBackFromItsText) {
  for (const BrowsePlace& place : {BrowsePlace{.shown = 1, .last = 0, .node = "i=85"},
                                   BrowsePlace{.shown = BrowsePlace::kMostShown, .last = ~0ull, .node = "ns=2;s=a.b.c"},
                                   BrowsePlace{.shown = 7, .last = 0xabc, .node = ""}}) {
    const auto back = parse_browse_place(to_text(place));
    ASSERT_TRUE(back) << to_text(place);
    EXPECT_EQ(back->shown, place.shown);
    EXPECT_EQ(back->last, place.last);
    EXPECT_EQ(back->node, place.node);
  }
}

TEST(OpcUaBrowsePlace, RefusesWhatIsNone) {
  for (const char* text :
       {"", ".", "..", "7", "7.", "7.a", "7.x.i=85", "-1.0.i=85", "+1.0.i=85", " 1.0.i=85", "x.0.i=85", "100001.0.i=85",
        "18446744073709551616.0.i=85", "1.10000000000000000.i=85", "1.-1.i=85", "1.0x1.i=85", "1,0,i=85"}) {
    const auto place = parse_browse_place(text);
    ASSERT_FALSE(place) << text;
    EXPECT_EQ(place.error().slug(), "connect.browse_expired");
  }
}

}  // namespace
}  // namespace karez::connect::opcua
