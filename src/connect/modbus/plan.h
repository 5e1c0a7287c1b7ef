// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "connect/modbus/address.h"
#include "connect/modbus/codec.h"

/// Which requests read a set of points. Pure and deterministic.
namespace karez::connect::modbus {

/// One wanted value: where it lies, and whose it is.
struct Wanted {
  std::size_t entry = 0;  ///< index the caller knows it by
  Area area = Area::holding_register;
  std::uint16_t offset = 0;
  std::uint16_t span = 1;
};

struct ReadLimits {
  unsigned max_registers = kMaxReadRegisters;
  unsigned max_bits = kMaxReadBits;
  unsigned hole_registers = 16;  ///< unwanted registers read along rather than asking twice
  unsigned hole_bits = 256;
};

struct ReadRequest {
  Area area = Area::holding_register;
  std::uint16_t offset = 0;
  std::uint16_t quantity = 0;
  std::vector<Wanted> wanted;  ///< by offset; all within the request
};

/// The fewest requests within the limits: every wanted value is covered by exactly one.
/// A value wider than a limit gets a request of its own, as wide as it is.
std::vector<ReadRequest> plan_reads(std::vector<Wanted> wanted, const ReadLimits& limits);

/// What to ask instead of a request that the device refused (exception 02 or 03): without its holes if
/// it has any, else its two halves. Nothing when it is a single value.
std::vector<ReadRequest> split(const ReadRequest& refused);

}  // namespace karez::connect::modbus
