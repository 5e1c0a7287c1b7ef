// SPDX-License-Identifier: Apache-2.0
#include "model/enterprise.h"

#include <algorithm>

#include "base/format.h"

namespace karez::model {
namespace {

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

struct Section {
  char letter;
  int first, last;  // divisions
};
constexpr Section kSections[] = {{'A', 1, 5},   {'B', 6, 12},  {'C', 13, 43}, {'D', 44, 46}, {'E', 47, 50},
                                 {'F', 51, 52}, {'G', 53, 60}, {'H', 61, 62}, {'I', 63, 65}, {'J', 66, 69},
                                 {'K', 70, 70}, {'L', 71, 72}, {'M', 73, 75}, {'N', 76, 79}, {'O', 80, 82},
                                 {'P', 83, 83}, {'Q', 84, 85}, {'R', 86, 90}, {'S', 91, 96}, {'T', 97, 97}};

std::unexpected<Error> no_industry(std::string_view code) {
  return fail(Error(Errc::invalid_argument, "enterprise.industry")
                  .with(karez::format("'{}' is not a code of GB/T 4754-2017.", code.substr(0, 16)))
                  .cure("Write the section letter A to T and 0, 2, 3 or 4 digits, such as C1512."));
}

}  // namespace

Result<> check_uscc(std::string_view code) {
  // GB 32100 leaves out I, O, S, V and Z, which are easily misread.
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  if (code.size() != 18)
    return fail(Error(Errc::invalid_argument, "enterprise.uscc_length")
                    .with(karez::format("A unified social credit code has 18 characters, this has {}.", code.size())));
  std::size_t sum = 0, weight = 1, check = 0;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const auto value = kAlphabet.find(code[i]);
    // Characters 3 to 8 are the registration authority's GB/T 2260 code.
    if (value == std::string_view::npos || (i >= 2 && i < 8 && value > 9))
      return fail(Error(Errc::invalid_argument, "enterprise.uscc_character")
                      .with(karez::format("Character {} of a unified social credit code cannot be that.", i + 1))
                      .cure("Use digits and capital letters without I, O, S, V, Z; digits only in places 3 to 8."));
    if (i < 17) sum += value * weight;
    else check = value;
    weight = weight * 3 % 31;
  }
  if ((31 - sum % 31) % 31 != check)
    return fail(Error(Errc::invalid_argument, "enterprise.uscc_check_digit")
                    .with("The check digit of the unified social credit code is wrong.")
                    .cure("Compare it with the business licence; a character is mistyped."));
  return {};
}

Result<> check_industry(std::string_view code) {
  const bool length = code.size() == 1 || (code.size() >= 3 && code.size() <= 5);
  if (!length || !all_digits(code.substr(1))) return no_industry(code);
  for (const auto& [letter, first, last] : kSections) {
    if (letter != code[0]) continue;
    if (code.size() == 1) return {};
    const int division = (code[1] - '0') * 10 + (code[2] - '0');
    if (division < first || division > last)
      return fail(Error(Errc::invalid_argument, "enterprise.industry")
                      .with(karez::format("Section {} of GB/T 4754-2017 has divisions {:02} to {:02}, not {:02}.",
                                          letter, first, last, division)));
    return {};
  }
  return no_industry(code);
}

std::optional<IndustryName> industry_name(std::string_view code) {
  std::optional<IndustryName> best;
  for (const IndustryName& industry : industries())
    if (code.starts_with(industry.code) && (!best || industry.code.size() > best->code.size())) best = industry;
  return best;
}

Result<> check_region(std::string_view code) {
  if (code.size() == 6 && all_digits(code) && province_name(code)) return {};
  return fail(Error(Errc::invalid_argument, "enterprise.region")
                  .with(karez::format("'{}' is not a code of GB/T 2260.", code.substr(0, 16)))
                  .cure("Write six digits that begin with a province, such as 350100 for Fuzhou."));
}

std::optional<RegionName> province_name(std::string_view code) {
  for (const RegionName& province : provinces())
    if (code.starts_with(province.prefix)) return province;
  return std::nullopt;
}

}  // namespace karez::model
