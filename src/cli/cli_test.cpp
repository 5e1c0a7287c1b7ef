// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "cli/options.h"
#include "cli/table.h"

namespace karez::cli {
namespace {

const Command& command(std::string_view name) {
  for (const Command& c : commands())
    if (c.name == name) return c;
  ADD_FAILURE() << name;
  return commands()[0];
}

Result<Options> parse(std::string_view name, std::vector<std::string_view> arguments) {
  return parse_options(command(name), arguments);
}

TEST(CliTable, AlignsHanTextAndNumbers) {
  Table t({"NAME", "N"});
  t.row({"灌装", "7"});
  t.row({"abcdef", "1,234"});
  EXPECT_EQ(t.text(), "NAME        N\n灌装        7\nabcdef  1,234\n");
}

TEST(CliTable, NeutralisesControlCharacters) {
  Table t({"NAME"});
  t.row({"a\x1b[2Jb"});
  EXPECT_EQ(t.text(), "NAME\na?[2Jb\n");
}

TEST(CliOptions, TakesWordsFlagsAndValues) {
  const auto o = parse("write", {"p1", "5", "--yes", "--expected=4", "--json", "--url", "http://h:1"});
  ASSERT_TRUE(o) << o.error().message();
  EXPECT_EQ(o->words, (std::vector<std::string>{"p1", "5"}));
  EXPECT_TRUE(o->has("yes"));
  EXPECT_EQ(o->get("expected"), "4");
  EXPECT_TRUE(o->json);
  EXPECT_EQ(o->connection.url, "http://h:1");
}

TEST(CliOptions, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(parse("write", {"p1", "5", "--nope", "1"}).error().slug(), "cli.unknown_option");
  EXPECT_EQ(parse("write", {"p1"}).error().slug(), "cli.words");
  EXPECT_EQ(parse("query", {"p1", "--from"}).error().slug(), "cli.missing_value");
}

TEST(CliWhen, UnderstandsAgoAndAbsolute) {
  EXPECT_EQ(*parse_when("2026-07-14T06:00:00+08:00"), "2026-07-13T22:00:00Z");
  EXPECT_TRUE(parse_when("now-8h"));
  EXPECT_TRUE(parse_when("90s"));
  EXPECT_FALSE(parse_when("yesterday"));
}

TEST(CliEncode, EscapesEverythingButUnreserved) { EXPECT_EQ(encode("a b/ä&="), "a%20b%2F%C3%A4%26%3D"); }

}  // namespace
}  // namespace karez::cli
