// SPDX-License-Identifier: Apache-2.0
#include "api/line_protocol.h"

#include <gtest/gtest.h>

#include "base/format.h"

namespace karez::api {
namespace {

struct Parsed {
  std::vector<Line> lines;
  std::vector<LineFault> faults;
};

Parsed parse(std::string_view body, std::int64_t unit = 1) {
  Parsed out;
  LineReader reader(body, unit);
  Line line;
  LineFault fault;
  for (;;) {
    switch (reader.next(line, fault)) {
      case LineReader::Step::line: out.lines.push_back(line); break;
      case LineReader::Step::fault: out.faults.push_back(fault); break;
      case LineReader::Step::end: return out;
    }
  }
}

std::string measurement(const Line& line) { return unescape_name(line.series.substr(0, line.measurement)); }

TEST(LineProtocol, ReadsTheExampleOfTheReference) {
  const auto p = parse("myMeasurement,tag1=value1,tag2=value2 fieldKey=\"fieldValue\" 1556813561098000000");
  ASSERT_EQ(p.lines.size(), 1u);
  const Line& line = p.lines[0];
  EXPECT_EQ(measurement(line), "myMeasurement");
  EXPECT_EQ(line.series, "myMeasurement,tag1=value1,tag2=value2");
  ASSERT_EQ(line.fields.size(), 1u);
  EXPECT_EQ(line.fields[0].key, "fieldKey");
  EXPECT_EQ(line.fields[0].text, "fieldValue");
  EXPECT_EQ(line.time, from_ns(1556813561098000000));
}

TEST(LineProtocol, ReadsEveryTypeOfField) {
  const auto p = parse("m a=1,b=1.5e3,c=-12i,d=12u,e=t,f=FALSE,g=\"x\",h=+.5\n");
  ASSERT_EQ(p.lines.size(), 1u);
  const auto& f = p.lines[0].fields;
  ASSERT_EQ(f.size(), 8u);
  EXPECT_EQ(model::as_double(f[0].bits), 1);
  EXPECT_EQ(model::as_double(f[1].bits), 1500);
  EXPECT_EQ(f[2].type, model::ValueType::int64);
  EXPECT_EQ(model::as_int64(f[2].bits), -12);
  EXPECT_EQ(model::as_int64(f[3].bits), 12);
  EXPECT_EQ(f[4].type, model::ValueType::boolean);
  EXPECT_EQ(f[4].bits, 1u);
  EXPECT_EQ(f[5].bits, 0u);
  EXPECT_EQ(f[6].type, model::ValueType::text);
  EXPECT_EQ(model::as_double(f[7].bits), 0.5);
  EXPECT_FALSE(p.lines[0].time);
}

TEST(LineProtocol, KnowsEscapesOfNamesAndTexts) {
  const auto p = parse(R"(my\ m\,x,ta\=g=va\ l fie\,ld="say \"hi\" \\ \n",b=1)");
  ASSERT_EQ(p.lines.size(), 1u);
  EXPECT_EQ(measurement(p.lines[0]), "my m,x");
  EXPECT_EQ(sorted_tags(p.lines[0].series.substr(p.lines[0].measurement + 1)).value(), "ta=g=va l");
  EXPECT_EQ(unescape_name(p.lines[0].fields[0].key), "fie,ld");
  std::string text;
  unescape_text(p.lines[0].fields[0].text, text);
  EXPECT_EQ(text, R"(say "hi" \ \n)");
}

TEST(LineProtocol, QuotedTextMayHoldLineBreaksCommasAndBlanks) {
  const auto p = parse("m a=\"x, y\nz\" 5\nn b=1\n bad");
  ASSERT_EQ(p.lines.size(), 2u);
  EXPECT_EQ(p.lines[0].fields[0].text, "x, y\nz");
  EXPECT_EQ(p.lines[1].number, 3u);
  ASSERT_EQ(p.faults.size(), 1u);
  EXPECT_EQ(p.faults[0].line, 4u);
}

TEST(LineProtocol, SkipsBlankLinesCommentsAndCarriageReturns) {
  const auto p = parse("\n# a comment\r\n  \r\nm a=1 7\r\n\r\n");
  ASSERT_EQ(p.lines.size(), 1u);
  EXPECT_TRUE(p.faults.empty());
  EXPECT_EQ(p.lines[0].number, 4u);
  EXPECT_EQ(p.lines[0].time, from_ns(7));
}

TEST(LineProtocol, ScalesTimesByPrecisionAndRefusesOverflow) {
  EXPECT_EQ(parse("m a=1 1700000000", 1'000'000'000).lines[0].time, from_ns(1'700'000'000'000'000'000));
  EXPECT_EQ(parse("m a=1 -5", 1'000).lines[0].time, from_ns(-5'000));
  EXPECT_EQ(parse("m a=1 9223372036854775807", 1'000).faults.size(), 1u);
  EXPECT_EQ(parse("m a=1 -9223372036854775808").faults.size(), 1u);
}

TEST(LineProtocol, NamesLineColumnAndCauseAndGoesOn) {
  const auto p =
      parse("m a=1\nm a=abc 5\n,t=1 a=1\nm\nm a=1 x\nm a=\"open\nm a=1 5 6\nm =1\nm a=1i5\nm a=1e999\nok a=1");
  std::vector<std::string> slugs;
  for (const LineFault& f : p.faults) slugs.push_back(karez::format("{}:{} {}", f.line, f.column, f.slug));
  // The open quote takes everything up to the end, then reading goes on behind its first line.
  EXPECT_EQ(slugs, (std::vector<std::string>{"2:5 line.value", "3:1 line.no_measurement", "4:2 line.no_fields",
                                             "5:7 line.time", "6:6 line.quote", "7:9 line.rest", "8:3 line.field",
                                             "9:5 line.value", "10:5 line.value"}));
  EXPECT_EQ(p.lines.size(), 2u);
}

TEST(LineProtocol, RefusesWhatDoesNotFit) {
  EXPECT_EQ(parse("m a=18446744073709551615u").faults.size(), 1u);
  EXPECT_EQ(parse("m a=9223372036854775808i").faults.size(), 1u);
  EXPECT_EQ(parse("m a=nan").faults.size(), 1u);
  EXPECT_EQ(parse("m a=inf").faults.size(), 1u);
  EXPECT_STREQ(parse(std::string(9000, 'm') + " a=1").faults.at(0).slug, "line.too_long");
  EXPECT_STREQ(parse("m a=\"" + std::string(17000, 'x') + "\"").faults.at(0).slug, "line.text_too_long");
}

TEST(LineProtocol, SortsTagsAndFindsWrongOnes) {
  EXPECT_EQ(sorted_tags("b=2,a=1").value(), "a=1,b=2");
  EXPECT_EQ(sorted_tags("").value(), "");
  EXPECT_FALSE(sorted_tags("a=1,a=2"));
  EXPECT_FALSE(sorted_tags("a"));
  EXPECT_FALSE(sorted_tags("a="));
  EXPECT_FALSE(sorted_tags("=1"));
  EXPECT_FALSE(sorted_tags("a=1,"));
}

}  // namespace
}  // namespace karez::api
