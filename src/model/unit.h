// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/ids.h"

/// Engineering units by their UCUM codes (case-sensitive form, UCUM 2.1): "Cel", "kPa", "m3/h", "1".
namespace karez::model {

struct UnitTag {
  static constexpr char kPrefix = 'n';
};
/// Number of an interned unit, see UnitTable. Lives as long as the table; not persisted (the code is).
using UnitId = Id<UnitTag, std::uint32_t>;

/// Exponents of length, mass, time, angle, temperature, current, light, amount, information. The last
/// two are dimensionless by the letter of UCUM; here bytes and moles do not convert to bare numbers.
using Dimension = std::array<std::int8_t, 9>;

/// What a unit means: value in coherent SI base units = value * mantissa * 10^exponent + offset.
struct Unit {
  Dimension dimension{};
  double mantissa = 1;
  int exponent = 0;
  double offset = 0;
  /// 0: converts by dimension. Else a scale of its own (pH, dB, international units) that converts only
  /// within itself.
  std::uint16_t arbitrary = 0;

  bool dimensionless() const noexcept { return dimension == Dimension{} && arbitrary == 0; }
  bool converts_to(const Unit& other) const noexcept {
    return dimension == other.dimension && arbitrary == other.arbitrary;
  }
};

constexpr std::size_t kMaxUnitCode = 64;

/// Errors: unit.empty, unit.too_long, unit.syntax (the pointer is "/<column>" from 1), unit.unknown
/// (the text names the part and, where there is one, the UCUM code meant), unit.not_in_term (a scale
/// with its own zero such as Cel inside a product), unit.out_of_range. Thread: any.
Result<Unit> parse_unit(std::string_view code);

/// For screens: "°C", "m³/h", "µm", "kW·h"; "" for "1"; the code itself when it is not a unit. Thread: any.
std::string unit_symbol(std::string_view code);

/// Errors: unit.incompatible, unit.out_of_range (the result is not finite). Thread: any.
Result<double> convert(double value, const Unit& from, const Unit& to);

/// UCUM code for what people and devices write ("°C", "m³/h", "rpm", "kWh", "bar"); nothing when unsure.
/// A right code is returned as it is. Thread: any.
std::optional<std::string> guess_unit(std::string_view text);

struct CommonUnit {
  std::string_view code, quantity, zh, en;  ///< quantity is a slug: "temperature", "pressure"
};
/// For pickers: the units found in most plants, grouped by quantity. Thread: any.
std::span<const CommonUnit> common_units();

/// Codes to small numbers and back, once and for good; bounded. Thread: any.
class UnitTable {
 public:
  static constexpr std::size_t kMaxUnits = 10'000;
  /// Errors: those of parse_unit, unit.table_full.
  Result<UnitId> intern(std::string_view code);
  /// Errors: unit.unknown_id, and those of convert.
  Result<double> convert(double value, UnitId from, UnitId to) const;
  /// "" for an unknown id.
  std::string code(UnitId id) const;

 private:
  struct Entry {
    std::string code;
    Unit unit;
  };
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::uint32_t> index_;
};

}  // namespace karez::model
