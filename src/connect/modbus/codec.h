// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "connect/modbus/address.h"

/// Requests and responses of the Modbus application protocol 1.1b3 as bytes. Pure: no sockets, no
/// clock, and no allocation except for texts of errors.
namespace karez::connect::modbus {

enum class Function : std::uint8_t {
  read_coils = 1,
  read_discrete_inputs = 2,
  read_holding_registers = 3,
  read_input_registers = 4,
  write_single_coil = 5,
  write_single_register = 6,
  write_multiple_coils = 15,
  write_multiple_registers = 16,
  mask_write_register = 22,
  read_write_multiple_registers = 23,
  read_device_identification = 43,
};

constexpr unsigned kMaxReadRegisters = 125, kMaxReadBits = 2000;    // 6.1 to 6.4
constexpr unsigned kMaxWriteRegisters = 123, kMaxWriteBits = 1968;  // 6.11, 6.12
constexpr unsigned kMaxExchangeWrite = 121;                         // 6.17
constexpr std::size_t kMaxPdu = 253;                                // 4.1

/// A protocol data unit: function code and data.
class Pdu {
 public:
  ByteView bytes() const noexcept { return {bytes_.data(), size_}; }
  std::uint8_t function() const noexcept { return size_ == 0 ? 0 : std::to_integer<std::uint8_t>(bytes_[0]); }
  Pdu& u8(unsigned value) noexcept;
  Pdu& u16(unsigned value) noexcept;
  void clear() noexcept { size_ = 0; }

 private:
  std::array<std::byte, kMaxPdu> bytes_;
  std::size_t size_ = 0;
};

/// The function that reads an area.
Function read_function(Area area);

// Quantities must be within the limits above; anything else is a bug of the caller.
Pdu read_request(Area area, std::uint16_t offset, unsigned quantity);
Pdu write_coil_request(std::uint16_t offset, bool on);
Pdu write_register_request(std::uint16_t offset, std::uint16_t value);
Pdu write_coils_request(std::uint16_t offset, std::span<const bool> values);
Pdu write_registers_request(std::uint16_t offset, std::span<const std::uint16_t> values);
/// New value = (old & and_mask) | (or_mask & ~and_mask).
Pdu mask_write_request(std::uint16_t offset, std::uint16_t and_mask, std::uint16_t or_mask);
Pdu exchange_request(std::uint16_t read_offset, unsigned quantity, std::uint16_t write_offset,
                     std::span<const std::uint16_t> values);
Pdu identification_request(std::uint8_t from_object);

/// The data of a response that fits `request`: the bytes of registers or packed bits of a read, the
/// objects of an identification, nothing of a write. Errors: the exceptions (`exception_error`),
/// modbus.wrong_function, modbus.wrong_length, modbus.wrong_echo.
Result<ByteView> response_data(ByteView request, ByteView response);

/// Names and values of the objects in an identification response's data; texts are cleaned to ASCII.
std::vector<std::pair<std::string, std::string>> identification_objects(ByteView data);

/// modbus.illegal_function, .illegal_address, .illegal_value, .device_failure, .acknowledge, .busy,
/// .negative_acknowledge, .memory_parity, .gateway_path, .gateway_target, .unknown_exception, with
/// meaning and cure.
Error exception_error(std::uint8_t code);
/// Quality of points whose read was answered by this error.
model::Quality quality_of(const Error& error);

/// Bit `index` of packed bits; false beyond the end.
bool packed_bit(ByteView bits, unsigned index);

}  // namespace karez::connect::modbus
