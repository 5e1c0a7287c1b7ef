// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/option_help.h"
#include "cli/options.h"
#include "cli/show.h"
#include "cli/table.h"
#include "cli/value.h"

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

TEST(CliTable, StandsLeftWhereNothingIsKnown) {
  Table t({"REMARK", "N"});
  t.row({"-", "-"});
  t.row({"-", "7"});
  EXPECT_EQ(t.text(), "REMARK  N\n-       -\n-       7\n");
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

TEST(CliOptions, TakesEverythingAfterTwoDashesAsWords) {
  const auto o = parse("write", {"p1", "--yes", "--", "--odd"});
  ASSERT_TRUE(o) << o.error().message();
  EXPECT_EQ(o->words, (std::vector<std::string>{"p1", "--odd"}));
}

TEST(CliValue, KeepsEveryDigitOfAWholeNumber) {
  EXPECT_EQ(*value_for("int64", "9007199254740993"), "\"9007199254740993\"");
  EXPECT_EQ(*value_for("int64", "-9223372036854775808"), "\"-9223372036854775808\"");
  EXPECT_EQ(value_for("int64", "9223372036854775808").error().slug(), "cli.value");
  EXPECT_EQ(value_for("int64", "1.5").error().slug(), "cli.value");
  EXPECT_EQ(value_for("int64", "").error().slug(), "cli.value");
}

TEST(CliValue, TakesTextAsTextWhateverItLooksLike) {
  EXPECT_EQ(*value_for("string", "123"), "\"123\"");
  EXPECT_EQ(*value_for("string", "true"), "\"true\"");
  EXPECT_EQ(*value_for("string", ""), "\"\"");
  EXPECT_EQ(*value_for("string", "a\"b"), "\"a\\\"b\"");
}

TEST(CliValue, FollowsTheTypeOfThePoint) {
  EXPECT_EQ(*value_for("bool", "true"), "true");
  EXPECT_EQ(*value_for("bool", "0"), "false");
  EXPECT_EQ(value_for("bool", "yes").error().slug(), "cli.value");
  EXPECT_EQ(*value_for("double", "21.5"), "21.5");
  EXPECT_EQ(value_for("double", "nan").error().slug(), "cli.value");
  EXPECT_EQ(value_for("double", "21.5x").error().slug(), "cli.value");
}

TEST(CliCount, RefusesWhatIsNoCount) {
  EXPECT_EQ(*count_for("count", "3"), 3u);
  for (const char* bad : {"x", "0", "-1", "3x", ""}) EXPECT_EQ(count_for("count", bad).error().slug(), "cli.number");
}

/// A home of its own, and none of the variables that a developer's shell may have.
class CliConnection : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"KAREZ_URL", "KAREZ_TOKEN", "KAREZ_TENANT"}) ::unsetenv(name);
    ::setenv("XDG_CONFIG_HOME", home_.path().c_str(), 1);
  }
  void TearDown() override {
    for (const char* name : {"KAREZ_TOKEN", "XDG_CONFIG_HOME"}) ::unsetenv(name);
  }
  TempDir home_;
};

TEST_F(CliConnection, NamesNoTenantUntilOneIsKnown) {
  const Connection c = load_connection({.url = "", .token = "t", .tenant = ""});
  EXPECT_EQ(c.tenant, "");
  EXPECT_EQ(c.token, "t");
  EXPECT_EQ(c.url, "http://127.0.0.1:8080");
}

TEST_F(CliConnection, GivesTheKeptTokenOnlyToThePlatformThatMadeIt) {
  ASSERT_TRUE(save_connection({.url = "http://a:1", .token = "kept", .tenant = "t1"}));
  const Connection same = load_connection({.url = "", .token = "", .tenant = ""});
  EXPECT_EQ(same.token, "kept");
  EXPECT_EQ(same.tenant, "t1");
  EXPECT_TRUE(same.tenant_kept);
  const Connection other = load_connection({.url = "http://b:1", .token = "", .tenant = ""});
  EXPECT_EQ(other.token, "");
  EXPECT_EQ(other.tenant, "");
}

