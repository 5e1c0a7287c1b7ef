// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

namespace karez {
namespace {

TEST(Utf8, FollowsTheTableOfWellFormedBytes) {
  for (const char* text : {"", "a", "温度 °C", "\xf0\x9f\x98\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(text)) << text;
  for (const char* text : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                           "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe6\xb8", "a\xff"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Names, RefuseWhatCannotBeSeen) {
  EXPECT_TRUE(is_printable_name("1号灌装线 – Füller"));
  for (const char* text : {"", " a", "a ", "a\nb", "a\x7f", "a\xc2\x85z", "ab\xe2\x80\xaez", "a\xe2\x81\xa6z", "\xff"})
    EXPECT_FALSE(is_printable_name(text)) << text;
  EXPECT_TRUE(is_printable_name("\xc2\xa0z\xe2\x80\xa9"));
  EXPECT_FALSE(is_printable_name(std::string(201, 'a')));
  EXPECT_TRUE(is_printable_name("abc", 3));
}

TEST(Text, TrimsSplitsAndLowers) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string_view>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ',').size(), 1U);
  EXPECT_EQ(to_lower("AbC Ä 温"), "abc Ä 温");
}

TEST(Log, WritesOneLinePerEventWhateverADeviceSends) {
  const TempDir dir;
  const std::string file = (dir.path() / "karez.log").string();
  {
    const auto log = open_log({.level = LogLevel::info, .json = false, .file = file}).value();
    log->warning("modbus", "{}", "bad\n2026 error forged: \x1b[31mred");
    log->debug("modbus", "not shown");
  }
  const std::string text = read_file(file).value();
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  EXPECT_TRUE(text.contains("modbus: bad 2026 error forged:  [31mred"));
}

TEST(Log, WritesJson) {
  const TempDir dir;
  const std::string file = (dir.path() / "karez.log").string();
  open_log({.level = LogLevel::info, .json = true, .file = file}).value()->error("net", "say \"{}\"\n", "hi");
  const auto line = JsonDocument::parse(read_file(file).value());
  ASSERT_TRUE(line);
  EXPECT_EQ((*line)["area"].string(), "net");
  EXPECT_EQ((*line)["text"].string(), "say \"hi\"\n");
  EXPECT_EQ((*line)["level"].string(), "error");
}

TEST(Log, CannotOpenAFolder) {
  const TempDir dir;
  EXPECT_EQ(open_log({.level = LogLevel::info, .json = false, .file = dir.path().string()}).error().slug(),
            "log.cannot_open");
}

}  // namespace
}  // namespace karez
