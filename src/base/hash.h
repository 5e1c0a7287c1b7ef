// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace karez {

/// CRC-32C (Castagnoli, RFC 3720 B.4), the checksum of every file format. `seed` continues a sum.
std::uint32_t crc32c(ByteView bytes, std::uint32_t seed = 0) noexcept;
/// XXH3-64, for hash tables and sampling; never for integrity.
std::uint64_t xxh3(ByteView bytes, std::uint64_t seed = 0) noexcept;
/// SHA-256, 64 lower-case hex digits.
std::string sha256_hex(ByteView bytes);

/// SHA-256 of a stream. Thread: one at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(ByteView bytes);
  /// Ends the sum; 64 lower-case hex digits.
  std::string hex();

 private:
  void* context_;
};

}  // namespace karez