TEST_F(CliConnection, DoesNotMixAnotherTokenWithTheKeptTenant) {
  ASSERT_TRUE(save_connection({.url = "http://a:1", .token = "kept", .tenant = "t1"}));
  ::setenv("KAREZ_TOKEN", "other", 1);
  const Connection c = load_connection({.url = "", .token = "", .tenant = ""});
  EXPECT_EQ(c.url, "http://a:1");
  EXPECT_EQ(c.token, "other");
  EXPECT_EQ(c.tenant, "");
}

TEST(CliWhen, UnderstandsAgoAndAbsolute) {
  EXPECT_EQ(*parse_when("2026-07-14T06:00:00+08:00"), "2026-07-13T22:00:00Z");
  EXPECT_TRUE(parse_when("now-8h"));
  EXPECT_TRUE(parse_when("90s"));
  EXPECT_FALSE(parse_when("yesterday"));
}

TEST(CliHelp, SaysOfEveryOptionWhatItTakes) {
  for (const Command& c : commands())
    for (std::string_view option : split(c.options, ' ')) {
      if (option.empty()) continue;
      const bool flag = option.starts_with('!');
      if (flag) option.remove_prefix(1);
      const OptionHelp found = option_help(c.name, option);
      EXPECT_FALSE(found.text.empty()) << c.name << " --" << option;
      EXPECT_EQ(found.value.empty(), flag) << c.name << " --" << option;
    }
}

TEST(CliHelp, ListsTheLedgerCheck) { EXPECT_TRUE(help().contains("\n  audit verify ")); }

TEST(CliShow, RoundsToFifteenDigitsAndLeavesWholeNumbersAlone) {
  const auto doc =
      JsonDocument::parse(R"([26.700000000000003, 0.1, 9007199254740993, "26.700000000000003", null, 1e300])");
  const auto items = doc->root().elements();
  EXPECT_EQ(shown(items[0]), "26.7");
  EXPECT_EQ(shown(items[1]), "0.1");
  EXPECT_EQ(shown(items[2]), "9007199254740993");
  EXPECT_EQ(shown(items[3]), "26.700000000000003") << "a text";
  EXPECT_EQ(shown(items[4]), "-");
  EXPECT_EQ(shown(items[5]), "1e+300");
}

TEST(CliShow, KeepsThreeDigitsOfARate) {
  EXPECT_EQ(three_digits(115.53905379754579), "116");
  EXPECT_EQ(three_digits(0.045612), "0.0456");
  EXPECT_EQ(three_digits(12345.6), "12300");
  EXPECT_EQ(three_digits(99.96), "100");
  EXPECT_EQ(three_digits(0), "0");
}

TEST(CliShow, RoundsTheValuesOfAnExportOnly) {
  EXPECT_EQ(rounded_export("time,value,unit\r\n2026-07-14T06:00:00.5Z,26.700000000000003,Cel\r\n2026,,Cel"),
            "time,value,unit\r\n2026-07-14T06:00:00.5Z,26.7,Cel\r\n2026,,Cel");
}

TEST(CliShow, GivesTimesWithTheirOffset) {
  ::setenv("TZ", "Asia/Shanghai", 1);
  ::tzset();
  EXPECT_EQ(shown_time("2026-07-13T22:00:00.5Z", false), "2026-07-14T06:00:00.500+08:00");
  EXPECT_EQ(shown_time("2026-07-13T22:00:00.5Z", true), "2026-07-13T22:00:00.5Z");
  EXPECT_EQ(shown_time("soon", false), "soon");
  ::unsetenv("TZ");
  ::tzset();
}

TEST(CliShow, NamesFlagsInWords) {
  EXPECT_EQ(flag_words(0), "");
  EXPECT_EQ(flag_words(9), "backfilled,first-after-gap");
  EXPECT_EQ(count_of("1", "point"), "1 point");
  EXPECT_EQ(count_of("0", "row"), "0 rows");
}

TEST(CliEncode, EscapesEverythingButUnreserved) { EXPECT_EQ(encode("a b/ä&="), "a%20b%2F%C3%A4%26%3D"); }

}  // namespace
}  // namespace karez::cli
