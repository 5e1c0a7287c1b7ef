// SPDX-License-Identifier: Apache-2.0
#include "model/origin.h"

namespace karez::model {

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::unknown: return "unknown";
    case Origin::real: return "real";
    case Origin::replayed: return "replayed";
    case Origin::simulated: return "simulated";
  }
  return "unknown";
}

std::optional<Origin> parse_origin(std::string_view text) {
  for (const Origin o : {Origin::unknown, Origin::real, Origin::replayed, Origin::simulated})
    if (to_string(o) == text) return o;
  return std::nullopt;
}

}  // namespace karez::model
