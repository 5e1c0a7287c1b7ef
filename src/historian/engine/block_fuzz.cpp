// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/wal_frame.h"

// Payloads of the log. The first byte says which kind. What decodes must encode to something that decodes to the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace karez::historian;
  if (size == 0) return 0;
  const karez::ByteView bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  (void)parse_frame_header(bytes);
  if (data[0] % 2 == 0) {
    (void)decode_remove(bytes);
    return 0;
  }
  DecodedBlock block, again;
  if (!decode_block(bytes, block)) return 0;
  BlockEncoder encoder;
  KZ_ASSERT(decode_block(encoder.encode(block.samples, block.arena), again));
  KZ_ASSERT(again.samples.size() == block.samples.size() && again.arena == block.arena);
  for (std::size_t i = 0; i < block.samples.size(); ++i) {
    KZ_ASSERT(again.samples[i].time == block.samples[i].time);
    KZ_ASSERT(again.samples[i].bits == block.samples[i].bits);
    KZ_ASSERT(again.samples[i].point == block.samples[i].point);
  }
  return 0;
}
