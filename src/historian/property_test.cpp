// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "base/format.h"
#include "historian/testing/naive_store.h"
#include "historian/testing/store_fixture.h"

namespace karez::historian {
namespace {

constexpr std::uint32_t kPoints = 7;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'784'000'000 * kSecond;  // a July evening, some hours before midnight
constexpr std::int64_t kSpan = 3 * 86'400 * kSecond;

/// Random work on a store and on the naive one side by side.
class PropertyTest : public testing::StoreFixture, public ::testing::WithParamInterface<std::uint64_t> {
 protected:
  std::uint64_t pick(std::uint64_t n) { return random_() % n; }
  bool chance(unsigned percent) { return pick(100) < percent; }
  std::uint32_t some_point() { return static_cast<std::uint32_t>(1 + pick(kPoints)); }
  std::int64_t some_time() { return kStart + static_cast<std::int64_t>(pick(kSpan / kSecond)) * kSecond; }
  TimeRange some_range() {
    const std::int64_t a = some_time(), b = some_time();
    if (chance(10)) return {from_ns(kStart - kSpan), from_ns(kStart + 2 * kSpan)};
    return {from_ns(std::min(a, b)), from_ns(std::max(a, b) + 1)};
  }

  std::uint64_t some_bits(model::ValueType type) {
    constexpr std::uint64_t kOdd[] = {0x8000000000000000, 0x7ff8000000000123, 0xfff0000000000000, 0x7ff0000000000001};
    if (type == model::ValueType::boolean) return pick(2);
    if (type == model::ValueType::int64) return chance(5) ? random_() : pick(1000);
    if (chance(3)) return kOdd[pick(4)];
    if (chance(10)) return model::bits_of(static_cast<double>(random_()) / 3.0);
    return model::bits_of(static_cast<double>(static_cast<std::int64_t>(pick(2000)) - 1000) / 10.0);
  }

  model::Quality some_quality() {
    constexpr model::Quality kSome[] = {model::quality::kUncertain, model::quality::kBadNotConnected,
                                        model::quality::kBadTimeout};
    return chance(85) ? model::quality::kGood : kSome[pick(3)];
  }

  void add_sample(model::SampleBatch& batch, std::int64_t time) {
    const std::uint32_t point = some_point();
    model::Sample s{.time = from_ns(time), .point = {point}, .quality = some_quality()};
    if (chance(10)) s.flags = static_cast<std::uint8_t>(pick(16));
    if (chance(6)) {
      s.flags |= model::flag::kGap;
      s.quality = model::quality::kBadNotConnected;
      (void)batch.add(s);
    } else if (point == 1) {
      (void)batch.add_text(s, std::string(pick(40), static_cast<char>('a' + pick(26))));
    } else {
      s.type = point == 2   ? model::ValueType::boolean
               : point == 3 ? model::ValueType::int64
                            : model::ValueType::float64;
      s.bits = some_bits(s.type);
      (void)batch.add(s);
    }
  }

  void append() {
    model::BatchRef batch = pool.acquire();
    const std::size_t n = chance(20) ? 1 + pick(1000) : 1 + pick(60);
    for (std::size_t i = 0; i < n; ++i) {
      if (chance(90)) clock_ns_ = std::min(clock_ns_ + static_cast<std::int64_t>(pick(20)) * kSecond, kStart + kSpan);
      add_sample(*batch, chance(90) ? clock_ns_ : some_time());
    }
    auto ticket = store->append(static_cast<unsigned>(pick(options.lanes)), batch);
    while (!ticket && ticket.error().slug() == "store.busy") {
      ASSERT_TRUE(store->flush());
      ticket = store->append(0, batch);
    }
    ASSERT_TRUE(ticket) << ticket.error().message();
    naive_.append(*batch);
  }

