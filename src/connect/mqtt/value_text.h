// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/format.h"
#include "base/json.h"
#include "connect/point_map.h"

namespace karez::connect::mqtt {

/// A value for people. `text` is that of a text value.
inline std::string value_text(const RawValue& value, std::string_view text) {
  switch (value.type) {
    case model::ValueType::boolean: return value.bits != 0 ? "true" : "false";
    case model::ValueType::int64: return karez::format("{}", model::as_int64(value.bits));
    case model::ValueType::float64: return karez::format("{}", model::as_double(value.bits));
    case model::ValueType::text: return std::string(text);
    case model::ValueType::none: break;
  }
  return {};
}

inline void write_json_value(JsonWriter& json, const RawValue& value) {
  switch (value.type) {
    case model::ValueType::boolean: json.boolean(value.bits != 0); return;
    case model::ValueType::int64: json.integer(model::as_int64(value.bits)); return;
    case model::ValueType::float64: json.number(model::as_double(value.bits)); return;
    case model::ValueType::text: json.string(value.text); return;
    case model::ValueType::none: json.null();
  }
}

}  // namespace karez::connect::mqtt
