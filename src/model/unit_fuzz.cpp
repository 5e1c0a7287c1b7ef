// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "base/text.h"
#include "model/unit.h"

// Whatever parses must print as UTF-8, convert to itself unchanged, and be found again by the guesser.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view code(reinterpret_cast<const char*>(data), size);
  const auto unit = karez::model::parse_unit(code);
  const std::string symbol = karez::model::unit_symbol(code);
  (void)karez::model::guess_unit(code);
  if (!unit) return 0;
  KZ_ASSERT(karez::is_utf8(symbol));
  KZ_ASSERT(std::isnormal(unit->mantissa));
  const auto same = karez::model::convert(12.5, *unit, *unit);
  KZ_ASSERT(same && std::abs(*same - 12.5) < 1e-9);
  return 0;
}
