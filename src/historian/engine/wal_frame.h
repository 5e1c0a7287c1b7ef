// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "historian/engine/version.h"
#include "model/batch.h"

/// Frames of the write-ahead log: docs/formats/wal.md.
namespace karez::historian {

enum class FrameKind : std::uint8_t { samples = 1, remove = 2, seal = 3 };

struct FrameHeader {
  std::uint32_t length = 0;  ///< of the payload
  std::uint64_t lsn = 0;
  FrameKind kind = FrameKind::samples;
  std::uint8_t lane = 0;
  std::uint32_t payload_crc = 0;
};
constexpr std::size_t kFrameHeaderBytes = 28;
constexpr std::size_t kMaxFrameBytes = 1u << 20;
/// Points of one remove frame; longer lists take several.
constexpr std::size_t kMaxRemovePoints = 50'000;

void put_frame_header(const FrameHeader& header, std::span<std::byte, kFrameHeaderBytes> out);
/// Nothing when the bytes are not a header with the right checksum.
std::optional<FrameHeader> parse_frame_header(ByteView bytes);

/// A block as read back. Text samples: bits = (offset << 32 | length) into `arena`, checked.
struct DecodedBlock {
  std::vector<model::Sample> samples;
  std::string arena;
};

/// Encodes blocks into a buffer of its own, which is made once. Thread: one at a time.
class BlockEncoder {
 public:
  /// The payload; valid until the next call.
  ByteView encode(std::span<const model::Sample> samples, std::string_view arena);

 private:
  std::vector<std::byte> buffer_;
};

/// Errors: store.wal_corrupt.
Result<> decode_block(ByteView payload, DecodedBlock& out);

std::vector<std::byte> encode_remove(std::span<const std::uint32_t> sorted_points, std::int64_t from, std::int64_t to);
/// `lsn` is left 0. Errors: store.wal_corrupt.
Result<Tombstone> decode_remove(ByteView payload);

}  // namespace karez::historian
