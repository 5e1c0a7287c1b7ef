// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace karez {
namespace {

std::string slug_of(std::string_view text, JsonLimits limits = {}) {
  const auto document = JsonDocument::parse(text, limits);
  return document ? "" : std::string(document.error().slug());
}

TEST(Json, ReadsTypesAndNothingElse) {
  const auto doc = JsonDocument::parse(R"({"b":true,"i":-7,"d":2.5,"s":"x","n":null,"a":[1,2],"o":{"k":"v"}})").value();
  EXPECT_EQ(doc["b"].boolean(), true);
  EXPECT_EQ(doc["i"].integer(), -7);
  EXPECT_EQ(doc["i"].number(), -7.0);
  EXPECT_EQ(doc["d"].number(), 2.5);
  EXPECT_FALSE(doc["d"].integer());
  EXPECT_EQ(doc["s"].string(), "x");
  EXPECT_TRUE(doc["n"].is_null());
  EXPECT_EQ(doc["a"].size(), 2U);
  EXPECT_EQ(doc["a"].elements()[1].integer(), 2);
  EXPECT_EQ(doc["o"].members()[0].first, "k");
  EXPECT_EQ(doc.root().pointer("/o/k").string(), "v");
  EXPECT_EQ(doc["o"].dump(), R"({"k":"v"})");
}

TEST(Json, AbsentAndWrongTypesReadAsNothing) {
  const auto doc = JsonDocument::parse(R"({"s":"x","a":[]})").value();
  EXPECT_FALSE(doc["none"]);
  EXPECT_FALSE(doc["none"]["deeper"].string());
  EXPECT_FALSE(doc["s"].integer());
  EXPECT_FALSE(doc["s"]["x"]);
  EXPECT_TRUE(doc["s"].elements().empty());
  EXPECT_FALSE(doc.root().pointer("/a/0"));
  EXPECT_FALSE(doc.root().pointer("no slash"));
  EXPECT_EQ(JsonValue{}.dump(), "");
  EXPECT_EQ(JsonValue{}.kind(), JsonValue::Kind::absent);
}

TEST(Json, KeepsWholeNumbersOfInt64) {
  const auto doc = JsonDocument::parse("[9223372036854775807,-9223372036854775808,9223372036854775808]").value();
  EXPECT_EQ(doc.root().elements()[0].integer(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(doc.root().elements()[1].integer(), std::numeric_limits<std::int64_t>::min());
  EXPECT_FALSE(doc.root().elements()[2].integer());
  EXPECT_TRUE(doc.root().elements()[2].number());
}

TEST(Json, FirstOfEqualNamesWins) { EXPECT_EQ(JsonDocument::parse(R"({"a":1,"a":2})").value()["a"].integer(), 1); }

TEST(Json, RefusesWhatRfc8259DoesNotAllow) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "[1,]",
                           "{\"a\":1,}",
                           "// x\n1",
                           "/* */1",
                           "01",
                           "+1",
                           ".5",
                           "1.",
                           "NaN",
                           "Infinity",
                           "1e999",
                           "'a'",
                           "\"\x01\"",
                           "\"\\x\"",
                           "\"\\ud800\"",
                           "\"abc",
                           "[1] 2",
                           "\"\xff\"",
                           "\"\xc0\xaf\"",
                           "\"\xed\xa0\x80\"",
                           "\xef\xbb\xbf{"})
    EXPECT_EQ(slug_of(text), "json.malformed") << text;
}

TEST(Json, SaysWhereItIsMalformed) {
  EXPECT_TRUE(JsonDocument::parse("{\n \"a\": tru\n}").error().text().starts_with("Line 2, column 7"));
}

TEST(Json, BoundsSizeAndDepth) {
  EXPECT_EQ(slug_of(std::string(65, '[') + std::string(65, ']')), "json.too_deep");
  EXPECT_EQ(slug_of(std::string(64, '[') + std::string(64, ']')), "");
  EXPECT_EQ(slug_of(std::string(1'000'000, '[')), "json.too_deep");
  EXPECT_EQ(slug_of("[\"[[[[[[[[\\\"[[[[\"]", {.max_bytes = 100, .max_depth = 2}), "");
  EXPECT_EQ(slug_of("[1,2,3]", {.max_bytes = 6, .max_depth = 2}), "json.too_large");
}

