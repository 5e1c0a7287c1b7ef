// SPDX-License-Identifier: Apache-2.0
#include "connect/value_text.h"

#include "base/format.h"

namespace karez::connect {

std::string value_text(const RawValue& value, std::string_view text) {
  switch (value.type) {
    case model::ValueType::boolean: return value.bits != 0 ? "true" : "false";
    case model::ValueType::int64: return std::to_string(model::as_int64(value.bits));
    case model::ValueType::float64: return karez::format("{}", model::as_double(value.bits));
    case model::ValueType::text: return std::string(text);
    case model::ValueType::none: break;
  }
  return {};
}

}  // namespace karez::connect
