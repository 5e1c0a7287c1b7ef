// SPDX-License-Identifier: Apache-2.0
#include "connect/modbus/address.h"

#include <gtest/gtest.h>

#include "connect/modbus/value.h"

namespace karez::connect::modbus {
namespace {

TEST(ModbusAddress, ReadsReferenceAndZeroBasedNumbers) {
  const std::pair<const char*, unsigned> cases[] = {
      {"hr:40001", 0}, {"hr:400001", 0},     {"hr:49999", 9998},   {"hr:465536", 65535},
      {"hr:0", 0},     {"hr:100", 100},      {"hr:#40001", 40001}, {"hr:0x10", 16},
      {"ir:30005", 4}, {"di:10001", 0},      {"di:1", 1},          {"co:00001", 0},
      {"co:1", 1},     {"co:065536", 65535}, {"hr:30001", 30001},  {"hr:65535", 65535}};
  for (const auto& [text, offset] : cases) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address) << text << ": " << address.error().message();
    EXPECT_EQ(address->offset, offset) << text;
  }
}

TEST(ModbusAddress, HasACanonicalForm) {
  const std::pair<const char*, const char*> cases[] = {{"hr:0", "hr:40001"},
                                                       {"hr:0:u16", "hr:40001"},
                                                       {"hr:40001:f32:badc", "hr:40001:f32:badc"},
                                                       {"hr:#9999", "hr:410000"},
                                                       {"co:0", "co:00001"},
                                                       {"di:#5:bool", "di:10006"},
                                                       {"hr:40010.3", "hr:40010.3"},
                                                       {"hr:9.3:bool", "hr:40010.3"},
                                                       {"ir:0:i16", "ir:30001:i16"},
                                                       {"hr:0:u64:cdab", "hr:40001:u64:ghefcdab"},
                                                       {"hr:0:u16:badc", "hr:40001:u16:ba"},
                                                       {"hr:0:string[9]:badc", "hr:40001:string[9]:badc"},
                                                       {"hr:0:u64:cdabghef", "hr:40001:u64:cdabghef"}};
  for (const auto& [text, form] : cases) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address) << text << ": " << address.error().message();
    EXPECT_EQ(canonical(*address), form) << text;
  }
}

TEST(ModbusAddress, SaysWhichColumnIsWrong) {
  const std::pair<const char*, const char*> cases[] = {{"", "/1"},
                                                       {"xr:1", "/1"},
                                                       {"hr", "/1"},
                                                       {"hr:", "/4"},
                                                       {"hr:40000", "/4"},
                                                       {"hr:70000", "/4"},
                                                       {"hr:-1", "/4"},
                                                       {"hr:1.16", "/5"},
                                                       {"hr:1.x", "/5"},
                                                       {"co:1.2", "/5"},
                                                       {"hr:1:f33", "/6"},
                                                       {"hr:1:bool", "/6"},
                                                       {"co:1:u16", "/6"},
                                                       {"hr:1.2:u16", "/8"},
                                                       {"hr:1:f32:ab", "/10"},
                                                       {"hr:1:u16:abcdefgh", "/10"},
                                                       {"hr:1:string[0]", "/6"},
                                                       {"hr:1:string[251]", "/6"},
                                                       {"hr:1:u16:ab:x", "/13"},
                                                       {"hr:65535:u32", "/1"},
                                                       {"hr:1:", "/6"},
                                                       {"hr:99999999999999999999", "/4"}};
  for (const auto& [text, pointer] : cases) {
    const auto address = parse_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().slug(), "modbus.address");
    EXPECT_EQ(address.error().pointer(), pointer) << text << ": " << address.error().message();
  }
}

