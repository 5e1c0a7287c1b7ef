// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "base/bytes.h"
#include "connect/modbus/address.h"

namespace karez::connect::modbus {

/// What lies in registers as a value. `registers` are the bytes as they came, `address.span()` registers
/// of them. Text ends at the first NUL and loses trailing blanks; `text` is its storage.
/// Errors: modbus.bad_bcd, modbus.bad_text.
Result<RawValue> decode_registers(const PointAddress& address, Order device_order, ByteView registers,
                                  std::string& text);

/// Register values for a number or text to write. Errors: modbus.out_of_range, modbus.unsupported_write.
/// `number` is the raw value (scaling undone).
Result<std::vector<std::uint16_t>> encode_number(const PointAddress& address, Order device_order, double number,
                                                 std::optional<std::int64_t> exact);
Result<std::vector<std::uint16_t>> encode_text(const PointAddress& address, Order device_order, std::string_view text);

}  // namespace karez::connect::modbus
