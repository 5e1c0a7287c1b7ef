// SPDX-License-Identifier: Apache-2.0
#include "connect/modbus/codec.h"

#include "base/format.h"

namespace karez::connect::modbus {

Pdu& Pdu::u8(unsigned value) noexcept {
  KZ_ASSERT(size_ < kMaxPdu);
  bytes_[size_++] = static_cast<std::byte>(value);
  return *this;
}
Pdu& Pdu::u16(unsigned value) noexcept { return u8(value >> 8).u8(value & 0xff); }

namespace {

Pdu begin(Function function) {
  Pdu pdu;
  pdu.u8(static_cast<unsigned>(function));
  return pdu;
}

void registers(Pdu& pdu, std::span<const std::uint16_t> values) {
  pdu.u8(static_cast<unsigned>(values.size() * 2));
  for (const std::uint16_t value : values) pdu.u16(value);
}

std::unexpected<Error> wrong(const char* slug, std::string_view text) {
  return std::unexpected(Error(Errc::protocol, slug).with(text));
}

struct Exception {
  std::uint8_t code;
  Errc kind;
  const char* slug;
  std::string_view text, cure;
};
// Clause 7. What it usually means on real devices, too.
constexpr Exception kExceptions[] = {
    {1, Errc::unsupported, "modbus.illegal_function", "exception 01: the device does not know this function",
     "Check the area: many devices have only holding registers (hr)."},
    {2, Errc::not_found, "modbus.illegal_address", "the device has no such register (exception 02)",
     "Check the register number; lists that begin at 0 need hr:0 instead of hr:40001."},
    {3, Errc::invalid_argument, "modbus.illegal_value",
     "exception 03: the device refuses this value or this many registers",
     "Lower the registers per request in the device's settings, or check the written value."},
    {4, Errc::unavailable, "modbus.device_failure", "exception 04: the device failed while doing it",
     "Look at the device's own diagnosis."},
    {5, Errc::unavailable, "modbus.acknowledge", "exception 05: the device has accepted it and needs time", ""},
    {6, Errc::unavailable, "modbus.busy", "exception 06: the device is busy", "Poll it less often."},
    {7, Errc::unsupported, "modbus.negative_acknowledge", "exception 07: the device cannot do this", ""},
    {8, Errc::corrupt, "modbus.memory_parity", "exception 08: the device found a parity error in its memory", ""},
    {10, Errc::unavailable, "modbus.gateway_path", "exception 0A: the gateway has no path to this unit",
     "Check the unit number and the gateway's routing table."},
    {11, Errc::unavailable, "modbus.gateway_target", "exception 0B: the gateway got no answer from this unit",
     "Check that the device behind the gateway is on, and its unit number, baud rate and wiring."},
};

Result<ByteView> read_data(ByteView request, ByteView response) {
  ByteReader asked(request.subspan(3)), reader(response.subspan(1));
  const auto function = static_cast<Function>(request[0]);
  const unsigned quantity = asked.u16be();
  const bool bits = function == Function::read_coils || function == Function::read_discrete_inputs;
  const std::size_t expected = bits ? (quantity + 7) / 8 : quantity * 2;
  const std::size_t count = reader.u8();
  const ByteView data = reader.take(count);
  if (!reader.done() || count != expected)
    return wrong("modbus.wrong_length", "the answer has not as many bytes as were asked for");
  return data;
}

}  // namespace

Function read_function(Area area) {
  switch (area) {
    case Area::coil: return Function::read_coils;
    case Area::discrete_input: return Function::read_discrete_inputs;
    case Area::input_register: return Function::read_input_registers;
    case Area::holding_register: break;
  }
  return Function::read_holding_registers;
}

Pdu read_request(Area area, std::uint16_t offset, unsigned quantity) {
  KZ_ASSERT(quantity >= 1 && quantity <= (is_bits(area) ? kMaxReadBits : kMaxReadRegisters));
  Pdu pdu = begin(read_function(area));
  pdu.u16(offset).u16(quantity);
  return pdu;
}
Pdu write_coil_request(std::uint16_t offset, bool on) {
  Pdu pdu = begin(Function::write_single_coil);
  pdu.u16(offset).u16(on ? 0xff00 : 0);
  return pdu;
}
Pdu write_register_request(std::uint16_t offset, std::uint16_t value) {
  Pdu pdu = begin(Function::write_single_register);
  pdu.u16(offset).u16(value);
  return pdu;
}
Pdu write_coils_request(std::uint16_t offset, std::span<const bool> values) {
  KZ_ASSERT(!values.empty() && values.size() <= kMaxWriteBits);
  Pdu pdu = begin(Function::write_multiple_coils);
  pdu.u16(offset).u16(static_cast<unsigned>(values.size())).u8(static_cast<unsigned>((values.size() + 7) / 8));
  for (std::size_t i = 0; i < values.size(); i += 8) {
    unsigned packed = 0;
    for (std::size_t b = 0; b < 8 && i + b < values.size(); ++b) packed |= (values[i + b] ? 1u : 0u) << b;
    pdu.u8(packed);
  }
  return pdu;
}
Pdu write_registers_request(std::uint16_t offset, std::span<const std::uint16_t> values) {
  KZ_ASSERT(!values.empty() && values.size() <= kMaxWriteRegisters);
  Pdu pdu = begin(Function::write_multiple_registers);
  pdu.u16(offset).u16(static_cast<unsigned>(values.size()));
  registers(pdu, values);
  return pdu;
}
Pdu mask_write_request(std::uint16_t offset, std::uint16_t and_mask, std::uint16_t or_mask) {
  Pdu pdu = begin(Function::mask_write_register);
  pdu.u16(offset).u16(and_mask).u16(or_mask);
  return pdu;
}
Pdu exchange_request(std::uint16_t read_offset, unsigned quantity, std::uint16_t write_offset,
                     std::span<const std::uint16_t> values) {
  KZ_ASSERT(quantity >= 1 && quantity <= kMaxReadRegisters && !values.empty() && values.size() <= kMaxExchangeWrite);
  Pdu pdu = begin(Function::read_write_multiple_registers);
  pdu.u16(read_offset).u16(quantity).u16(write_offset).u16(static_cast<unsigned>(values.size()));
  registers(pdu, values);
  return pdu;
}
Pdu identification_request(std::uint8_t from_object) {
  Pdu pdu = begin(Function::read_device_identification);
  pdu.u8(14).u8(1).u8(from_object);  // MEI type 14, basic identification
  return pdu;
}

Result<ByteView> response_data(ByteView request, ByteView response) {
  KZ_ASSERT(request.size() >= 4);
  if (response.empty()) return wrong("modbus.wrong_length", "the answer is empty");
  const auto asked = std::to_integer<unsigned>(request[0]), answered = std::to_integer<unsigned>(response[0]);
  if (answered == (asked | 0x80)) {
    if (response.size() != 2) return wrong("modbus.wrong_length", "an exception has one byte");
    return std::unexpected(exception_error(std::to_integer<std::uint8_t>(response[1])));
  }
  if (answered != asked) return wrong("modbus.wrong_function", "the answer is to another function");
  switch (static_cast<Function>(asked)) {
    case Function::read_coils:
    case Function::read_discrete_inputs:
    case Function::read_holding_registers:
    case Function::read_input_registers:
    case Function::read_write_multiple_registers: return read_data(request, response);
    case Function::write_single_coil:
    case Function::write_single_register:
    case Function::mask_write_register:
      if (!std::ranges::equal(request, response)) return wrong("modbus.wrong_echo", "the device echoes another write");
      return ByteView{};
    case Function::write_multiple_coils:
    case Function::write_multiple_registers:
      if (!std::ranges::equal(request.first(5), response))
        return wrong("modbus.wrong_echo", "the device echoes another write");
      return ByteView{};
    case Function::read_device_identification:
      if (response.size() < 7 || response[1] != request[1])
        return wrong("modbus.wrong_length", "the identification is too short");
      return response.subspan(6);
  }
  return wrong("modbus.wrong_function", "the answer is to another function");
}

std::vector<std::pair<std::string, std::string>> identification_objects(ByteView data) {
  constexpr std::string_view kNames[] = {"vendor", "product", "revision"};
  std::vector<std::pair<std::string, std::string>> out;
  ByteReader reader(data);
  const unsigned count = reader.u8();
  for (unsigned i = 0; i < count && reader.ok(); ++i) {
    const unsigned id = reader.u8(), length = reader.u8();
    std::string text(as_text(reader.take(length)));
    if (!reader.ok() || id >= std::size(kNames)) continue;
    std::erase_if(text, [](char c) { return c < ' ' || c > '~'; });
    out.emplace_back(kNames[id], std::move(text));
  }
  return out;
}

Error exception_error(std::uint8_t code) {
  for (const Exception& known : kExceptions) {
    if (known.code == code) return Error(known.kind, known.slug).with(known.text).cure(known.cure);
  }
  return Error(Errc::protocol, "modbus.unknown_exception")
      .with(karez::format("exception {:02X}, which no standard names", code));
}

model::Quality quality_of(const Error& error) {
  namespace q = model::quality;
  const std::string_view slug = error.slug();
  if (slug == "modbus.illegal_address") return q::kBadNodeUnknown;
  if (slug == "modbus.illegal_function" || slug == "modbus.illegal_value") return q::kBadConfiguration;
  if (slug == "modbus.device_failure" || slug == "modbus.memory_parity") return q::kBadDeviceFailure;
  if (slug == "modbus.gateway_path") return q::kBadNotConnected;
  if (slug == "modbus.gateway_target" || error.code() == Errc::timeout) return q::kBadTimeout;
  return q::kBadCommunication;
}

bool packed_bit(ByteView bits, unsigned index) {
  return index / 8 < bits.size() && ((std::to_integer<unsigned>(bits[index / 8]) >> (index % 8)) & 1) != 0;
}

}  // namespace karez::connect::modbus