  void step() {
    switch (pick(20)) {
      case 0:
      case 1: ASSERT_TRUE(store->flush()); break;
      case 2: ASSERT_TRUE(store->compact()); break;
      case 3:
        options.flush_on_close = chance(50);
        options.lanes = static_cast<unsigned>(1 + pick(3));
        ASSERT_NO_FATAL_FAILURE(reopen());
        break;
      case 4:
      case 5: {
        const TimeRange range = some_range();
        const std::vector<model::PointId> points{{some_point()}, {some_point()}};
        ASSERT_TRUE(store->remove(points, range));
        for (const auto p : points) naive_.remove(p.value, to_ns(range.from), to_ns(range.to));
        break;
      }
      case 6:
        if (chance(10)) {
          const std::int64_t from = some_time();
          ASSERT_TRUE(store->retain(from_ns(from)));
          naive_.retain(from - from % (86'400 * kSecond));
        }
        break;
      default: ASSERT_NO_FATAL_FAILURE(append());
    }
  }

  static void expect_row(const Point& p, const std::vector<std::string>& texts, std::int64_t time,
                         const testing::NaiveStore::Value& v) {
    ASSERT_EQ(to_ns(p.time), time);
    ASSERT_EQ(p.type, v.type);
    ASSERT_EQ(p.quality, v.quality);
    ASSERT_EQ(p.flags, v.flags);
    if (v.type == model::ValueType::text) ASSERT_EQ(texts.at(p.bits), v.text);
    else ASSERT_EQ(p.bits, v.bits);
  }

  void check_raw(std::uint32_t point) {
    const TimeRange range = some_range();
    const bool newest_first = chance(50);
    const std::size_t limit = chance(50) ? 1 + pick(50) : 100'000;
    const auto page = store->raw({.point = {point}, .range = range, .limit = limit, .newest_first = newest_first});
    ASSERT_TRUE(page) << page.error().message();
    const auto& series = naive_.series(point);
    const auto begin = series.lower_bound(to_ns(range.from)), end = series.lower_bound(to_ns(range.to));
    const auto total = static_cast<std::size_t>(std::distance(begin, end));
    ASSERT_EQ(page->rows.size(), std::min(total, limit));
    ASSERT_EQ(page->more, total > limit);
    auto it = newest_first ? end : begin;
    for (const Point& p : page->rows) {
      if (newest_first) --it;
      ASSERT_NO_FATAL_FAILURE(expect_row(p, page->texts, it->first, it->second));
      if (!newest_first) ++it;
    }
  }

  static void expect_near(double a, double b, const char* what) {
    if (std::isnan(b) || std::isinf(b)) {
      ASSERT_EQ(std::isnan(a), std::isnan(b)) << what;
      if (!std::isnan(b)) {
        ASSERT_EQ(a, b) << what;
      }
    } else {
      ASSERT_NEAR(a, b, 1e-9 * (1 + std::fabs(b)) + 1e4 * (std::fabs(b) > 1e12)) << what;
    }
  }

  static void expect_buckets(const std::vector<Bucket>& a, const std::vector<Bucket>& b, bool weighted) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      ASSERT_EQ(a[i].start, b[i].start);
      ASSERT_EQ(a[i].count, b[i].count);
      ASSERT_EQ(a[i].good, b[i].good);
      ASSERT_EQ(a[i].worst, b[i].worst);
      ASSERT_EQ(a[i].first_time, b[i].first_time);
      ASSERT_EQ(a[i].last_time, b[i].last_time);
      expect_near(a[i].min, b[i].min, "min");
      expect_near(a[i].max, b[i].max, "max");
      expect_near(a[i].first, b[i].first, "first");
      expect_near(a[i].last, b[i].last, "last");
      // sums of values far apart depend on their order
      const double magnitude = std::max(std::fabs(b[i].min), std::fabs(b[i].max));
      if (magnitude > 1e9) continue;
      expect_near(a[i].sum, b[i].sum, "sum");
      expect_near(a[i].mean, b[i].mean, "mean");
      if (weighted && magnitude < 1e9) expect_near(a[i].time_weighted_mean, b[i].time_weighted_mean, "weighted");
    }
  }