TEST(Json, ConfigMayHaveCommentsWithBracketsAndQuotes) {
  const std::string text = "// it's \"quoted [[[[\n{ /* {{{{ \" */ \"a\": [1, 2,], }";
  const auto doc = JsonDocument::parse_config(text, {.max_bytes = 1000, .max_depth = 2});
  ASSERT_TRUE(doc) << doc.error().message();
  EXPECT_EQ((*doc)["a"].size(), 2U);
  EXPECT_EQ(JsonDocument::parse_config("/* \" */ [[[1]]]", {.max_bytes = 100, .max_depth = 2}).error().slug(),
            "json.too_deep");
  EXPECT_FALSE(JsonDocument::parse_config("1 /* open"));
}

TEST(JsonPointer, FindsTheOffsetOfAValue) {
  const std::string text = "{ // \"b\": 0\n \"a\": {\"x\": [10, \"t,]\", {\"y\": true}]},\n \"b\": /* here */ 7 }";
  const auto at = [&](std::string_view pointer) {
    const auto offset = offset_of_pointer(text, pointer);
    return offset ? text.substr(*offset, 4) : std::string("none");
  };
  EXPECT_EQ(at("/b"), "7 }");
  EXPECT_EQ(at("/a/x/1"), "\"t,]");
  EXPECT_EQ(at("/a/x/2/y"), "true");
  EXPECT_EQ(at(""), "{ //");
  EXPECT_EQ(at("/a/x/3"), "none");
  EXPECT_EQ(at("/c"), "none");
  EXPECT_EQ(at("b"), "none");
  EXPECT_EQ(line_and_column(text, *offset_of_pointer(text, "/b")), (std::pair<std::size_t, std::size_t>{3, 18}));
}

TEST(JsonPointer, SurvivesHalfAText) {
  for (const char* text : {"", "{", "{\"a", "{\"a\\", "{\"a\":", "[", "[1", "[[[", "/*", "/", "{\"a\" /", "{a:1}", "}"})
    (void)offset_of_pointer(text, "/a/0/b");
  EXPECT_FALSE(offset_of_pointer(std::string_view("{\"x\":\0,\"y\"\0:1}", 14), "/a"));  // once looped for ever
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  JsonWriter w;
  w.begin_object()
      .field("a", 1)
      .field("b", "x")
      .key("c")
      .begin_array()
      .integer(1)
      .string("y")
      .begin_object()
      .end_object()
      .null()
      .end_array();
  w.field("d", true).field("e", 2U).key("f").integer_string(9007199254740993).end_object();
  EXPECT_EQ(w.view(), R"({"a":1,"b":"x","c":[1,"y",{},null],"d":true,"e":2,"f":"9007199254740993"})");
  w.clear();
  EXPECT_EQ(w.begin_array().raw("{}").raw("1").end_array().view(), "[{},1]");
}

TEST(JsonWriter, WritesNumbersThatReadBackTheSame) {
  for (const double v : {0.1, 1e300, -2.5e-308, 123456789.125, 5e-324}) {
    JsonWriter w;
    w.number(v);
    EXPECT_EQ(JsonDocument::parse(w.view()).value().root().number(), v);
  }
  JsonWriter w;
  w.begin_array().number(NAN).number(INFINITY).number(1).end_array();
  EXPECT_EQ(w.view(), "[null,null,1]");
}

TEST(JsonWriter, EscapesTextAndMendsBadUtf8) {
  JsonWriter w;
  w.string(std::string_view("a\"\\\n\t\x01\0\xff温度\xf0\x9f\x98\x80", 18));
  EXPECT_EQ(w.view(), "\"a\\\"\\\\\\n\\u0009\\u0001\\u0000\xef\xbf\xbd温度\xf0\x9f\x98\x80\"");
  EXPECT_TRUE(JsonDocument::parse(w.view()));
}

TEST(JsonWriter, IsAsNewAfterTake) {
  JsonWriter w;
  w.begin_object().field("a", 1).end_object();
  EXPECT_EQ(w.take(), R"({"a":1})");
  w.begin_object().end_object();
  EXPECT_EQ(w.take(), "{}");
}

}  // namespace
}  // namespace karez
