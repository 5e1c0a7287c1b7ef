// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/address.h"

#include <gtest/gtest.h>

namespace karez::connect::mqtt {
namespace {

JsonAddress json(std::string_view text) { return std::get<JsonAddress>(*parse_address(text)); }
SparkplugAddress sparkplug(std::string_view text) { return std::get<SparkplugAddress>(*parse_address(text)); }

TEST(MqttAddress, ReadsTopicPointerAndTimePointer) {
  EXPECT_EQ(json("plant/press"), (JsonAddress{"plant/press", true, "", ""}));
  EXPECT_EQ(json("plant/press#/t/0"), (JsonAddress{"plant/press", false, "/t/0", ""}));
  EXPECT_EQ(json("plant/press#/t@/meta/ts"), (JsonAddress{"plant/press", false, "/t", "/meta/ts"}));
  EXPECT_EQ(json("plant/press#"), (JsonAddress{"plant/press", false, "", ""}));
  EXPECT_EQ(json("a@b/c#/@type"), (JsonAddress{"a@b/c", false, "/@type", ""}));
  EXPECT_EQ(json("a/b:c#"), (JsonAddress{"a/b:c", false, "", ""}));
  EXPECT_EQ(json("site:1"), (JsonAddress{"site:1", true, "", ""}));
}

TEST(MqttAddress, ReadsSparkplugWithSlashesAndColonsInMetricNames) {
  EXPECT_EQ(sparkplug("Plant/Edge:Node Control/Rebirth"),
            (SparkplugAddress{"Plant", "Edge", "", "Node Control/Rebirth"}));
  EXPECT_EQ(sparkplug("Plant/Edge/Press:a/b:c"), (SparkplugAddress{"Plant", "Edge", "Press", "a/b:c"}));
  EXPECT_EQ(sparkplug("P%3A1/E/D:m%23%25"), (SparkplugAddress{"P:1", "E", "D", "m#%"}));
}

TEST(MqttAddress, RoundTripsItsCanonicalForm) {
  for (const auto* text : {"plant/press", "plant/press#/t@/ts", "plant/press#", "P%3A1/E/D:m%23%25/x", "g/n:m"}) {
    EXPECT_EQ(to_string(*parse_address(text)), text);
  }
}

TEST(MqttAddress, RefusesWithSlugAndColumn) {
  struct Case {
    const char *text, *slug, *column;
  };
  const Case cases[] = {{"", "mqtt.address_empty", "/1"},
                        {"plant/+/t", "mqtt.address_wildcard", "/7"},
                        {"plant/#", "mqtt.address_wildcard", "/7"},
                        {"#", "mqtt.address_wildcard", "/1"},
                        {"#/a", "mqtt.address_topic", "/1"},
                        {"g/+/d:m", "mqtt.address_wildcard", "/3"},
                        {"$share/g/t", "mqtt.address_topic", "/1"},
                        {"plant#temp", "mqtt.address_pointer", "/7"},
                        {"plant#/a~2", "mqtt.address_pointer", "/9"},
                        {"g/n/d:m%41", "mqtt.address_escape", "/8"},
                        {"a\xff", "mqtt.address_topic", "/1"}};
  for (const auto& c : cases) {
    const auto address = parse_address(c.text);
    ASSERT_FALSE(address.has_value()) << c.text;
    EXPECT_EQ(address.error().slug(), c.slug) << c.text;
    EXPECT_EQ(address.error().pointer(), c.column) << c.text;
  }
}

}  // namespace
}  // namespace karez::connect::mqtt
