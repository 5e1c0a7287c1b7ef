// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <gtest/gtest.h>

namespace karez {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return fail(Errc::invalid_argument, "test.odd");
  return n / 2;
}
Result<int> quarter(int n) {
  KZ_TRY(const int h, half(n));
  KZ_CHECK(half(h));
  return h / 2;
}

TEST(Error, TakesTwoWordsAndAPointer) { EXPECT_LE(sizeof(Error), 3 * sizeof(void*)); }

TEST(Error, SaysWhatWhereAndHowToMendIt) {
  const Error e =
      Error(Errc::timeout, "net.deadline").with("No answer.").with("Tried twice.").cure("Open port 502.").at("/host");
  EXPECT_EQ(e.message(), "net.deadline: No answer. Tried twice. (at /host) Open port 502.");
  EXPECT_EQ(e.code(), Errc::timeout);
  EXPECT_EQ(Error(Errc::timeout, "net.deadline").message(), "net.deadline");
}

TEST(Error, CopiesAreIndependent) {
  Error a = Error(Errc::internal, "test.a").with("one");
  const Error b = a;
  a = std::move(a).with("two");
  EXPECT_EQ(b.text(), "one");
  a = b;
  EXPECT_EQ(a.text(), "one");
  const Error& same = a;
  a = same;
  EXPECT_EQ(a.text(), "one");
}

TEST(Try, PassesValuesAndErrors) {
  EXPECT_EQ(quarter(8), 2);
  EXPECT_EQ(quarter(6).error().slug(), "test.odd");
  EXPECT_EQ(quarter(5).error().slug(), "test.odd");
}

TEST(Errc, HasANameForEachCode) {
  for (unsigned char i = 0; i <= static_cast<unsigned char>(Errc::internal); ++i)
    EXPECT_FALSE(to_string(static_cast<Errc>(i)).empty());
}

TEST(Assert, EndsTheProgramOnOurOwnBugs) { EXPECT_DEATH(KZ_ASSERT(1 == 2), "1 == 2"); }

}  // namespace
}  // namespace karez
