// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/time.h"
#include "model/ids.h"

namespace karez::model {

enum class ValueType : std::uint8_t { none = 0, boolean = 1, int64 = 2, float64 = 3, text = 4 };

std::string_view to_string(ValueType type);  ///< "bool", "int64", "double", "string", "none"
std::optional<ValueType> parse_value_type(std::string_view text);

/// The upper 16 bits of an OPC UA StatusCode (OPC 10000-4, 7.39; codes of OPC 10000-6 annex A).
struct Quality {
  std::uint16_t code = 0;
  constexpr auto operator<=>(const Quality&) const = default;
  constexpr bool good() const noexcept { return (code >> 14) == 0; }
  constexpr bool uncertain() const noexcept { return (code >> 14) == 1; }
  constexpr bool bad() const noexcept { return (code >> 14) >= 2; }
};

namespace quality {
constexpr Quality kGood{0x0000};
constexpr Quality kUncertain{0x4000};
constexpr Quality kUncertainLastUsable{0x4090};
constexpr Quality kUncertainSubstitute{0x4091};
constexpr Quality kBad{0x8000};
constexpr Quality kBadCommunication{0x8005};
constexpr Quality kBadTimeout{0x800a};
constexpr Quality kBadTypeMismatch{0x8074};
constexpr Quality kBadOutOfRange{0x803c};
constexpr Quality kBadConfiguration{0x8089};
constexpr Quality kBadNotConnected{0x808a};
constexpr Quality kBadDeviceFailure{0x808b};
constexpr Quality kBadSensorFailure{0x808c};
constexpr Quality kBadOutOfService{0x808d};
constexpr Quality kBadNodeUnknown{0x8034};
constexpr Quality kBadNotReadable{0x803a};
constexpr Quality kBadNoData{0x809b};
constexpr Quality kBadWaitingForInitialData{0x8032};
}  // namespace quality

/// "Good", "BadNotConnected", or "0x8123" for codes without a name here.
std::string quality_name(Quality q);

/// Flags of a sample; they are stored.
namespace flag {
constexpr std::uint8_t kBackfilled = 1;      ///< came later than its time, from a buffer
constexpr std::uint8_t kSubstituted = 2;     ///< value or time replaced by us (future source time, manual value)
constexpr std::uint8_t kLimit = 4;           ///< clamped at a limit
constexpr std::uint8_t kFirstAfterGap = 8;   ///< first after a reconnect
constexpr std::uint8_t kGap = 16;            ///< no value: from here on nothing is known until the next sample
}  // namespace flag

/// One value of one point. 24 bytes, trivially copyable, little-endian on wire and disk too.
struct Sample {
  Timestamp time{};        ///< the source's clock, UTC
  std::uint64_t bits = 0;  ///< double, int64, bool, or text as (offset << 32 | length) into the batch's arena
  PointId point{};
  Quality quality{};
  ValueType type = ValueType::none;
  std::uint8_t flags = 0;
};
static_assert(sizeof(Sample) == 24 && std::is_trivially_copyable_v<Sample>);

constexpr std::uint64_t bits_of(double v) noexcept { return std::bit_cast<std::uint64_t>(v); }
constexpr std::uint64_t bits_of(std::int64_t v) noexcept { return static_cast<std::uint64_t>(v); }
constexpr std::uint64_t bits_of(bool v) noexcept { return v ? 1 : 0; }
constexpr double as_double(std::uint64_t bits) noexcept { return std::bit_cast<double>(bits); }
constexpr std::int64_t as_int64(std::uint64_t bits) noexcept { return static_cast<std::int64_t>(bits); }
/// Any numeric value as a double; NaN for text and none.
double numeric(ValueType type, std::uint64_t bits) noexcept;

}  // namespace karez::model
