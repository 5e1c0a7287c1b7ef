// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <mutex>

#include "historian/time_series_store.h"

/// What every TimeSeriesStore must do. An implementation's test includes this header and instantiates
/// `StoreConformance` with a way to make and reopen itself:
///   INSTANTIATE_TEST_SUITE_P(Engine, StoreConformance, ::testing::Values(engine_under_test()));
namespace karez::historian {

/// An empty store with two lanes; `reopen` ends it in order and opens it again.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual TimeSeriesStore& store() = 0;
  virtual void reopen() = 0;
};
using MakeStore = std::function<std::unique_ptr<StoreUnderTest>()>;

class StoreConformance : public ::testing::TestWithParam<MakeStore> {
 protected:
  static constexpr std::int64_t kT = 1'784'000'000'000'000'000;
  static constexpr std::int64_t kMs = 1'000'000;
  static Timestamp at(std::int64_t ms) { return from_ns(kT + ms * kMs); }
  static TimeRange all() { return {at(-1'000'000), at(1'000'000)}; }

  void SetUp() override { under_test_ = GetParam()(); }
  TimeSeriesStore& store() { return under_test_->store(); }
  void reopen() { under_test_->reopen(); }

  static model::Sample number(std::uint32_t point, std::int64_t ms, double v,
                              model::Quality q = model::quality::kGood) {
    return {
        .time = at(ms), .bits = model::bits_of(v), .point = {point}, .quality = q, .type = model::ValueType::float64};
  }
  static model::Sample gap(std::uint32_t point, std::int64_t ms) {
    return {.time = at(ms), .point = {point}, .quality = model::quality::kBadNotConnected, .flags = model::flag::kGap};
  }
  model::BatchRef block(std::initializer_list<model::Sample> samples) {
    model::BatchRef batch = pool_.acquire();
    for (const auto& s : samples) EXPECT_TRUE(batch->add(s));
    return batch;
  }
  Ticket append(const model::BatchRef& batch, unsigned lane = 0) {
    const auto ticket = store().append(lane, batch);
    EXPECT_TRUE(ticket) << ticket.error().message();
    if (!ticket) return {};
    EXPECT_TRUE(store().wait_durable(*ticket, std::chrono::seconds(60)));
    return *ticket;
  }
  RawPage raw(std::uint32_t point, TimeRange range = all()) {
    auto page = store().raw({.point = {point}, .range = range});
    EXPECT_TRUE(page) << page.error().message();
    return page.value_or(RawPage{});
  }
  LastValue last(std::uint32_t point) {
    const model::PointId id{point};
    auto found = store().last({&id, 1});
    EXPECT_TRUE(found);
    return found ? found->at(0) : LastValue{};
  }
  Result<std::vector<BucketSeries>> buckets(std::uint32_t point, TimeRange range, std::int64_t step_ms,
                                            bool weighted = false, std::size_t limit = 1000) {
    const model::PointId id{point};
    return store().buckets({.points = {&id, 1},
                            .range = range,
                            .step = Duration(step_ms * kMs),
                            .time_weighted = weighted,
                            .max_buckets = limit});
  }

 private:
  model::BatchPool pool_{32};
  std::unique_ptr<StoreUnderTest> under_test_;
};

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreConformance);

TEST_P(StoreConformance, KeepsEveryTypeBitForBitOverReopening) {
  const std::uint64_t odd[] = {0x8000000000000000, 0x7ff8000000000123, 0x7ff0000000000000, 0xfff0000000000000, 1};
  model::BatchRef batch = block({});
  std::int64_t ms = 0;
  for (const std::uint64_t bits : odd) {
    model::Sample s = number(1, ms++, 0);
    s.bits = bits;
    s.flags = model::flag::kSubstituted;
    EXPECT_TRUE(batch->add(s));
  }
  EXPECT_TRUE(batch->add(
      {.time = at(0), .bits = model::bits_of(std::int64_t{-5}), .point = {2}, .type = model::ValueType::int64}));
  EXPECT_TRUE(batch->add({.time = at(0),
                          .bits = 1,
                          .point = {3},
                          .quality = model::quality::kUncertain,
                          .type = model::ValueType::boolean}));
  EXPECT_TRUE(batch->add_text({.time = at(0), .point = {4}}, "温度 \xF0\x9F\x94\xA5"));
  EXPECT_TRUE(batch->add_text({.time = at(1), .point = {4}}, ""));
  append(batch);
  reopen();
  const RawPage page = raw(1);
  ASSERT_EQ(page.rows.size(), std::size(odd));
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    EXPECT_EQ(page.rows[i].bits, odd[i]);
    EXPECT_EQ(page.rows[i].flags, model::flag::kSubstituted);
  }
  EXPECT_EQ(model::as_int64(raw(2).rows.at(0).bits), -5);
  EXPECT_EQ(raw(3).rows.at(0).type, model::ValueType::boolean);
  EXPECT_EQ(raw(3).rows.at(0).quality, model::quality::kUncertain);
  const RawPage texts = raw(4);
  ASSERT_EQ(texts.rows.size(), 2u);
  EXPECT_EQ(texts.texts.at(texts.rows[0].bits), "温度 \xF0\x9F\x94\xA5");
  EXPECT_EQ(texts.texts.at(texts.rows[1].bits), "");
  EXPECT_EQ(last(4).text, "");
}

