// SPDX-License-Identifier: Apache-2.0
#include "model/unit.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace karez::model {
namespace {

double converted(double value, std::string_view from, std::string_view to) {
  const auto a = parse_unit(from), b = parse_unit(to);
  EXPECT_TRUE(a) << from << (a ? "" : a.error().message());
  EXPECT_TRUE(b) << to << (b ? "" : b.error().message());
  if (!a || !b) return NAN;
  const auto out = convert(value, *a, *b);
  EXPECT_TRUE(out) << from << " to " << to;
  return out.value_or(NAN);
}

std::string slug_of(std::string_view code) {
  const auto unit = parse_unit(code);
  return unit ? "" : std::string(unit.error().slug());
}

TEST(Unit, ConvertsByPublishedFactors) {
  struct Case {
    double value;
    std::string_view from, to;
    double want;
  };
  const Case cases[] = {
      {1, "[in_i]", "mm", 25.4},
      {100, "Cel", "[degF]", 212},
      {0, "Cel", "K", 273.15},
      {-40, "[degF]", "Cel", -40},
      {518.67, "[degR]", "K", 288.15},
      {1, "atm", "Pa", 101325},
      {1, "bar", "kPa", 100},
      {1, "[psi]", "kPa", 6.894757293168361},
      {1, "mm[Hg]", "Pa", 133.322},
      {1, "kW.h", "MJ", 3.6},
      {3600, "m3/h", "m3/s", 1},
      {60, "L/min", "m3/h", 3.6},
      {3000, "/min", "Hz", 50},
      {180, "deg", "rad", 3.141592653589793},
      {1, "att", "kPa", 98.0665},
      {1, "t", "kg", 1000},
      {1, "har", "m2", 10000},
      {1, "KiBy", "By", 1024},
      {1, "By", "bit", 8},
      {50, "%", "1", 0.5},
      {1, "10*3/uL", "/L", 1e9},
      {5, "mm2/s", "cSt", 5},
      {1, "mPa.s", "cP", 1},
      {1, "[gal_us]", "L", 3.785411784},
      {1, "[HP]", "W", 745.6998715822702},
      {1, "a", "d", 365.25},
      {20, "dB", "B", 2},
      {1, "N.m", "J", 1},
      {1, "kg.m2.s-3", "W", 1},
  };
  for (const Case& c : cases) {
    EXPECT_NEAR(converted(c.value, c.from, c.to), c.want, std::abs(c.want) * 1e-6 + 1e-9) << c.from << " to " << c.to;
  }
}

TEST(Unit, ShiftsOfTheDecimalPointAreExact) {
  EXPECT_EQ(converted(1.1, "L", "cm3"), 1100.0);
  EXPECT_EQ(converted(0.3, "mm", "m"), 0.0003);
  EXPECT_EQ(converted(1234.5, "g", "kg"), 1.2345);
  EXPECT_EQ(converted(1013.25, "mbar", "kPa"), 101.325);
}

TEST(Unit, ReadsTermsFromLeftToRight) {
  EXPECT_EQ(converted(1, "m/s.m", "m2/s"), 1.0);
  EXPECT_EQ(converted(1, "m/(s.m)", "/s"), 1.0);
  EXPECT_EQ(converted(1, "m/s/s", "m.s-2"), 1.0);
  EXPECT_EQ(converted(1, "/s", "Hz"), 1.0);
}

TEST(Unit, IgnoresAnnotationsInMeaning) {
  EXPECT_EQ(converted(7, "{pcs}/min", "/min"), 7.0);
  EXPECT_EQ(converted(7, "m3{norm}/h", "m3/h"), 7.0);
}

TEST(Unit, RefusesNonsense) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "unit.empty"},
      {"blah", "unit.unknown"},
      {"m//s", "unit.syntax"},
      {"m.", "unit.syntax"},
      {"(m", "unit.syntax"},
      {"m)", "unit.syntax"},
      {"m0", "unit.syntax"},
      {"m99", "unit.syntax"},
      {"0", "unit.syntax"},
      {"{a", "unit.syntax"},
      {"{a{b}}", "unit.syntax"},
      {"m s", "unit.unknown"},
      {"kmin", "unit.unknown"},
      {"k", "unit.unknown"},
      {"Cel/min", "unit.not_in_term"},
      {"Cel2", "unit.not_in_term"},
      {"/Cel", "unit.not_in_term"},
      {"[pH].m", "unit.not_in_term"},
      {"9999999999", "unit.out_of_range"},
      {"Ym30.Ym30", "unit.out_of_range"},
      {"[iU]/[CFU]", "unit.not_in_term"},
      {"((((((((((m))))))))))", "unit.syntax"},
      {"\xff\xfe", "unit.syntax"},
      {"m+", "unit.syntax"},
  };
  for (const auto& [code, slug] : cases) EXPECT_EQ(slug_of(code), slug) << code;
  EXPECT_EQ(slug_of(std::string(65, 'm')), "unit.too_long");
}