  void check_buckets(std::uint32_t point) {
    const TimeRange range = some_range();
    const std::int64_t step = static_cast<std::int64_t>(60 + pick(40'000)) * kSecond / (chance(50) ? 1 : 7);
    const bool weighted = chance(50);
    const model::PointId id{point};
    const auto found =
        store->buckets({.points = {&id, 1}, .range = range, .step = Duration(step), .time_weighted = weighted});
    ASSERT_TRUE(found) << found.error().message();
    const auto expected = naive_.buckets(point, to_ns(range.from), to_ns(range.to), step, weighted, to_ns(clock.now()));
    expect_buckets(found->front().buckets, expected, weighted);
  }

  void check_trend(std::uint32_t point) {
    const TimeRange range = some_range();
    const std::size_t columns = 1 + pick(300);
    const auto trend = store->trend({.point = {point}, .range = range, .columns = columns});
    ASSERT_TRUE(trend) << trend.error().message();
    const auto& series = naive_.series(point);
    auto it = series.lower_bound(to_ns(range.from));
    const auto end = series.lower_bound(to_ns(range.to));
    const auto total = static_cast<std::size_t>(std::distance(it, end));
    ASSERT_EQ(trend->samples, total);
    ASSERT_EQ(trend->reduced, total > 2 * columns);
    const auto gaps = naive_.gaps(point, to_ns(range.from), to_ns(range.to));
    ASSERT_EQ(trend->gaps.size(), gaps.size());
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      ASSERT_EQ(trend->gaps[i].from, gaps[i].from);
      ASSERT_EQ(trend->gaps[i].to, gaps[i].to);
      ASSERT_EQ(trend->gaps[i].cause, gaps[i].cause);
    }
    if (trend->reduced) {
      const std::int64_t span = to_ns(range.to) - to_ns(range.from);
      const auto n = static_cast<std::int64_t>(columns);
      expect_buckets(trend->columns,
                     naive_.buckets(point, to_ns(range.from), to_ns(range.to), (span + n - 1) / n, false, 0), false);
      return;
    }
    if (it != series.begin()) --it;
    ASSERT_EQ(trend->raw.size(), static_cast<std::size_t>(std::distance(it, end)));
    for (const Point& p : trend->raw) {
      ASSERT_NO_FATAL_FAILURE(expect_row(p, trend->texts, it->first, it->second));
      ++it;
    }
  }

  void check_last() {
    std::vector<model::PointId> points;
    for (std::uint32_t p = 1; p <= kPoints + 1; ++p) points.push_back({p});
    const auto found = store->last(points);
    ASSERT_TRUE(found);
    for (const LastValue& v : *found) {
      const auto& series = naive_.series(v.point.value);
      ASSERT_EQ(v.known(), !series.empty()) << v.point.value;
      if (series.empty()) continue;
      const auto& [time, value] = *series.rbegin();
      ASSERT_NO_FATAL_FAILURE(expect_row(
          {v.time, v.type, v.type == model::ValueType::text ? 0 : v.bits, v.quality, v.flags}, {v.text}, time, value));
    }
  }

  void check() {
    ASSERT_NO_FATAL_FAILURE(check_last());
    for (int i = 0; i < 3; ++i) {
      ASSERT_NO_FATAL_FAILURE(check_raw(some_point()));
      ASSERT_NO_FATAL_FAILURE(check_buckets(some_point()));
      ASSERT_NO_FATAL_FAILURE(check_trend(some_point()));
    }
  }

  std::mt19937_64 random_{GetParam()};
  testing::NaiveStore naive_;
  std::int64_t clock_ns_ = kStart;
};

TEST_P(PropertyTest, AnswersAsTheNaiveStore) {
  clock.jump_to(from_ns(kStart + kSpan / 2 + static_cast<std::int64_t>(pick(kSpan))));
  options.head_bytes = chance(50) ? 64u << 20 : 1u << 20;
  options.background = chance(40);
  options.merge_layers = 2 + static_cast<unsigned>(pick(3));
  options.wal_file_bytes = 64u << 10;
  ASSERT_NO_FATAL_FAILURE(open());
  for (int i = 0; i < 60; ++i) {
    SCOPED_TRACE(karez::format("step {}", i));
    ASSERT_NO_FATAL_FAILURE(step());
    if (chance(30)) {
      ASSERT_NO_FATAL_FAILURE(check());
    }
  }
  ASSERT_NO_FATAL_FAILURE(reopen());
  ASSERT_NO_FATAL_FAILURE(check());
  ASSERT_TRUE(store->verify());
}

INSTANTIATE_TEST_SUITE_P(Seeds, PropertyTest, ::testing::Range<std::uint64_t>(1, 41));

}  // namespace
}  // namespace karez::historian