TEST_P(StoreConformance, LetsTheLaterAppendWinWhateverTheLaneOrFlush) {
  append(block({number(1, 0, 1), number(1, 1, 1)}), 0);
  append(block({number(1, 0, 2)}), 1);
  ASSERT_TRUE(store().flush());
  append(block({number(1, 1, 3), number(1, 1, 4)}), 0);
  const RawPage page = raw(1);
  ASSERT_EQ(page.rows.size(), 2u);
  EXPECT_EQ(model::as_double(page.rows[0].bits), 2);
  EXPECT_EQ(model::as_double(page.rows[1].bits), 4);
  EXPECT_EQ(model::as_double(last(1).bits), 4);
}

TEST_P(StoreConformance, TakesARetriedBlockOnce) {
  const auto batch = block({number(1, 0, 1), number(1, 1, 2)});
  const Ticket first = append(batch), second = append(batch);
  EXPECT_LT(first, second);
  EXPECT_EQ(raw(1).rows.size(), 2u);
}

TEST_P(StoreConformance, SortsLateSamplesIn) {
  append(block({number(1, 10, 10), number(1, 30, 30)}));
  ASSERT_TRUE(store().flush());
  append(block({number(1, 20, 20), number(1, 5, 5)}));
  std::vector<double> seen;
  for (const Point& p : raw(1).rows) seen.push_back(model::as_double(p.bits));
  EXPECT_EQ(seen, (std::vector<double>{5, 10, 20, 30}));
  EXPECT_EQ(model::as_double(last(1).bits), 30) << "a late sample never owns the last value";
}

TEST_P(StoreConformance, PagesAHalfOpenRangeInBothDirections) {
  append(block({number(1, 0, 0), number(1, 1, 1), number(1, 2, 2), number(1, 3, 3)}));
  auto page = store().raw({.point = {1}, .range = {at(0), at(3)}, .limit = 2});
  ASSERT_TRUE(page);
  ASSERT_EQ(page->rows.size(), 2u);
  EXPECT_TRUE(page->more);
  page = store().raw({.point = {1}, .range = {page->rows.back().time + Duration(1), at(3)}, .limit = 2});
  ASSERT_EQ(page->rows.size(), 1u);
  EXPECT_FALSE(page->more);
  page = store().raw({.point = {1}, .range = {at(0), at(3)}, .limit = 2, .newest_first = true});
  ASSERT_EQ(page->rows.size(), 2u);
  EXPECT_EQ(page->rows[0].time, at(2));
  EXPECT_TRUE(page->more);
}

TEST_P(StoreConformance, AnswersNothingForAPointItNeverSaw) {
  EXPECT_TRUE(raw(77).rows.empty());
  EXPECT_FALSE(last(77).known());
  EXPECT_EQ(last(77).point, model::PointId{77});
  const auto found = buckets(77, {at(0), at(10)}, 1);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->at(0).buckets.empty());
}

TEST_P(StoreConformance, FillsBucketsFromGoodNumbersOnly) {
  append(
      block({number(1, 0, 4), number(1, 1, 2), number(1, 2, 100, model::quality::kBad), number(1, 25, 7), gap(1, 26)}));
  const auto found = buckets(1, {at(0), at(30)}, 10);
  ASSERT_TRUE(found);
  const auto& b = found->at(0).buckets;
  ASSERT_EQ(b.size(), 2u) << "the empty one is left out";
  EXPECT_EQ(b[0].start, at(0));
  EXPECT_EQ(b[0].count, 3u);
  EXPECT_EQ(b[0].good, 2u);
  EXPECT_EQ(b[0].min, 2);
  EXPECT_EQ(b[0].max, 4);
  EXPECT_EQ(b[0].sum, 6);
  EXPECT_EQ(b[0].mean, 3);
  EXPECT_EQ(b[0].first, 4);
  EXPECT_EQ(b[0].last, 2);
  EXPECT_EQ(b[0].last_time, at(1));
  EXPECT_EQ(b[0].worst, model::quality::kBad);
  EXPECT_TRUE(std::isnan(b[0].time_weighted_mean));
  EXPECT_EQ(b[1].start, at(20));
  EXPECT_EQ(b[1].count, 1u);
}

TEST_P(StoreConformance, WeighsByTimeFromTheSampleBeforeTheRangeToTheNextOne) {
  append(block({number(1, -5, 10), number(1, 4, 20), gap(1, 8), number(1, 12, 40), number(1, 20, 0)}));
  const auto found = buckets(1, {at(0), at(20)}, 10, true);
  ASSERT_TRUE(found);
  const auto& b = found->at(0).buckets;
  ASSERT_EQ(b.size(), 2u);
  EXPECT_NEAR(b[0].time_weighted_mean, (10.0 * 4 + 20.0 * 4) / 8, 1e-9);
  EXPECT_NEAR(b[1].time_weighted_mean, 40, 1e-9);
}