TEST(Unit, NamesTheColumnOfAMistake) { EXPECT_EQ(parse_unit("m3/blah").error().pointer(), "/4"); }

TEST(Unit, SaysWhichCodeWasMeant) { EXPECT_EQ(parse_unit("°C").error().cure_text(), "Write it as Cel."); }

TEST(Unit, DoesNotConvertBetweenDifferentThings) {
  for (const auto& [from, to] :
       {std::pair{"m", "s"}, {"[pH]", "1"}, {"dB", "1"}, {"mol", "1"}, {"By", "1"}, {"rad", "Hz"}}) {
    const auto out = convert(1, *parse_unit(from), *parse_unit(to));
    ASSERT_FALSE(out) << from << " to " << to;
    EXPECT_EQ(out.error().slug(), "unit.incompatible");
  }
}

TEST(Unit, ReportsOverflow) {
  EXPECT_EQ(convert(1e300, *parse_unit("Ym"), *parse_unit("ym")).error().slug(), "unit.out_of_range");
}

TEST(Unit, HasSymbolsForScreens) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"Cel", "°C"},
      {"m3/h", "m³/h"},
      {"um", "µm"},
      {"kW.h", "kW·h"},
      {"1", ""},
      {"/min", "1/min"},
      {"kg.m-3", "kg·m⁻³"},
      {"[degF]", "°F"},
      {"mm[Hg]", "mmHg"},
      {"10*3/uL", "10³/µL"},
      {"{pcs}/h", "pcs/h"},
      {"kPa{gauge}", "kPa(gauge)"},
      {"uS/cm", "µS/cm"},
      {"%", "%"},
      {"nonsense", "nonsense"},
      {"kOhm", "kΩ"},
  };
  for (const auto& [code, symbol] : cases) EXPECT_EQ(unit_symbol(code), symbol) << code;
}

TEST(Unit, GuessesFromWhatDevicesWrite) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"°C", "Cel"},    {"℃", "Cel"},        {"rpm", "/min"},  {"m³/h", "m3/h"}, {"kWh", "kW.h"},
      {"Nm", "N.m"},    {"pH", "[pH]"},      {"psi", "[psi]"}, {"ft", "[ft_i]"}, {"kPa", "kPa"},
      {" bar ", "bar"}, {"deg F", "[degF]"}, {"µm", "um"},     {"Ω", "Ohm"},
  };
  for (const auto& [text, code] : cases) EXPECT_EQ(guess_unit(text).value_or("none"), code) << text;
  EXPECT_FALSE(guess_unit("bananas"));
  EXPECT_FALSE(guess_unit(""));
}

TEST(Unit, EveryCommonUnitParsesAndIsListedOnce) {
  std::set<std::string_view> seen;
  for (const CommonUnit& unit : common_units()) {
    EXPECT_TRUE(parse_unit(unit.code)) << unit.code;
    EXPECT_TRUE(seen.insert(unit.code).second) << unit.code;
  }
}

TEST(Unit, CommonUnitsOfOneQuantityConvertToEachOther) {
  for (const CommonUnit& a : common_units()) {
    for (const CommonUnit& b : common_units()) {
      if (a.quantity == b.quantity && a.quantity != "concentration" && a.quantity != "rotation") {
        EXPECT_TRUE(parse_unit(a.code)->converts_to(*parse_unit(b.code))) << a.code << ' ' << b.code;
      }
    }
  }
}

TEST(UnitTable, GivesOneIdPerCode) {
  UnitTable table;
  const auto cel = table.intern("Cel"), kelvin = table.intern("K");
  ASSERT_TRUE(cel && kelvin);
  EXPECT_NE(*cel, *kelvin);
  EXPECT_EQ(*table.intern("Cel"), *cel);
  EXPECT_EQ(table.code(*cel), "Cel");
  EXPECT_NEAR(table.convert(20, *cel, *kelvin).value_or(0), 293.15, 1e-9);
}

TEST(UnitTable, RefusesUnknownIdsAndCodes) {
  UnitTable table;
  EXPECT_EQ(table.intern("bananas").error().slug(), "unit.unknown");
  EXPECT_EQ(table.convert(1, UnitId{1}, UnitId{}).error().slug(), "unit.unknown_id");
  EXPECT_EQ(table.code(UnitId{7}), "");
}

}  // namespace
}  // namespace karez::model
