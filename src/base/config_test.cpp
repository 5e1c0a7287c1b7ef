// SPDX-License-Identifier: Apache-2.0
#include "base/config.h"

#include <gtest/gtest.h>

#include "base/file.h"

namespace karez {
namespace {

/// Reads what a small program might; returns the error's message or nothing.
std::string complaint(std::string text) {
  auto config = ConfigReader::parse(std::move(text), "karez.json");
  if (!config) return config.error().message();
  (void)config->integer("/http/port", 8080, 0, 65535);
  (void)config->text("/http/bind", "127.0.0.1");
  (void)config->boolean("/demo", false);
  (void)config->duration("/retention", std::chrono::hours(1));
  (void)config->choice("/log/level", "info", {"debug", "info"});
  const auto done = config->finish();
  return done ? "" : done.error().message();
}

TEST(ConfigReader, ReadsValuesAndDefaults) {
  auto config =
      ConfigReader::parse("{ // site\n \"http\": {\"port\": 9000}, \"keep\": \"30d\", }", "karez.json").value();
  EXPECT_EQ(config.integer("/http/port", 1, 0, 65535), 9000);
  EXPECT_EQ(config.text("/http/bind", "127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(config.duration("/keep", Duration{1}), std::chrono::hours(720));
  EXPECT_TRUE(config.finish());
}

TEST(ConfigReader, SaysFileLineColumnAndWhatWasExpected) {
  EXPECT_EQ(complaint("{\n  \"http\": {\n    \"port\": 70000\n  }\n}"),
            "config.invalid: karez.json:3:13: /http/port is 70000, expected a whole number from 0 to 65535.");
  EXPECT_EQ(complaint("{\"demo\": 1}"), "config.invalid: karez.json:1:10: /demo is 1, expected true or false.");
  EXPECT_EQ(complaint("{\"retention\": \"soon\"}"),
            "config.invalid: karez.json:1:15: /retention is \"soon\", expected a span of time such as \"10s\", \"5m\" "
            "or \"30d\".");
  EXPECT_EQ(complaint("{\"log\": {\"level\": \"loud\"}}"),
            "config.invalid: karez.json:1:19: /log/level is \"loud\", expected one of \"debug\", \"info\".");
  EXPECT_EQ(complaint("{\"http\": {\"bind\": 4}}"),
            "config.invalid: karez.json:1:19: /http/bind is 4, expected a text in double quotes.");
}

TEST(ConfigReader, RefusesMembersNobodyAskedFor) {
  EXPECT_EQ(
      complaint("{\n \"htpp\": {}\n}"),
      "config.unknown_member: karez.json:2:10: there is no setting /htpp. Known here: demo, http, log, retention.");
  EXPECT_EQ(complaint("{\"http\": {\"prot\": 1}}"),
            "config.unknown_member: karez.json:1:19: there is no setting /http/prot. Known here: bind, port.");
  EXPECT_EQ(complaint("{\"http\": 7}"), "config.invalid: karez.json:1:10: /http must be an object { … }.");
}

TEST(ConfigReader, SaysWhereTheTextIsMalformed) {
  EXPECT_TRUE(complaint("{\n  \"a\" 1\n}").starts_with("config.malformed: karez.json:2:7: "))
      << complaint("{\n  \"a\" 1\n}");
  EXPECT_TRUE(complaint("[]").starts_with("config.malformed: karez.json:1:1: "));
  EXPECT_TRUE(complaint("").starts_with("config.malformed: karez.json:1:1: ")) << complaint("");
}

TEST(ConfigReader, OpensFiles) {
  const TempDir dir;
  EXPECT_EQ(ConfigReader::open((dir.path() / "none.json").string()).error().slug(), "config.not_found");
  ASSERT_TRUE(write_file_atomic(dir.path() / "a.json", as_bytes("{}")));
  EXPECT_TRUE(ConfigReader::open((dir.path() / "a.json").string()));
}

}  // namespace
}  // namespace karez
