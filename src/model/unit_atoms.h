// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "model/unit.h"

/// The tables behind unit.h: atoms and prefixes of UCUM.
namespace karez::model {

struct UnitAtom {
  std::string_view code, symbol;
  bool metric;   ///< takes prefixes
  bool special;  ///< has its own zero or logarithm: stands alone, never in a product or power
  Unit unit;
};
struct UnitPrefix {
  std::string_view code, symbol;
  int exponent;     ///< of ten
  double mantissa;  ///< 1 except for the binary ones
};

const UnitAtom* find_unit_atom(std::string_view code);
const UnitPrefix* find_unit_prefix(std::string_view code);
/// `parse_unit` without a suggestion in its error.
Result<Unit> parse_unit_plain(std::string_view code);

}  // namespace karez::model
