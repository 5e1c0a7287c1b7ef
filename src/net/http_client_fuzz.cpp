// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "net/http_client.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const bool ended : {false, true}) {
    const auto r = karez::net::parse_response(text, ended);
    KZ_ASSERT(!r || !*r || (*r)->body.size() <= size);
  }
  return 0;
}
