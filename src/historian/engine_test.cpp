// SPDX-License-Identifier: Apache-2.0
#include "historian/engine.h"

#include <gtest/gtest.h>

#include "historian/testing/store_fixture.h"

namespace karez::historian {
namespace {

using testing::sample;

class EngineTest : public testing::StoreFixture {};

TEST_F(EngineTest, KeepsSamplesOverReopening) {
  open();
  write({sample(1, 1000, 1.5), sample(1, 2000, 2.5), sample(2, 1500, 7.0)});
  reopen();
  EXPECT_EQ(values(1), (std::vector<double>{1.5, 2.5}));
  EXPECT_EQ(values(2), (std::vector<double>{7.0}));
}

TEST_F(EngineTest, ReplaysTheLogWhenNothingWasFlushed) {
  options.flush_on_close = false;
  open();
  write({sample(1, 1000, 1.5), sample(1, 2000, 2.5)});
  reopen();
  EXPECT_EQ(values(1), (std::vector<double>{1.5, 2.5}));
  EXPECT_EQ(store->stats().segments, 0u);
  EXPECT_EQ(last(1).bits, model::bits_of(2.5));
}

TEST_F(EngineTest, ReadsHeadAndSegmentsTogether) {
  open();
  write({sample(1, 1000, 1), sample(1, 3000, 3)});
  ASSERT_TRUE(store->flush());
  write({sample(1, 2000, 2), sample(1, 3000, 33), sample(1, 4000, 4)});
  EXPECT_EQ(values(1), (std::vector<double>{1, 2, 33, 4}));
}

TEST_F(EngineTest, RefusesASecondProcess) {
  open();
  ManualClock other;
  const auto second = Engine::open(options, other, null_log());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().slug(), "store.locked");
  EXPECT_NE(second.error().text().find(std::to_string(::getpid())), std::string_view::npos);
}

}  // namespace
}  // namespace karez::historian
