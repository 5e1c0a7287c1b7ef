// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/chunk_codec.h"

// Chunks without their checksum. What decodes must be in order of time and survive another round.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace karez::historian;
  static ChunkDecoder decoder;
  static ChunkEncoder encoder;
  Columns rows, again;
  if (!decoder.decode({reinterpret_cast<const std::byte*>(data), size}, rows)) return 0;
  for (std::size_t i = 1; i < rows.size(); ++i) KZ_ASSERT(rows.time[i - 1] < rows.time[i]);
  std::vector<std::byte> bytes;
  const ChunkMeta meta = encoder.encode(rows, 0, rows.size(), bytes);
  KZ_ASSERT(meta.rows == rows.size());
  KZ_ASSERT(decoder.decode(bytes, again));
  KZ_ASSERT(again.time == rows.time && again.quality == rows.quality && again.type == rows.type);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows.type_of(i) == karez::model::ValueType::text)
      KZ_ASSERT(again.texts[again.bits[i]] == rows.texts[rows.bits[i]]);
    else KZ_ASSERT(again.bits[i] == rows.bits[i]);
  }
  return 0;
}
