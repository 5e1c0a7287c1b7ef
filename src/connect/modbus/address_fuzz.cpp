// SPDX-License-Identifier: Apache-2.0
// What parses has a canonical form that parses to the same.
#include "connect/modbus/address.h"
#include "connect/modbus/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace karez::connect::modbus;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)parse_link(text);  // only must not crash
  (void)parse_device(text);
  const auto parsed = parse_address(text);
  if (!parsed) return 0;
  const std::string form = canonical(*parsed);
  const auto again = parse_address(form);
  if (!again || canonical(*again) != form || again->offset != parsed->offset || again->order != parsed->order)
    __builtin_trap();
  return 0;
}
