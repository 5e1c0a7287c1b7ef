// SPDX-License-Identifier: Apache-2.0
#include "model/enterprise.h"

#include <gtest/gtest.h>

namespace karez::model {
namespace {

TEST(Uscc, AcceptsPublishedCodes) {
  for (const char* code :
       {"91350100M000100Y43", "91330100799655058B", "9144030071526726XG", "914403001922038216", "91110000802100433B"})
    EXPECT_TRUE(check_uscc(code)) << code;
}

TEST(Uscc, FindsEveryMistypedCharacter) {
  const std::string right = "91350100M000100Y43";
  for (std::size_t i = 0; i < right.size(); ++i)
    for (const char c : std::string_view("0123456789ABCDEFGHJKLMNPQRTUWXY")) {
      if (c == right[i]) continue;
      std::string wrong = right;
      wrong[i] = c;
      EXPECT_FALSE(check_uscc(wrong)) << wrong;
    }
}

TEST(Uscc, SaysWhatIsWrong) {
  EXPECT_EQ(check_uscc("9135").error().slug(), "enterprise.uscc_length");
  EXPECT_EQ(check_uscc("").error().slug(), "enterprise.uscc_length");
  EXPECT_EQ(check_uscc("91350100M000100O43").error().slug(), "enterprise.uscc_character");
  EXPECT_EQ(check_uscc("91350100m000100y43").error().slug(), "enterprise.uscc_character");
  EXPECT_EQ(check_uscc("91A50100M000100Y43").error().slug(), "enterprise.uscc_character");
  EXPECT_EQ(check_uscc("91350100M000100Y44").error().slug(), "enterprise.uscc_check_digit");
}

TEST(Industry, PairsSectionAndDivision) {
  for (const char* code : {"C", "C15", "C151", "C1512", "A01", "T97", "D4411", "I65", "S9600"})
    EXPECT_TRUE(check_industry(code)) << code;
  for (const char* code : {"", "C1", "C12", "C44", "A13", "U01", "c15", "C15123", "15", "C1X", "A00", "制"})
    EXPECT_EQ(check_industry(code).error().slug(), "enterprise.industry") << code;
}

TEST(Industry, NamesSectionsAndManufacturing) {
  EXPECT_EQ(industry_name("C1512")->zh, "酒、饮料和精制茶制造业");
  EXPECT_EQ(industry_name("D44")->en, "Production and supply of electricity, heat, gas and water");
  EXPECT_FALSE(industry_name("Z"));
  std::size_t sections = 0, divisions = 0;
  for (const auto& industry : industries()) {
    EXPECT_TRUE(check_industry(industry.code)) << industry.code;
    (industry.code.size() == 1 ? sections : divisions) += 1;
  }
  EXPECT_EQ(sections, 20U);
  EXPECT_EQ(divisions, 31U);
}

TEST(Region, NeedsAProvince) {
  EXPECT_TRUE(check_region("350100"));
  EXPECT_EQ(province_name("350100")->zh, "福建省");
  for (const char* code : {"", "35010", "3501000", "000000", "160000", "35010x"})
    EXPECT_EQ(check_region(code).error().slug(), "enterprise.region") << code;
}

}  // namespace
}  // namespace karez::model