TEST_P(StoreConformance, RefusesTooManyBuckets) {
  append(block({number(1, 0, 1), number(1, 1, 1), number(1, 2, 1)}));
  const auto found = buckets(1, {at(0), at(10)}, 1, false, 2);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().slug(), "store.too_many_buckets");
}

TEST_P(StoreConformance, ReducesATrendAndKeepsItsGaps) {
  model::BatchRef batch = block({number(1, -10, 5)});
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(batch->add(i == 250 ? gap(1, i) : number(1, i, i)));
  append(batch);
  const auto whole = store().trend({.point = {1}, .range = {at(0), at(500)}, .columns = 250});
  ASSERT_TRUE(whole);
  EXPECT_FALSE(whole->reduced);
  EXPECT_EQ(whole->samples, 500u);
  ASSERT_EQ(whole->raw.size(), 501u) << "with the one before";
  EXPECT_EQ(whole->raw.front().time, at(-10));
  const auto reduced = store().trend({.point = {1}, .range = {at(0), at(500)}, .columns = 100});
  ASSERT_TRUE(reduced);
  EXPECT_TRUE(reduced->reduced);
  ASSERT_EQ(reduced->columns.size(), 100u);
  EXPECT_EQ(reduced->columns[3].min, 15);
  EXPECT_EQ(reduced->columns[3].max, 19);
  ASSERT_EQ(reduced->gaps.size(), 1u);
  EXPECT_EQ(reduced->gaps[0].from, at(250));
  EXPECT_EQ(reduced->gaps[0].to, at(251));
  EXPECT_EQ(reduced->gaps[0].cause, model::quality::kBadNotConnected);
}

TEST_P(StoreConformance, RemovesARangeForGoodAndAgain) {
  append(block({number(1, 0, 0), number(1, 1, 1), number(1, 2, 2), number(2, 1, 9)}));
  ASSERT_TRUE(store().flush());
  append(block({number(1, 3, 3)}));
  const model::PointId point{1};
  ASSERT_TRUE(store().remove({&point, 1}, {at(1), at(10)}));
  ASSERT_TRUE(store().remove({&point, 1}, {at(1), at(10)}));
  EXPECT_EQ(raw(1).rows.size(), 1u);
  EXPECT_EQ(raw(2).rows.size(), 1u);
  EXPECT_EQ(last(1).time, at(0));
  append(block({number(1, 2, 22)}));
  reopen();
  ASSERT_EQ(raw(1).rows.size(), 2u) << "what is written later stays";
  EXPECT_EQ(model::as_double(last(1).bits), 22);
}

TEST_P(StoreConformance, RetainsWholeDays) {
  constexpr std::int64_t kDay = 86'400'000;
  append(block({number(1, -3 * kDay, 1), number(1, 0, 2), number(2, -3 * kDay, 3)}));
  ASSERT_TRUE(store().retain(at(-kDay)));
  EXPECT_EQ(raw(1, {at(-5 * kDay), at(kDay)}).rows.size(), 1u);
  EXPECT_TRUE(raw(2, {at(-5 * kDay), at(kDay)}).rows.empty());
  EXPECT_FALSE(last(2).known());
}

TEST_P(StoreConformance, TellsTheListenerAGrowingWatermark) {
  std::mutex mutex;
  std::vector<Ticket> told;
  store().on_durable([&](Ticket durable, const Error* failed) {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(failed, nullptr);
    told.push_back(durable);
  });
  Ticket newest;
  for (int i = 0; i < 20; ++i) newest = append(block({number(1, i, i)}), static_cast<unsigned>(i % 2));
  EXPECT_GE(store().stats().durable, newest);
  reopen();  // everything was told by then
  const std::lock_guard lock(mutex);
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(std::ranges::is_sorted(told));
  EXPECT_GE(told.back(), newest);
}

TEST_P(StoreConformance, RefusesQueriesThatAskTooMuch) {
  EXPECT_FALSE(store().raw({.point = {1}, .range = all(), .limit = 0}));
  EXPECT_FALSE(store().raw({.point = {1}, .range = all(), .limit = 1'000'001}));
  EXPECT_FALSE(store().trend({.point = {1}, .range = all(), .columns = 4001}));
  EXPECT_FALSE(buckets(1, all(), 0));
  EXPECT_TRUE(raw(1, {at(5), at(1)}).rows.empty());
}

TEST_P(StoreConformance, CountsWhatItHolds) {
  append(block({number(1, 0, 0), number(1, 1, 1), number(2, 0, 0)}));
  const StoreStats s = store().stats();
  EXPECT_EQ(s.points, 2u);
  EXPECT_EQ(s.samples_appended, 3u);
  EXPECT_EQ(s.samples_stored, 3u);
  EXPECT_FALSE(s.poisoned);
  EXPECT_EQ(s.appended, s.durable);
}

}  // namespace karez::historian
