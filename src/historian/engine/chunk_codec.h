// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "historian/engine/rows.h"

/// Chunks: up to kChunkRows samples of one point, compressed column by column. The format is
/// docs/formats/segment.md.
namespace karez::historian {

constexpr std::size_t kChunkRows = 2048;
/// Texts of one chunk, uncompressed; a chunk with more is split.
constexpr std::size_t kChunkTextBytes = 1u << 20;
/// What a decoder accepts at most.
constexpr std::size_t kMaxChunkRows = 1u << 16;
constexpr std::size_t kMaxChunkTextBytes = 4u << 20;

constexpr double kNoFigure = std::numeric_limits<double>::quiet_NaN();

/// One line of a segment's directory: where a chunk lies and what is in it, so that buckets it fills
/// are answered without decoding. "Figures" are samples with good quality and a number that is not NaN.
struct ChunkMeta {
  std::uint32_t point = 0;
  std::int64_t t0 = 0, t1 = 0;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
  std::uint32_t rows = 0;     ///< samples
  std::uint32_t counted = 0;  ///< samples with a value
  std::uint32_t good = 0;     ///< of these with good quality
  std::uint32_t figures = 0;
  double min = kNoFigure, max = kNoFigure, sum = 0, first = kNoFigure, last = kNoFigure;
  std::int64_t first_time = 0, last_time = 0;  ///< of `first` and `last`
  std::uint64_t last_bits = 0;                 ///< of the newest sample; meaningless for text
  std::uint16_t last_quality = 0;
  std::uint8_t last_type = 0, last_flags = 0;
  std::uint16_t worst = 0;  ///< highest quality code
  std::uint32_t crc = 0;    ///< CRC-32C of the chunk's bytes
};

/// Compresses. Thread: one at a time.
class ChunkEncoder {
 public:
  ChunkEncoder();
  ~ChunkEncoder();
  ChunkEncoder(ChunkEncoder&&) noexcept;
  ChunkEncoder& operator=(ChunkEncoder&&) noexcept;

  /// Appends rows [begin, end) (times strictly growing, 1..kMaxChunkRows) to `out`. The answer has
  /// everything but `point` and `offset`.
  ChunkMeta encode(const Columns& rows, std::size_t begin, std::size_t end, std::vector<std::byte>& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Thread: one at a time.
class ChunkDecoder {
 public:
  ChunkDecoder();
  ~ChunkDecoder();
  ChunkDecoder(ChunkDecoder&&) noexcept;
  ChunkDecoder& operator=(ChunkDecoder&&) noexcept;

  /// Replaces `out`. Bytes are taken as hostile. Errors: store.chunk_corrupt.
  Result<> decode(ByteView bytes, Columns& out);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// End of the chunk that begins at `begin`: within one day, kChunkRows and kChunkTextBytes.
std::size_t chunk_end(const Columns& rows, std::size_t begin);

}  // namespace karez::historian
