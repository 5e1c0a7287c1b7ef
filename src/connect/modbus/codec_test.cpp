// SPDX-License-Identifier: Apache-2.0
#include "connect/modbus/codec.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "connect/modbus/frame.h"

namespace karez::connect::modbus {
namespace {

std::vector<std::byte> hex(std::string_view text) {
  std::vector<std::byte> out;
  std::string digits;
  for (const char c : text) {
    if (c != ' ') digits += c;
  }
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    out.push_back(static_cast<std::byte>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return out;
}
std::string text_of(ByteView bytes) {
  std::string out;
  for (const std::byte b : bytes) out += karez::format("{:02x}", std::to_integer<unsigned>(b));
  return out;
}

// The examples of the application protocol 1.1b3, clause 6.
TEST(ModbusCodec, EncodesTheStandardsExamples) {
  EXPECT_EQ(text_of(read_request(Area::coil, 0x13, 0x13).bytes()), "0100130013");
  EXPECT_EQ(text_of(read_request(Area::discrete_input, 0xC4, 0x16).bytes()), "0200c40016");
  EXPECT_EQ(text_of(read_request(Area::holding_register, 0x6B, 3).bytes()), "03006b0003");
  EXPECT_EQ(text_of(read_request(Area::input_register, 8, 1).bytes()), "0400080001");
  EXPECT_EQ(text_of(write_coil_request(0xAC, true).bytes()), "0500acff00");
  EXPECT_EQ(text_of(write_register_request(1, 3).bytes()), "0600010003");
  const bool coils[] = {true, false, true, true, false, false, true, true, true, false};
  EXPECT_EQ(text_of(write_coils_request(0x13, coils).bytes()), "0f0013000a02cd01");
  const std::uint16_t two[] = {0x0A, 0x102}, three[] = {0xff, 0xff, 0xff};
  EXPECT_EQ(text_of(write_registers_request(1, two).bytes()), "100001000204000a0102");
  EXPECT_EQ(text_of(mask_write_request(4, 0xF2, 0x25).bytes()), "16000400f20025");
  EXPECT_EQ(text_of(exchange_request(3, 6, 0x0E, three).bytes()), "1700030006000e00030600ff00ff00ff");
  EXPECT_EQ(text_of(identification_request(0).bytes()), "2b0e0100");
}

TEST(ModbusCodec, DecodesBitsAndRegisters) {
  const auto bytes = hex("01 03 CD 6B 05");
  const auto coils = response_data(read_request(Area::coil, 0x13, 0x13).bytes(), bytes);
  ASSERT_TRUE(coils) << coils.error().message();
  EXPECT_TRUE(packed_bit(*coils, 0));
  EXPECT_FALSE(packed_bit(*coils, 1));
  EXPECT_TRUE(packed_bit(*coils, 18));
  const auto registers = hex("03 06 02 2B 00 00 00 64");
  EXPECT_EQ(text_of(*response_data(read_request(Area::holding_register, 0x6B, 3).bytes(), registers)), "022b00000064");
}

TEST(ModbusCodec, RejectsAnswersThatDoNotFitTheRequest) {
  const Pdu read = read_request(Area::holding_register, 0, 2);
  EXPECT_EQ(response_data(read.bytes(), hex("03 02 0001")).error().slug(), "modbus.wrong_length");
  EXPECT_EQ(response_data(read.bytes(), hex("03 04 0001")).error().slug(), "modbus.wrong_length");
  EXPECT_EQ(response_data(read.bytes(), hex("03 04 0001 0002 03")).error().slug(), "modbus.wrong_length");
  EXPECT_EQ(response_data(read.bytes(), hex("04 04 0001 0002")).error().slug(), "modbus.wrong_function");
  EXPECT_EQ(response_data(read.bytes(), {}).error().slug(), "modbus.wrong_length");
  const Pdu write = write_register_request(7, 9);
  EXPECT_EQ(response_data(write.bytes(), hex("06 0007 0008")).error().slug(), "modbus.wrong_echo");
  EXPECT_TRUE(response_data(write.bytes(), hex("06 0007 0009")));
  const std::uint16_t values[] = {1, 2};
  EXPECT_TRUE(response_data(write_registers_request(1, values).bytes(), hex("10 0001 0002")));
  EXPECT_EQ(response_data(write_registers_request(1, values).bytes(), hex("10 0001 0001")).error().slug(),
            "modbus.wrong_echo");
}

TEST(ModbusCodec, NamesExceptionsWithMeaningAndCure) {
  const Pdu read = read_request(Area::holding_register, 0, 2);
  const auto refused = response_data(read.bytes(), hex("83 02"));
  EXPECT_EQ(refused.error().slug(), "modbus.illegal_address");
  EXPECT_FALSE(refused.error().cure_text().empty());
  EXPECT_EQ(quality_of(refused.error()), model::quality::kBadNodeUnknown);
  EXPECT_EQ(response_data(read.bytes(), hex("83 0B")).error().slug(), "modbus.gateway_target");
  EXPECT_EQ(response_data(read.bytes(), hex("83 55")).error().slug(), "modbus.unknown_exception");
  EXPECT_EQ(response_data(read.bytes(), hex("83")).error().slug(), "modbus.wrong_length");
}

TEST(ModbusCodec, ReadsTheIdentification) {
  const auto answer = hex("2B 0E 01 01 00 00 03 00 04 41636D65 01 03 504C43 02 04 56312E30");
  const auto data = response_data(identification_request(0).bytes(), answer);
  ASSERT_TRUE(data);
  const auto objects = identification_objects(*data);
  ASSERT_EQ(objects.size(), 3u);
  EXPECT_EQ(objects[0], (std::pair<std::string, std::string>{"vendor", "Acme"}));
  EXPECT_EQ(objects[2].second, "V1.0");
}

TEST(ModbusFrame, ComputesTheCrcOfTheStandardsExample) {
  EXPECT_EQ(crc16(hex("02 07")), 0x1241);  // serial line 1.02, 6.2.2: sent as 41 12
  EXPECT_EQ(crc16(hex("01 03 00 00 00 0A")), 0xCDC5);
}

void feed(Deframer& deframer, ByteView bytes) {
  const auto space = deframer.space();
  ASSERT_GE(space.size(), bytes.size());
  std::ranges::copy(bytes, space.begin());
  deframer.commit(bytes.size());
}

TEST(ModbusFrame, CutsMbapFramesByteByByte) {
  std::array<std::byte, kMaxFrame> out;
  const std::size_t n = encode_frame(Framing::mbap, 0x1501, 0xff, hex("03 02 0005"), out);
  EXPECT_EQ(text_of(std::span(out).first(n)), "150100000005ff03020005");
  Deframer deframer(Framing::mbap);
  for (std::size_t i = 0; i < n; ++i) {
    EXPECT_FALSE((*deframer.next(0, 0)).has_value());
    feed(deframer, std::span(out).subspan(i, 1));
  }
  const auto frame = deframer.next(0, 0);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->transaction, 0x1501);
  EXPECT_EQ((*frame)->unit, 0xff);
  EXPECT_EQ(text_of((*frame)->pdu), "03020005");
}

TEST(ModbusFrame, RejectsAHeaderThatIsNotModbus) {
  for (const char* bad : {"0001 0001 0005 01 03020005", "0001 0000 0001 01", "0001 0000 00ff 01", "485454502f312e31"}) {
    Deframer deframer(Framing::mbap);
    feed(deframer, hex(bad));
    EXPECT_EQ(deframer.next(0, 0).error().slug(), "modbus.bad_header") << bad;
  }
}

TEST(ModbusFrame, FindsAnRtuFrameBehindNoiseAndForeignFrames) {
  std::array<std::byte, kMaxFrame> out;
  const std::size_t n = encode_frame(Framing::rtu, 0, 1, hex("03 04 0001 0002"), out);
  std::array<std::byte, kMaxFrame> foreign;
  const std::size_t m = encode_frame(Framing::rtu, 0, 9, hex("03 02 7777"), foreign);
  Deframer deframer(Framing::rtu);
  feed(deframer, hex("00 03 ff 13 37"));
  feed(deframer, std::span(foreign).first(m));
  feed(deframer, std::span(out).first(n));
  auto frame = deframer.next(1, 3);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->unit, 9);
  frame = deframer.next(1, 3);
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->unit, 1);
  EXPECT_EQ(text_of((*frame)->pdu), "030400010002");
  EXPECT_EQ(deframer.skipped(), 5u);
}

