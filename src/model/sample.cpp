// SPDX-License-Identifier: Apache-2.0
#include "model/sample.h"

#include <array>
#include <limits>

#include "base/format.h"

namespace karez::model {
namespace {

struct QualityName {
  Quality quality;
  std::string_view name;
};

// OPC 10000-6 annex A, in the spelling without underscores.
constexpr std::array kNames{
    QualityName{quality::kGood, "Good"}, QualityName{quality::kUncertain, "Uncertain"},
    QualityName{quality::kUncertainLastUsable, "UncertainLastUsableValue"},
    QualityName{quality::kUncertainSubstitute, "UncertainSubstituteValue"}, QualityName{quality::kBad, "Bad"},
    QualityName{quality::kBadCommunication, "BadCommunicationError"}, QualityName{quality::kBadTimeout, "BadTimeout"},
    QualityName{quality::kBadTypeMismatch, "BadTypeMismatch"}, QualityName{quality::kBadOutOfRange, "BadOutOfRange"},
    QualityName{quality::kBadConfiguration, "BadConfigurationError"},
    QualityName{quality::kBadNotConnected, "BadNotConnected"},
    QualityName{quality::kBadDeviceFailure, "BadDeviceFailure"},
    QualityName{quality::kBadSensorFailure, "BadSensorFailure"},
    QualityName{quality::kBadOutOfService, "BadOutOfService"},
    QualityName{quality::kBadNodeUnknown, "BadNodeIdUnknown"}, QualityName{quality::kBadNotReadable, "BadNotReadable"},
    QualityName{quality::kBadNoData, "BadNoData"},
    QualityName{quality::kBadWaitingForInitialData, "BadWaitingForInitialData"},
                            // Seen from servers, though nothing here makes them.
    QualityName{Quality{0x408f}, "UncertainNoCommunicationLastUsableValue"},
    QualityName{Quality{0x4092}, "UncertainInitialValue"}, QualityName{Quality{0x4093}, "UncertainSensorNotAccurate"},
    QualityName{Quality{0x4094}, "UncertainEngineeringUnitsExceeded"},
    QualityName{Quality{0x4095}, "UncertainSubNormal"}, QualityName{Quality{0x0096}, "GoodLocalOverride"},
    QualityName{Quality{0x8002}, "BadInternalError"}, QualityName{Quality{0x800d}, "BadServerNotConnected"},
    QualityName{Quality{0x8031}, "BadNoCommunication"}, QualityName{Quality{0x803d}, "BadNotSupported"},
    QualityName{Quality{0x801f}, "BadUserAccessDenied"}, QualityName{Quality{0x80ae}, "BadConnectionClosed"}};

}  // namespace

std::string_view to_string(ValueType type) {
  switch (type) {
    case ValueType::none: return "none";
    case ValueType::boolean: return "bool";
    case ValueType::int64: return "int64";
    case ValueType::float64: return "double";
    case ValueType::text: return "string";
  }
  return "none";
}

std::optional<ValueType> parse_value_type(std::string_view text) {
  for (const ValueType t : {ValueType::none, ValueType::boolean, ValueType::int64, ValueType::float64, ValueType::text})
    if (to_string(t) == text) return t;
  return std::nullopt;
}

std::string quality_name(Quality q) {
  for (const auto& [code, name] : kNames)
    if (code == q) return std::string(name);
  return karez::format("0x{:04x}", q.code);
}

double numeric(ValueType type, std::uint64_t bits) noexcept {
  switch (type) {
    case ValueType::boolean: return bits != 0 ? 1.0 : 0.0;
    case ValueType::int64: return static_cast<double>(as_int64(bits));
    case ValueType::float64: return as_double(bits);
    case ValueType::none:
    case ValueType::text: break;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace karez::model
