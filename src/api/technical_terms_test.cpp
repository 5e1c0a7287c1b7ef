// SPDX-License-Identifier: Apache-2.0
#include "api/technical_terms.h"

#include <gtest/gtest.h>

#include "api/problem.h"

namespace karez::api {
namespace {

TEST(TechnicalTerms, AreWhatReadsTheSameInEveryLanguage) {
  const auto terms = [](std::string_view text) { return technical_terms(text).text; };
  EXPECT_EQ(terms("opc.tcp://plc:4840/press: BadConnectionRejected"),
            "opc.tcp://plc:4840/press, BadConnectionRejected");
  EXPECT_EQ(terms("10.0.0.1:502 refuses the connection. The host answers, so the port is closed"), "10.0.0.1:502");
  EXPECT_EQ(terms("unit 1 did not answer 3 times in a row"), "unit 1");
  EXPECT_EQ(terms("the device has no such register (exception 02)"), "exception 02");
  EXPECT_EQ(terms("No answer from [::1]:502 after 4.0 s"), "[::1]:502");
  EXPECT_EQ(terms("the broker is busy (0x89); try the other unit."), "0x89");
  EXPECT_EQ(terms(""), "");
  EXPECT_TRUE(technical_terms("plc:4840: BadTimeout").all);
  EXPECT_TRUE(technical_terms("unit 1").all);
  EXPECT_FALSE(technical_terms("unit").all);
  EXPECT_FALSE(technical_terms("").all);
  EXPECT_FALSE(technical_terms("plc:4840 is off").all);
}

TEST(Explain, NeverPutsEnglishSentencesOfDriversIntoChinese) {
  EXPECT_EQ(explain("modbus.unit_silent", "unit 1 did not answer 3 times in a row", Lang::zh), "该从站无应答：unit 1");
  EXPECT_EQ(explain("opcua.unreachable", "opc.tcp://plc:4840: BadConnectionRejected", Lang::zh),
            "与 OPC UA 服务器没有连接：opc.tcp://plc:4840, BadConnectionRejected");
  EXPECT_EQ(explain("net.closed", "the other side hung up", Lang::zh), "对端关闭了连接");
}

TEST(Explain, PutsTheTitleBeforeABareTechnicalDetail) {
  EXPECT_EQ(explain("opcua.unreachable", "opc.tcp://plc:4840: BadConnectionRejected", Lang::en),
            "No connection to the server: opc.tcp://plc:4840, BadConnectionRejected");
  EXPECT_EQ(explain("modbus.unit_silent", "unit 1 did not answer 3 times in a row", Lang::en),
            "unit 1 did not answer 3 times in a row");
}

}  // namespace
}  // namespace karez::api
