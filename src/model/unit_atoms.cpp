// SPDX-License-Identifier: Apache-2.0
#include "model/unit_atoms.h"

#include <algorithm>
#include <numbers>

namespace karez::model {
namespace {

// Order of exponents as in Dimension.
constexpr Dimension dim(int length, int mass, int time, int angle = 0, int temperature = 0, int current = 0,
                        int light = 0, int amount = 0, int information = 0) {
  const auto i8 = [](int v) { return static_cast<std::int8_t>(v); };
  return {i8(length),  i8(mass),  i8(time),   i8(angle),      i8(temperature),
          i8(current), i8(light), i8(amount), i8(information)};
}
constexpr Dimension kNone{};
constexpr Dimension kLength = dim(1, 0, 0), kArea = dim(2, 0, 0), kVolume = dim(3, 0, 0), kMass = dim(0, 1, 0);
constexpr Dimension kTime = dim(0, 0, 1), kRate = dim(0, 0, -1), kSpeed = dim(1, 0, -1), kAngle = dim(0, 0, 0, 1);
constexpr Dimension kForce = dim(1, 1, -2), kPressure = dim(-1, 1, -2), kEnergy = dim(2, 1, -2), kPower = dim(2, 1, -3);
constexpr Dimension kTemperature = dim(0, 0, 0, 0, 1), kCurrent = dim(0, 0, 0, 0, 0, 1),
                    kCharge = dim(0, 0, 1, 0, 0, 1);
constexpr Dimension kDose = dim(2, 0, -2);

constexpr UnitAtom metric(std::string_view code, Dimension d, double mantissa = 1, int exponent = 0,
                          std::string_view symbol = {}) {
  return {code, symbol.empty() ? code : symbol, true, false, {d, mantissa, exponent, 0, 0}};
}
constexpr UnitAtom plain(std::string_view code, Dimension d, double mantissa = 1, int exponent = 0,
                         std::string_view symbol = {}) {
  return {code, symbol.empty() ? code : symbol, false, false, {d, mantissa, exponent, 0, 0}};
}
constexpr UnitAtom affine(std::string_view code, bool takes_prefix, double mantissa, double offset,
                          std::string_view symbol) {
  return {code, symbol, takes_prefix, true, {kTemperature, mantissa, 0, offset, 0}};
}
/// A scale that no formula joins to another: logarithms, biological units.
constexpr UnitAtom own(std::uint16_t scale, std::string_view code, bool takes_prefix, bool special,
                       std::string_view symbol) {
  return {code, symbol, takes_prefix, special, {kNone, 1, 0, 0, scale}};
}

// UCUM 2.1 tables 3 to 16, what occurs in plants. Mass counts in kilograms, so that SI units are 1.
constexpr UnitAtom kAtoms[] = {
    metric("m", kLength),
    metric("s", kTime),
    metric("g", kMass, 1, -3),
    metric("rad", kAngle),
    metric("K", kTemperature),
    metric("C", kCharge),
    metric("cd", dim(0, 0, 0, 0, 0, 0, 1)),
    metric("mol", dim(0, 0, 0, 0, 0, 0, 0, 1)),
    metric("bit", dim(0, 0, 0, 0, 0, 0, 0, 0, 1)),
    metric("By", dim(0, 0, 0, 0, 0, 0, 0, 0, 1), 8, 0, "B"),
    metric("Bd", kRate),

    plain("10*", kNone, 1, 1, "10"),
    plain("10^", kNone, 1, 1, "10"),
    plain("[pi]", kNone, std::numbers::pi, 0, "π"),
    plain("%", kNone, 1, -2),
    plain("[ppth]", kNone, 1, -3, "‰"),
    plain("[ppm]", kNone, 1, -6, "ppm"),
    plain("[ppb]", kNone, 1, -9, "ppb"),
    plain("[pptr]", kNone, 1, -12, "ppt"),

    metric("sr", dim(0, 0, 0, 2)),
    metric("Hz", kRate),
    metric("N", kForce),
    metric("Pa", kPressure),
    metric("J", kEnergy),
    metric("W", kPower),
    metric("A", kCurrent),
    metric("V", dim(2, 1, -3, 0, 0, -1)),
    metric("F", dim(-2, -1, 4, 0, 0, 2)),
    metric("Ohm", dim(2, 1, -3, 0, 0, -2), 1, 0, "Ω"),
    metric("S", dim(-2, -1, 3, 0, 0, 2)),
    metric("Wb", dim(2, 1, -2, 0, 0, -1)),
    metric("T", dim(0, 1, -2, 0, 0, -1)),
    metric("H", dim(2, 1, -2, 0, 0, -2)),
    metric("lm", dim(0, 0, 0, 2, 0, 0, 1)),
    metric("lx", dim(-2, 0, 0, 2, 0, 0, 1)),
    metric("Bq", kRate),
    metric("Gy", kDose),
    metric("Sv", kDose),
    metric("kat", dim(0, 0, -1, 0, 0, 0, 0, 1)),

    plain("deg", kAngle, std::numbers::pi / 180, 0, "°"),
    plain("gon", kAngle, std::numbers::pi / 2, -2),
    plain("'", kAngle, std::numbers::pi / 10800, 0, "′"),
    plain("''", kAngle, std::numbers::pi / 648000, 0, "″"),
    metric("l", kVolume, 1, -3, "L"),
    metric("L", kVolume, 1, -3),
    metric("ar", kArea, 1, 2, "a"),
    plain("min", kTime, 60),
    plain("h", kTime, 3600),
    plain("d", kTime, 86400),
    plain("wk", kTime, 604800),
    plain("mo", kTime, 2629800),
    plain("mo_j", kTime, 2629800, 0, "mo"),
    plain("a", kTime, 31557600, 0, "a"),
    plain("a_j", kTime, 31557600, 0, "a"),
    metric("t", kMass, 1, 3),
    metric("bar", kPressure, 1, 5),
    metric("u", kMass, 1.66053906660, -27),
    metric("eV", kEnergy, 1.602176634, -19),
    plain("AU", kLength, 149597870700.0),
    metric("pc", kLength, 3.0856775814913673, 16),

    affine("Cel", true, 1, 273.15, "°C"),
    affine("[degF]", false, 5.0 / 9, 459.67 * 5.0 / 9, "°F"),
    affine("[degRe]", false, 1.25, 273.15, "°Ré"),
    plain("[degR]", kTemperature, 5.0 / 9, 0, "°R"),

    metric("gf", kForce, 9.80665, -3),
    plain("[lbf_av]", kForce, 4.4482216152605, 0, "lbf"),
    plain("atm", kPressure, 101325),
    plain("att", kPressure, 98066.5, 0, "at"),
    plain("[psi]", kPressure, 6894.757293168361, 0, "psi"),
    metric("m[Hg]", kPressure, 133322, 0, "mHg"),
    metric("m[H2O]", kPressure, 9806.65, 0, "mH₂O"),
    plain("[in_i'Hg]", kPressure, 3386.3788, 0, "inHg"),
    plain("[in_i'H2O]", kPressure, 249.08891, 0, "inH₂O"),
    metric("dyn", kForce, 1, -5),
    metric("erg", kEnergy, 1, -7),
    metric("P", dim(-1, 1, -1), 1, -1),
    metric("St", dim(2, 0, -1), 1, -4),
    metric("G", dim(0, 1, -2, 0, 0, -1), 1, -4),
    metric("Gal", dim(1, 0, -2), 1, -2),
    metric("Mx", dim(2, 1, -2, 0, 0, -1), 1, -8),
    metric("Oe", dim(-1, 0, 0, 0, 0, 1), 250 / std::numbers::pi),
    metric("Ci", kRate, 3.7, 10),
    metric("R", dim(0, -1, 1, 0, 0, 1), 2.58, -4),
    metric("RAD", kDose, 1, -2),
    metric("REM", kDose, 1, -2),
    metric("mho", dim(-2, -1, 3, 0, 0, 2)),
    metric("Lmb", dim(-2, 0, 0, 0, 0, 0, 1), 1e4 / std::numbers::pi),
    metric("cal", kEnergy, 4.184),
    metric("cal_IT", kEnergy, 4.1868),
    metric("cal_th", kEnergy, 4.184),
    plain("[Cal]", kEnergy, 4184, 0, "kcal"),
    plain("[Btu]", kEnergy, 1054.35, 0, "Btu"),
    plain("[Btu_th]", kEnergy, 1054.35, 0, "Btu"),
    plain("[Btu_IT]", kEnergy, 1055.05585262, 0, "Btu"),
    plain("[HP]", kPower, 745.69987158227022, 0, "hp"),
    metric("[g]", dim(1, 0, -2), 9.80665, 0, "g"),
    metric("[c]", kSpeed, 299792458, 0, "c"),

    plain("[in_i]", kLength, 2.54, -2, "in"),
    plain("[ft_i]", kLength, 30.48, -2, "ft"),
    plain("[yd_i]", kLength, 91.44, -2, "yd"),
    plain("[mi_i]", kLength, 1609.344, 0, "mi"),
    plain("[nmi_i]", kLength, 1852, 0, "nmi"),
    plain("[kn_i]", kSpeed, 1852.0 / 3600, 0, "kn"),
    plain("[mil_i]", kLength, 2.54, -5, "mil"),
    plain("[sin_i]", kArea, 6.4516, -4, "in²"),
    plain("[sft_i]", kArea, 0.09290304, 0, "ft²"),
    plain("[cin_i]", kVolume, 16.387064, -6, "in³"),
    plain("[cft_i]", kVolume, 0.028316846592, 0, "ft³"),
    plain("[gal_us]", kVolume, 3.785411784, -3, "gal"),
    plain("[qt_us]", kVolume, 0.946352946, -3, "qt"),
    plain("[pt_us]", kVolume, 0.473176473, -3, "pt"),
    plain("[foz_us]", kVolume, 29.5735295625, -6, "fl oz"),
    plain("[bbl_us]", kVolume, 158.987294928, -3, "bbl"),
    plain("[gal_br]", kVolume, 4.54609, -3, "gal (UK)"),
    plain("[lb_av]", kMass, 0.45359237, 0, "lb"),
    plain("[oz_av]", kMass, 28.349523125, -3, "oz"),
    plain("[gr]", kMass, 64.79891, -6, "gr"),
    plain("[ston_av]", kMass, 907.18474, 0, "short ton"),
    plain("[lton_av]", kMass, 1016.0469088, 0, "long ton"),

    own(1, "[pH]", false, true, "pH"),
    own(2, "B", true, true, "B"),
    own(3, "Np", true, true, "Np"),
    own(4, "B[SPL]", true, true, "B(SPL)"),
    own(5, "B[V]", true, true, "BV"),
    own(6, "B[mV]", true, true, "BmV"),
    own(7, "B[uV]", true, true, "BµV"),
    own(8, "B[W]", true, true, "BW"),
    own(9, "B[kW]", true, true, "BkW"),
    own(10, "[iU]", true, false, "IU"),
    own(10, "[IU]", true, false, "IU"),
    own(11, "[arb'U]", false, false, "arb. u."),
    own(12, "[CFU]", false, false, "CFU"),
};

constexpr UnitPrefix kPrefixes[] = {
    {"Y", "Y", 24, 1},
    {"Z", "Z", 21, 1},
    {"E", "E", 18, 1},
    {"P", "P", 15, 1},
    {"T", "T", 12, 1},
    {"G", "G", 9, 1},
    {"M", "M", 6, 1},
    {"k", "k", 3, 1},
    {"h", "h", 2, 1},
    {"da", "da", 1, 1},
    {"d", "d", -1, 1},
    {"c", "c", -2, 1},
    {"m", "m", -3, 1},
    {"u", "µ", -6, 1},
    {"n", "n", -9, 1},
    {"p", "p", -12, 1},
    {"f", "f", -15, 1},
    {"a", "a", -18, 1},
    {"z", "z", -21, 1},
    {"y", "y", -24, 1},
    {"Ki", "Ki", 0, 1024.0},
    {"Mi", "Mi", 0, 1048576.0},
    {"Gi", "Gi", 0, 1073741824.0},
    {"Ti", "Ti", 0, 1099511627776.0},
};

template <class Table>
auto find_in(const Table& table, std::string_view code) {
  const auto at = std::ranges::find(table, code, [](const auto& e) { return e.code; });
  return at == std::end(table) ? nullptr : &*at;
}

}  // namespace

const UnitAtom* find_unit_atom(std::string_view code) { return find_in(kAtoms, code); }
const UnitPrefix* find_unit_prefix(std::string_view code) { return find_in(kPrefixes, code); }

}  // namespace karez::model
