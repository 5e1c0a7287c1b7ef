// SPDX-License-Identifier: Apache-2.0
// Frames and values of Apache PLC4X's test suites (Apache-2.0), read from the shared test data.
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>

#include "base/file.h"
#include "base/format.h"
#include "connect/modbus/codec.h"
#include "connect/modbus/frame.h"
#include "connect/modbus/value.h"

namespace karez::connect::modbus {
namespace {

std::vector<std::byte> hex(std::string_view digits) {
  std::vector<std::byte> out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

struct Vectors : testing::Test {
  std::string text;
  // False: the test is to end.
  bool load(const char* name) {
    const char* root = std::getenv("KAREZ_SHARED");
    const Path file = Path(root != nullptr ? root : "../shared") / "vectors/plc4x" / name;
    auto content = read_file(file);
    if (!content && std::getenv("CI") != nullptr) ADD_FAILURE() << file << " is missing; KAREZ_SHARED names its root";
    if (content) text = std::move(*content);
    return !text.empty();
  }
  std::vector<std::string> cases() const {
    std::vector<std::string> out;
    for (std::size_t at = 0; (at = text.find("<testcase>", at)) != std::string::npos;) {
      const std::size_t end = text.find("</testcase>", at);
      out.push_back(text.substr(at, end - at));
      at = end;
    }
    return out;
  }
  static std::string find(const std::string& in, const char* expression, std::size_t group = 1) {
    std::smatch match;
    return std::regex_search(in, match, std::regex(expression)) ? match[group].str() : std::string();
  }
};
#define NEED(name) \
  if (!load(name)) GTEST_SKIP() << "SKIPPED LOUDLY: no PLC4X vectors under KAREZ_SHARED"

std::vector<std::byte> raw_of(const std::string& test) {
  std::string digits = Vectors::find(test, "<raw>([^<]*)</raw>");
  std::erase_if(digits, [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) == 0; });
  return hex(digits);
}

void expect_frame(Framing framing, const std::vector<std::byte>& raw) {
  Deframer deframer(framing);
  std::ranges::copy(raw, deframer.space().begin());
  deframer.commit(raw.size());
  const auto unit = static_cast<std::uint8_t>(raw[0]);
  const auto frame = deframer.next(unit, 3);
  ASSERT_TRUE(frame && *frame);
  std::array<std::byte, kMaxFrame> out;
  const std::size_t n = encode_frame(framing, (*frame)->transaction, (*frame)->unit, (*frame)->pdu, out);
  EXPECT_TRUE(std::ranges::equal(std::span(out).first(n), raw));
}

TEST_F(Vectors, TcpFramesDecodeAndEncodeToTheSameBytes) {
  NEED("modbus_tcp_ParserSerializerTestsuite.xml");
  ASSERT_EQ(cases().size(), 6u);
  for (const std::string& test : cases()) expect_frame(Framing::mbap, raw_of(test));
  std::array<std::byte, kMaxFrame> out;
  const Pdu request = read_request(Area::input_register, 2258, 2);
  const std::size_t n = encode_frame(Framing::mbap, 0, 255, request.bytes(), out);
  EXPECT_TRUE(std::ranges::equal(std::span(out).first(n), raw_of(cases()[0])));
  const auto answer = raw_of(cases()[1]);
  const Pdu asked = read_request(Area::input_register, 0, 99);
  const auto data = response_data(asked.bytes(), std::span(answer).subspan(7));
  ASSERT_TRUE(data) << data.error().message();
  EXPECT_EQ(data->size(), 198u);
}

TEST_F(Vectors, RtuFramesHaveOurCrc) {
  NEED("modbus_rtu_ParserSerializerTestsuite.xml");
  const auto tests = cases();
  ASSERT_EQ(tests.size(), 2u);
  std::array<std::byte, kMaxFrame> out;
  const Pdu request = read_request(Area::holding_register, 0, 10);
  const std::size_t n = encode_frame(Framing::rtu, 0, 1, request.bytes(), out);
  EXPECT_TRUE(std::ranges::equal(std::span(out).first(n), raw_of(tests[0])));
  expect_frame(Framing::rtu, raw_of(tests[1]));
}

// "holding-register:14:DINT" as an address of ours; empty for the 8-bit types, which we do not have.
std::string our_address(const std::string& theirs) {
  static const std::map<std::string, std::string> types = {
      {"BOOL", ".0"},   {"WORD", ":u16"}, {"UINT", ":u16"},  {"INT", ":i16"},  {"DWORD", ":u32"}, {"UDINT", ":u32"},
      {"DINT", ":i32"}, {"LINT", ":i64"}, {"ULINT", ":u64"}, {"REAL", ":f32"}, {"LREAL", ":f64"}};
  const std::size_t colon = theirs.rfind(':');
  const auto type = types.find(theirs.substr(colon + 1));
  if (type == types.end()) return {};
  const int reference = std::stoi(theirs.substr(theirs.find(':') + 1));
  return karez::format("hr:{}{}", 40000 + reference, type->second);
}

int check_values(const std::vector<std::string>& tests, Order order) {
  int checked = 0;
  for (const std::string& test : tests) {
    const std::string address_text = our_address(Vectors::find(test, "<address>([^<]*)</address>"));
    const auto bytes = hex(Vectors::find(test, "<value dataType=\"byte\"[^>]*>0x([0-9a-f]*)<"));
    const std::string expected = Vectors::find(test, "<Plc[A-Z]+ [^>]*>([^<]*)</Plc");
    if (address_text.empty() || bytes.empty() || expected.empty()) continue;
    const auto address = parse_address(address_text);
    const double number = expected == "true" ? 1.0 : std::strtod(expected.c_str(), nullptr);
    if (!address || bytes.size() != 2u * address->span()) {
      ADD_FAILURE() << address_text;
      continue;
    }
    std::string text;
    const auto value = decode_registers(*address, order, bytes, text);
    EXPECT_TRUE(value) << address_text;
    const double decoded = model::numeric(value->type, value->bits);
    const bool narrow = address->type == WireType::f32;
    EXPECT_EQ(narrow ? static_cast<float>(decoded) : decoded, narrow ? static_cast<float>(number) : number)
        << address_text;
    if (address->bit < 0) {
      std::optional<std::int64_t> exact;  // a double would not hold all 64 bits
      if (value->type == model::ValueType::int64) exact = model::as_int64(value->bits);
      const auto words = encode_number(*address, order, decoded, exact);
      std::vector<std::byte> again;
      ByteWriter writer(again);
      for (const std::uint16_t word : *words) writer.u16be(word);
      EXPECT_EQ(again, bytes) << address_text;
    }
    ++checked;
  }
  return checked;
}

TEST_F(Vectors, BigEndianValuesOfAllTypes) {
  NEED("modbus_tcp_Modbus-all-datatypes.xml");
  EXPECT_GE(check_values(cases(), *parse_order("abcd")), 20);
}

TEST_F(Vectors, LittleEndianValuesOfAllTypes) {
  NEED("modbus_tcp_Modbus-all-datatypes-little-endian.xml");
  EXPECT_GE(check_values(cases(), *parse_order("dcba")), 20);
}

}  // namespace
}  // namespace karez::connect::modbus
