// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "connect/mqtt/codec.h"

/// First byte: the version, and whether large messages are skipped; the rest arrives in pieces of sizes taken from the second byte.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace karez::connect::mqtt;
  if (size < 2) return 0;
  const auto version = (data[0] & 1) != 0 ? Version::v5 : Version::v311;
  const std::size_t piece = 1 + data[1] % 64;
  const bool skip = version == Version::v311 && (data[0] & 2) != 0;
  FrameBuffer buffer(skip ? 64 : 4096, skip);
  std::span in(data + 2, size - 2);
  while (!in.empty()) {
    const auto count = std::min(piece, in.size());
    std::ranges::copy(std::as_bytes(in.first(count)), buffer.space(count).begin());
    buffer.added(count);
    in = in.subspan(count);
    while (true) {
      auto frame = buffer.next();
      if (!frame) return 0;
      if (!*frame) break;
      (void)decode(**frame, version);  // any outcome will do, as long as it returns
    }
  }
  return 0;
}
