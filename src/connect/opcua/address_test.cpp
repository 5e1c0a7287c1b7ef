// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/address.h"

#include <gtest/gtest.h>

namespace karez::connect::opcua {
namespace {

TEST(OpcUaAddress, KeepsEveryFormThroughCanonical) {
  for (const char* text : {"i=2258", "ns=2;s=Line 1.Temp;=x", "ns=65535;i=4294967295", "nsu=http://acme.com/ua;s=a",
                           "ns=3;g=09087e75-8e5e-499b-954f-f2a9603db28a", "ns=1;b=M/RbKBsRVkePCePcx24oRA=="}) {
    const auto a = parse_address(text);
    ASSERT_TRUE(a) << text << a.error().message();
    EXPECT_EQ(a->canonical(), text);
  }
}

TEST(OpcUaAddress, DropsNamespaceZeroAndLowersGuids) {
  EXPECT_EQ(parse_address("ns=0;i=85")->canonical(), "i=85");
  EXPECT_EQ(parse_address("g=09087E75-8E5E-499B-954F-F2A9603DB28A")->canonical(),
            "g=09087e75-8e5e-499b-954f-f2a9603db28a");
}

TEST(OpcUaAddress, SaysTheColumnOfAMistake) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "/1"},       {"x=1", "/1"},          {"ns=2;", "/6"},    {"ns=70000;i=1", "/4"},
      {"ns=2", "/4"},   {"i=4294967296", "/3"}, {"i=-1", "/3"},     {"ns=2;s=", "/8"},
      {"g=123", "/3"},  {"b=a", "/3"},          {"nsu=;s=a", "/5"}, {"b=====", "/3"},
      {"b=QQ=x", "/3"}, {"b=Q===", "/3"}};
  for (const auto& [text, column] : cases) {
    const auto a = parse_address(text);
    ASSERT_FALSE(a) << text;
    EXPECT_EQ(a.error().pointer(), column) << text;
  }
}

}  // namespace
}  // namespace karez::connect::opcua