TEST(ModbusFrame, DropsAnRtuFrameWithAWrongCrc) {
  std::array<std::byte, kMaxFrame> out;
  const std::size_t n = encode_frame(Framing::rtu, 0, 1, hex("03 02 0001"), out);
  out[3] ^= std::byte{1};
  Deframer deframer(Framing::rtu);
  feed(deframer, std::span(out).first(n));
  const auto frame = deframer.next(1, 3);
  EXPECT_TRUE(frame && !*frame);
}

TEST(ModbusFrame, WaitsForTheRestOfAnAwaitedRtuFrameWhateverItHolds) {
  // The data of the awaited frame holds a whole valid frame of its own.
  std::array<std::byte, kMaxFrame> inner, outer;
  const std::size_t n = encode_frame(Framing::rtu, 0, 1, hex("03 02 6666"), inner);
  std::vector<std::byte> pdu = hex("03 08");
  pdu.insert(pdu.end(), inner.begin(), inner.begin() + static_cast<std::ptrdiff_t>(n));
  pdu.resize(10);
  const std::size_t m = encode_frame(Framing::rtu, 0, 1, pdu, outer);
  Deframer deframer(Framing::rtu);
  feed(deframer, std::span(outer).first(m - 1));
  EXPECT_FALSE((*deframer.next(1, 3)).has_value());
  feed(deframer, std::span(outer).subspan(m - 1, 1));
  const auto frame = deframer.next(1, 3);
  ASSERT_TRUE(*frame);
  EXPECT_EQ((*frame)->pdu.size(), 10u);
}

TEST(ModbusFrame, EndlessNoiseNeverFillsTheBuffer) {
  Deframer deframer(Framing::rtu);
  for (int i = 0; i < 100; ++i) {
    const auto space = deframer.space();
    ASSERT_FALSE(space.empty());
    std::ranges::fill(space, std::byte{0x01});
    deframer.commit(space.size());
    EXPECT_FALSE((*deframer.next(1, 3)).has_value());
  }
  EXPECT_GT(deframer.skipped(), 10'000u);
}

}  // namespace
}  // namespace karez::connect::modbus
