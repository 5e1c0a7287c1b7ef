// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/manifest.h"

// Edits without their checksum.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace karez::historian;
  const auto edit = decode_edit({reinterpret_cast<const std::byte*>(data), size});
  if (!edit) return 0;
  std::vector<std::byte> bytes, again;
  encode_edit(*edit, bytes);
  const auto same = decode_edit(bytes);
  KZ_ASSERT(same);
  encode_edit(*same, again);
  KZ_ASSERT(bytes == again);
  return 0;
}
