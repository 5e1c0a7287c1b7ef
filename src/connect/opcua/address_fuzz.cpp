// SPDX-License-Identifier: Apache-2.0
#include <cstdint>

#include "base/bytes.h"
#include "connect/opcua/address.h"

// What parses must survive its own canonical form.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace karez::connect::opcua;
  const auto first = parse_address({reinterpret_cast<const char*>(data), size});
  if (!first) return 0;
  const auto again = parse_address(first->canonical());
  KZ_ASSERT(again && again->canonical() == first->canonical());
  return 0;
}
