// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

// What parses must be written and read back as the same instant.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto time = karez::parse_rfc3339(text)) KZ_ASSERT(karez::parse_rfc3339(karez::to_rfc3339(*time)) == *time);
  if (const auto span = karez::parse_duration(text)) KZ_ASSERT(span->count() > 0);
  return 0;
}
