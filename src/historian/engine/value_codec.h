// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"

/// The columns of times and values as bytes, before zstd. Bit-exact for every input.
namespace karez::historian {

enum class TimeCodec : std::uint8_t { constant_step = 0, delta_of_delta = 1 };
enum class ValueCodec : std::uint8_t {
  constant = 0,  ///< one value
  raw = 1,
  delta = 2,    ///< zigzag of differences as integers, byte planes
  decimal = 3,  ///< doubles that are m / 10^e: delta of m
  exclusive = 4,  ///< XOR with the value before, byte planes
};

/// Never empty input; times strictly growing.
TimeCodec encode_times(std::span<const std::int64_t> times, std::vector<std::byte>& out);
/// False when the bytes are not such a column.
bool decode_times(TimeCodec codec, ByteView bytes, std::span<std::int64_t> times);

/// `doubles`: every value is a float64.
ValueCodec encode_values(std::span<const std::uint64_t> bits, bool doubles, std::vector<std::byte>& out);
bool decode_values(ValueCodec codec, ByteView bytes, std::span<std::uint64_t> bits);

}  // namespace karez::historian
