// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "connect/driver.h"

namespace karez::connect::modbus {

/// The four tables of a Modbus device (application protocol 1.1b3, 4.3).
enum class Area : std::uint8_t { coil, discrete_input, input_register, holding_register };
constexpr bool is_bits(Area area) { return area == Area::coil || area == Area::discrete_input; }
constexpr bool is_writable(Area area) { return area == Area::coil || area == Area::holding_register; }

enum class WireType : std::uint8_t { boolean, u16, i16, u32, i32, u64, i64, f32, f64, bcd, bcd32, text };

/// How the bytes of a value lie in its registers; A is the most significant byte. The 4-letter names
/// hold for every width: "badc" swaps the bytes of each register, "cdab" the order of registers.
struct Order {
  bool bytes = false;  ///< low byte of a register first
  bool words = false;  ///< low register first
  bool pairs = false;  ///< 64 bit: registers swapped within each 32-bit half
  friend bool operator==(const Order&, const Order&) = default;
};
/// "ab", "ba"; "abcd", "badc", "cdab", "dcba"; for 64 bit also the 8-letter forms.
std::optional<Order> parse_order(std::string_view text);

/// "hr:40001:f32:badc" taken apart.
struct PointAddress {
  Area area = Area::holding_register;
  std::uint16_t offset = 0;  ///< zero-based, as on the wire
  WireType type = WireType::u16;
  std::optional<Order> order;  ///< none: the device's
  int bit = -1;                ///< of a register, 0 = least significant; -1: none
  std::uint16_t text_bytes = 0;

  /// Registers, or bits in bit areas, the value takes.
  unsigned span() const;
};

/// Grammar in docs/protocols/modbus.md. Errors: modbus.address with the column as pointer "/<column>".
Result<PointAddress> parse_address(std::string_view text);
/// The form to store: reference number, type unless it is the area's own, order when given.
std::string canonical(const PointAddress& address);
model::ValueType natural_type(WireType type);
std::string_view to_string(Area area);
std::string_view to_string(WireType type);

}  // namespace karez::connect::modbus
