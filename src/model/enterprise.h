// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/error.h"

/// The codes by which an enterprise is known to Chinese authorities. Only shape, check digit and
/// published tables are tested; nobody is asked whether the enterprise exists.
/// Thread: any.
namespace karez::model {

/// Unified social credit code (GB 32100-2015): 18 characters, the last a check digit modulo 31.
/// Upper case only. Errors: enterprise.uscc_length, enterprise.uscc_character, enterprise.uscc_check_digit.
Result<> check_uscc(std::string_view code);

/// Economic activity (GB/T 4754-2017): section letter A-T, alone or with the 2, 3 or 4 digits of
/// division, group or class; a division must belong to its section. Groups and classes are not looked
/// up. Errors: enterprise.industry.
Result<> check_industry(std::string_view code);

struct IndustryName {
  std::string_view code, zh, en;  ///< code "C" or "C15"
};
/// All 20 sections, each followed by its divisions where these are listed (manufacturing, 13-43).
std::span<const IndustryName> industries();
/// The longest listed code that `code` begins with ("C1512" gives "C15"); nothing for an unknown section.
std::optional<IndustryName> industry_name(std::string_view code);

/// Administrative division (GB/T 2260): six digits whose first two are a province. "000000" is refused.
/// Errors: enterprise.region.
Result<> check_region(std::string_view code);

struct RegionName {
  std::string_view prefix, zh, en;  ///< "35", "福建省", "Fujian"
};
/// The 34 provinces, autonomous regions, municipalities and special administrative regions.
std::span<const RegionName> provinces();
/// Province of a region code; nothing when unknown.
std::optional<RegionName> province_name(std::string_view code);

}  // namespace karez::model