std::vector<std::byte> bytes_of(std::initializer_list<unsigned> values) {
  std::vector<std::byte> out;
  for (const unsigned v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

double number(const char* address, const std::vector<std::byte>& bytes, const char* device_order = "abcd") {
  std::string text;
  const auto value = decode_registers(*parse_address(address), *parse_order(device_order), bytes, text);
  return value ? model::numeric(value->type, value->bits) : std::nan("");
}

TEST(ModbusValue, KnowsAllByteOrders) {
  // 1234.5f = 449A5000
  EXPECT_EQ(number("hr:0:f32:abcd", bytes_of({0x44, 0x9A, 0x50, 0x00})), 1234.5);
  EXPECT_EQ(number("hr:0:f32:badc", bytes_of({0x9A, 0x44, 0x00, 0x50})), 1234.5);
  EXPECT_EQ(number("hr:0:f32:cdab", bytes_of({0x50, 0x00, 0x44, 0x9A})), 1234.5);
  EXPECT_EQ(number("hr:0:f32:dcba", bytes_of({0x00, 0x50, 0x9A, 0x44})), 1234.5);
  EXPECT_EQ(number("hr:0:f32", bytes_of({0x50, 0x00, 0x44, 0x9A}), "cdab"), 1234.5) << "the device's order";
  EXPECT_EQ(number("hr:0:f32:abcd", bytes_of({0x44, 0x9A, 0x50, 0x00}), "cdab"), 1234.5) << "the address's own wins";
  // 0x0102030405060708 with letters A = 01 .. H = 08
  const std::pair<const char*, std::vector<std::byte>> wide[] = {
      {"abcdefgh", bytes_of({1, 2, 3, 4, 5, 6, 7, 8})}, {"badcfehg", bytes_of({2, 1, 4, 3, 6, 5, 8, 7})},
      {"ghefcdab", bytes_of({7, 8, 5, 6, 3, 4, 1, 2})}, {"hgfedcba", bytes_of({8, 7, 6, 5, 4, 3, 2, 1})},
      {"cdabghef", bytes_of({3, 4, 1, 2, 7, 8, 5, 6})}, {"dcbahgfe", bytes_of({4, 3, 2, 1, 8, 7, 6, 5})}};
  for (const auto& [order, bytes] : wide) {
    std::string text;
    const auto value = decode_registers(*parse_address(std::string("hr:0:u64:") + order), {}, bytes, text);
    EXPECT_EQ(value->bits, 0x0102030405060708u) << order;
  }
}

TEST(ModbusValue, DecodesTheOtherTypes) {
  EXPECT_EQ(number("hr:0", bytes_of({0xff, 0xfe})), 65534);
  EXPECT_EQ(number("hr:0:i16", bytes_of({0xff, 0xfe})), -2);
  EXPECT_EQ(number("hr:0:i32", bytes_of({0xff, 0xff, 0xff, 0xfe})), -2);
  EXPECT_EQ(number("hr:0:u64", bytes_of({255, 255, 255, 255, 255, 255, 255, 255})), 18446744073709551615.0);
  EXPECT_EQ(number("hr:0:f64", bytes_of({0x40, 0x09, 0x21, 0xFB, 0x54, 0x44, 0x2D, 0x18})), 3.141592653589793);
  EXPECT_EQ(number("hr:0:bcd", bytes_of({0x12, 0x34})), 1234);
  EXPECT_EQ(number("hr:0:bcd32", bytes_of({0x12, 0x34, 0x56, 0x78})), 12345678);
  EXPECT_TRUE(std::isnan(number("hr:0:bcd", bytes_of({0x1A, 0x34}))));
  EXPECT_EQ(number("hr:0.15", bytes_of({0x80, 0x00})), 1);
  EXPECT_EQ(number("hr:0.0", bytes_of({0x80, 0x00})), 0);
  std::string text;
  const auto pump = bytes_of({'P', 'u', 'm', 'p', ' ', '7', ' ', 0});
  EXPECT_EQ(decode_registers(*parse_address("hr:0:string[8]"), {}, pump, text)->text, "Pump 7");
  EXPECT_EQ(
      decode_registers(*parse_address("hr:0:string[5]:badc"), {}, bytes_of({'u', 'P', 'p', 'm', 0, '7'}), text)->text,
      "Pump7");
  EXPECT_EQ(decode_registers(*parse_address("hr:0:string[2]"), {}, bytes_of({0xff, 0xfe}), text).error().slug(),
            "modbus.bad_text");
}

TEST(ModbusValue, WhatWasEncodedDecodesToTheSame) {
  for (const char* address : {"hr:0", "hr:0:i16", "hr:0:u32:dcba", "hr:0:i32:cdab", "hr:0:i64:badc", "hr:0:f32:badc",
                              "hr:0:f64:cdabghef", "hr:0:bcd", "hr:0:bcd32:cdab"}) {
    const auto words = encode_number(*parse_address(address), {}, 1234, std::nullopt);
    ASSERT_TRUE(words) << address;
    std::vector<std::byte> bytes;
    ByteWriter writer(bytes);
    for (const std::uint16_t word : *words) writer.u16be(word);
    EXPECT_EQ(number(address, bytes), 1234) << address;
  }
}

TEST(ModbusValue, RefusesWhatDoesNotFitWithACure) {
  const auto high = encode_number(*parse_address("hr:0"), {}, 70000, std::nullopt);
  EXPECT_EQ(high.error().slug(), "modbus.out_of_range");
  EXPECT_EQ(high.error().text(), "70,000 is above the largest value, 65,535");
  EXPECT_EQ(encode_number(*parse_address("hr:0:i16"), {}, -40000, std::nullopt).error().text(),
            "-40,000 is below the smallest value, -32,768");
  EXPECT_FALSE(encode_number(*parse_address("hr:0"), {}, std::nan(""), std::nullopt));
  EXPECT_FALSE(encode_number(*parse_address("hr:0:f32"), {}, 1e39, std::nullopt));
  EXPECT_FALSE(encode_text(*parse_address("hr:0:string[4]"), {}, "longer"));
  EXPECT_EQ(encode_number(*parse_address("hr:0:i64"), {}, 0, std::int64_t{-3})->back(), 0xfffd);
}

}  // namespace
}  // namespace karez::connect::modbus
