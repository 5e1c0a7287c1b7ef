// SPDX-License-Identifier: Apache-2.0
#include "stream/latest.h"

#include <gtest/gtest.h>

#include <thread>

#include "stream/subscriptions.h"

namespace karez::stream {
namespace {

using model::BatchPool;
using model::BatchRef;
using model::PointId;
using model::Sample;
using model::ValueType;

Sample number(std::uint32_t point, std::int64_t time, double value, std::uint8_t flags = 0) {
  return {.time = from_ns(time),
          .bits = model::bits_of(value),
          .point = PointId{point},
          .type = ValueType::float64,
          .flags = flags};
}

class LatestTest : public ::testing::Test {
 protected:
  void put(std::initializer_list<Sample> samples) {
    const BatchRef batch = pool_.acquire();
    batch->header.received = from_ns(1'000);
    for (const Sample& s : samples) (void)batch->add(s);
    table_.update(*batch);
  }
  void put_text(std::uint32_t point, std::int64_t time, std::string_view text) {
    const BatchRef batch = pool_.acquire();
    (void)batch->add_text({.time = from_ns(time), .point = PointId{point}}, text);
    table_.update(*batch);
  }
  double value(std::uint32_t point) const { return model::as_double(table_.get(PointId{point}).bits); }

  BatchPool pool_{4};
  LatestTable table_;
};

TEST_F(LatestTest, KeepsTheNewestValue) {
  put({number(7, 10, 1.5), number(7, 20, 2.5), number(1'000'000, 5, 9.0)});
  EXPECT_EQ(value(7), 2.5);
  EXPECT_EQ(value(1'000'000), 9.0);
  EXPECT_EQ(table_.get(PointId{7}).received, from_ns(1'000));
}

TEST_F(LatestTest, AValueThatStillHoldsIsYoungAgainAndUnchanged) {
  put({number(7, 10, 1.5)});
  const std::uint64_t revision = table_.revision();
  const std::vector points{PointId{7}, PointId{8}};
  table_.seen(points, from_ns(5'000));
  table_.seen(points, from_ns(4'000));
  EXPECT_EQ(table_.get(PointId{7}).received, from_ns(5'000));
  EXPECT_EQ(table_.get(PointId{7}).time, from_ns(10));
  EXPECT_TRUE(table_.changed_since(points, revision).empty());
  EXPECT_FALSE(table_.get(PointId{8}).known());
}

TEST_F(LatestTest, KnowsNothingOfOtherPoints) {
  put({number(7, 10, 1.5)});
  EXPECT_FALSE(table_.get(PointId{8}).known());
  EXPECT_FALSE(table_.get(PointId{}).known());
  EXPECT_FALSE(table_.get(PointId{0xffffffff}).known());
  EXPECT_EQ(table_.get(PointId{8}).point, PointId{8});
}

TEST_F(LatestTest, IgnoresOlderAndBackfilledSamples) {
  put({number(7, 20, 2.0), number(7, 10, 1.0)});
  put({number(7, 30, 3.0, model::flag::kBackfilled)});
  EXPECT_EQ(value(7), 2.0);
}

TEST_F(LatestTest, TakesTheLaterOfTwoAtTheSameTime) {
  put({number(7, 20, 2.0)});
  put({number(7, 20, 3.0)});
  EXPECT_EQ(value(7), 3.0);
}

TEST_F(LatestTest, IgnoresPointZeroAndIdsBeyondTheTable) {
  put({number(0, 1, 1.0), number(0xffffffff, 1, 1.0), number(3, 1, 4.0), number(0, 1, 1.0)});
  EXPECT_EQ(value(3), 4.0);
  EXPECT_FALSE(table_.get(PointId{}).known());
}

TEST_F(LatestTest, CopiesTexts) {
  put_text(7, 1, "starting");
  put_text(7, 2, "run");
  EXPECT_EQ(table_.get(PointId{7}).text, "run");
  EXPECT_EQ(table_.get(PointId{7}).type, ValueType::text);
  put({number(7, 3, 1.0)});
  EXPECT_EQ(table_.get(PointId{7}).text, "");
}

TEST_F(LatestTest, TellsWhatChanged) {
  put({number(1, 1, 1.0), number(2, 1, 2.0)});
  const std::uint64_t seen = table_.revision();
  put({number(2, 2, 3.0)});
  const PointId points[] = {PointId{1}, PointId{2}, PointId{3}};
  const auto changed = table_.changed_since(points, seen);
  ASSERT_EQ(changed.size(), 1U);
  EXPECT_EQ(changed[0].point, PointId{2});
  EXPECT_EQ(table_.changed_since(points, 0).size(), 2U);
}

TEST_F(LatestTest, StartsFromTheStoreButPrefersWhatCameMeanwhile) {
  put({number(1, 10, 1.0)});
  table_.seed({.point = PointId{1}, .time = from_ns(5), .type = ValueType::float64, .bits = model::bits_of(9.0)});
  table_.seed({.point = PointId{2}, .time = from_ns(5), .type = ValueType::text, .text = "idle"});
  EXPECT_EQ(value(1), 1.0);
  EXPECT_EQ(table_.get(PointId{2}).text, "idle");
}

TEST_F(LatestTest, Forgets) {
  put({number(1, 10, 1.0)});
  table_.forget(PointId{1});
  table_.forget(PointId{99'999});
  EXPECT_FALSE(table_.get(PointId{1}).known());
}

TEST_F(LatestTest, LosesNoChangeBetweenLanesAndReaders) {
  constexpr std::int64_t kRounds = 3'000;
  Subscriptions all(table_, {});
  const std::vector<PointId> points{PointId{1}, PointId{5'000}};
  const auto reader = all.open(points).value();
  std::vector<std::jthread> lanes;
  for (const std::uint32_t point : {1U, 5'000U})
    lanes.emplace_back([this, point] {
      for (std::int64_t i = 1; i <= kRounds; ++i) {
        const BatchRef batch = pool_.acquire();
        (void)batch->add(number(point, i, static_cast<double>(i)));
        table_.update(*batch);
      }
    });
  double last[2] = {0, 0};
  while (last[0] < static_cast<double>(kRounds) || last[1] < static_cast<double>(kRounds)) {
    for (const Latest& v : reader->take()) {
      double& before = last[v.point == points[1]];
      EXPECT_GE(model::as_double(v.bits), before);
      before = model::as_double(v.bits);
    }
    std::this_thread::yield();
  }
}

TEST_F(LatestTest, SubscriberGetsAllOnceThenChangesConflated) {
  put({number(1, 1, 1.0), number(2, 1, 2.0)});
  Subscriptions all(table_, {});
  const PointId points[] = {PointId{2}, PointId{1}, PointId{2}, PointId{9}};
  const auto reader = all.open(points).value();
  EXPECT_EQ(reader->size(), 3U);
  EXPECT_EQ(reader->take().size(), 2U);
  EXPECT_TRUE(reader->take().empty());
  put({number(1, 2, 3.0), number(1, 3, 4.0), number(77, 1, 0.0)});
  const auto news = reader->take();
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(model::as_double(news[0].bits), 4.0);
}

TEST_F(LatestTest, SubscriberMayChangeItsPoints) {
  put({number(1, 1, 1.0), number(2, 1, 2.0)});
  Subscriptions all(table_, {.subscriptions = 1, .points_each = 2});
  const PointId one[] = {PointId{1}}, two[] = {PointId{2}}, many[] = {PointId{1}, PointId{2}, PointId{3}};
  const auto reader = all.open(one).value();
  (void)reader->take();
  ASSERT_TRUE(reader->replace(two));
  EXPECT_EQ(reader->take().at(0).point, PointId{2});
  EXPECT_EQ(reader->replace(many).error().slug(), "stream.too_many_points");
  EXPECT_EQ(reader->size(), 1U);
}

TEST_F(LatestTest, SubscriptionsAreBounded) {
  Subscriptions all(table_, {.subscriptions = 1, .points_each = 1});
  const PointId one[] = {PointId{1}}, two[] = {PointId{1}, PointId{2}};
  EXPECT_EQ(all.open(two).error().slug(), "stream.too_many_points");
  EXPECT_EQ(all.count(), 0U);
  auto reader = all.open(one).value();
  EXPECT_EQ(all.open(one).error().slug(), "stream.too_many_subscriptions");
  reader.reset();
  EXPECT_TRUE(all.open(one));
}

}  // namespace
}  // namespace karez::stream
