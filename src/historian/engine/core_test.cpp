// SPDX-License-Identifier: Apache-2.0
// Steps of the engine that its interface runs only together.
#include "historian/engine/core.h"

#include <gtest/gtest.h>

#include "historian/engine/scan.h"
#include "historian/testing/store_fixture.h"

namespace karez::historian {
namespace {

using testing::sample;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 20'000 * kDayNs;
constexpr Scan::Range kAll{std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};

class CoreTest : public ::testing::Test {
 protected:
  CoreTest() {
    options_.dir = folder_.path() / "store";
    options_.background = false;
    options_.sync = SyncMode::off;
  }
  void open() {
    core_.emplace(options_, clock_, null_log());
    const auto opened = core_->open();
    ASSERT_TRUE(opened) << opened.error().message();
  }
  void write(std::int64_t first, std::int64_t count, std::int64_t step) {
    for (std::int64_t i = 0; i < count;) {
      model::BatchRef batch = pool_.acquire();
      for (; i < count && !batch->full(); ++i) ASSERT_TRUE(batch->add(sample(1, first + i * step, 1)));
      ASSERT_TRUE(core_->append(0, *batch));
    }
  }
  std::vector<SegmentInfo> segments() const {
    std::vector<SegmentInfo> out;
    const VersionPtr version = core_->version();
    for (const auto& [day, some] : version->partitions)
      for (const SegmentPtr& s : some) out.push_back(s->info);
    return out;
  }
  struct Walk {
    std::size_t groups = 0, rows = 0, largest = 0, by_figures = 0;
  };
  Walk walk(Scan::Order order = Scan::Order::oldest_first) {
    Walk out;
    Scan scan(core_->view(1, kAll.from, kAll.to), 1, kAll, order);
    ScanBuffers buffers;
    Columns rows;
    std::int64_t before = order == Scan::Order::oldest_first ? kAll.from : kAll.to;
    for (;;) {
      const auto group = scan.next();
      if (!group || *group == nullptr) break;
      EXPECT_TRUE(scan.load(**group, buffers, rows));
      if (!rows.empty()) {
        const bool newest_first = order == Scan::Order::newest_first;
        EXPECT_TRUE(newest_first ? rows.time.back() < before : rows.time.front() > before) << "groups in order";
        before = newest_first ? rows.time.front() : rows.time.back();
      }
      ++out.groups;
      out.rows += rows.size();
      out.largest = std::max(out.largest, rows.size());
      if (scan.figures(**group) != nullptr) ++out.by_figures;
    }
    return out;
  }

  TempDir folder_;
  ManualClock clock_;
  EngineOptions options_;
  model::BatchPool pool_{8};
  std::optional<Core> core_;
};

TEST_F(CoreTest, MergesApplyOnlyDeletesThatCannotBeLost) {
  ASSERT_NO_FATAL_FAILURE(open());
  write(kDay, 10, kSecond);
  ASSERT_TRUE(core_->flush());
  write(kDay + 10 * kSecond, 10, kSecond);
  ASSERT_TRUE(core_->flush());
  const std::uint64_t flushed = core_->stats().appended.lsn;
  const std::vector<std::uint32_t> points{1};
  ASSERT_TRUE(core_->remove(points, kDay, kDay + 5 * kSecond));
  ASSERT_TRUE(core_->merge(true));
  ASSERT_EQ(segments().size(), 1u);
  EXPECT_LE(segments().front().clean, flushed) << "the number of the delete may be given again";
  EXPECT_EQ(segments().front().rows, 20u);
  EXPECT_EQ(walk().rows, 15u);
  ASSERT_TRUE(core_->flush());
  ASSERT_TRUE(core_->merge(true));
  EXPECT_EQ(segments().front().rows, 15u);
  EXPECT_EQ(walk().rows, 15u);
}

TEST_F(CoreTest, SplitsLateRowsWhereOthersAreAlready) {
  ASSERT_NO_FATAL_FAILURE(open());
  write(kDay, 86'400, kSecond);
  ASSERT_TRUE(core_->flush());
  const Walk before = walk();
  write(kDay + kSecond / 2, 2, kDayNs - 10 * kSecond);
  ASSERT_TRUE(core_->flush());
  ASSERT_EQ(segments().size(), 2u);
  EXPECT_EQ(segments().back().chunks, 2u);
  const Walk after = walk();
  EXPECT_EQ(after.rows, 86'402u);
  EXPECT_GE(after.by_figures, before.by_figures - 2) << "the chunks in between are untouched";
}

/// Two rows far apart, and a whole day in between later: each chunk is read with the bridge alone.
TEST_F(CoreTest, ReadsADayUnderABridgeInSmallGroups) {
  ASSERT_NO_FATAL_FAILURE(open());
  write(kDay, 2, kDayNs - kSecond);
  ASSERT_TRUE(core_->flush());
  write(kDay + kSecond / 2, 80'000, kSecond);
  ASSERT_TRUE(core_->flush());
  write(kDay + kSecond / 4, 40'000, 2 * kSecond);
  ASSERT_TRUE(core_->flush());
  write(kDay + kSecond / 2, 5, kSecond);  // in memory: the same rows again
  for (const auto order : {Scan::Order::oldest_first, Scan::Order::newest_first}) {
    const Walk seen = walk(order);
    EXPECT_EQ(seen.rows, 120'002u);
    EXPECT_LE(seen.largest, 3 * kChunkRows);
    EXPECT_GT(seen.groups, 40u);
  }
  ASSERT_TRUE(core_->flush());
  ASSERT_TRUE(core_->merge(true));
  EXPECT_EQ(walk().rows, 120'002u);
  EXPECT_EQ(segments().front().rows, 120'002u);
}

TEST_F(CoreTest, BoundsTheDaysThatAreInMemory) {
  options_.head_days = 10;
  ASSERT_NO_FATAL_FAILURE(open());
  write(kDay, 8, kDayNs);
  model::BatchRef more = pool_.acquire();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(more->add(sample(1, kDay + (20 + i) * kDayNs, 1)));
  const auto busy = core_->append(0, *more);
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().slug(), "store.busy");
  write(kDay, 8, kDayNs);  // days that are there already
  ASSERT_TRUE(core_->flush());
  EXPECT_EQ(core_->stats().segments, 8u);
  EXPECT_TRUE(core_->append(0, *more));
  model::BatchRef many = pool_.acquire();
  for (int i = 0; i < 11; ++i) ASSERT_TRUE(many->add(sample(1, kDay + i * kDayNs, 1)));
  const auto refused = core_->append(0, *many);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().slug(), "store.too_many_days");
}

TEST_F(CoreTest, RefusesTimesOutsideItsWindow) {
  options_.oldest = from_ns(kDay);
  options_.newest = from_ns(kDay + kDayNs);
  ASSERT_NO_FATAL_FAILURE(open());
  for (const std::int64_t t : {kDay - 1, kDay + kDayNs, kAll.from, kAll.to}) {
    model::BatchRef batch = pool_.acquire();
    ASSERT_TRUE(batch->add(sample(1, kDay, 1)));
    ASSERT_TRUE(batch->add(sample(1, t, 1)));
    const auto refused = core_->append(0, *batch);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().slug(), "store.time_out_of_range");
  }
  EXPECT_EQ(core_->stats().samples_stored, 0u);
  write(kDay + kDayNs - 1, 1, 1);
}

}  // namespace
}  // namespace karez::historian
