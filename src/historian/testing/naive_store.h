// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <map>
#include <string>

#include "historian/time_series_store.h"

/// For tests of the historian only.
namespace karez::historian::testing {

/// What a store must answer, in the plainest code: a map by point and time.
class NaiveStore {
 public:
  struct Value {
    model::ValueType type;
    std::uint64_t bits;
    std::string text;
    model::Quality quality;
    std::uint8_t flags;
    bool gap() const { return type == model::ValueType::none || (flags & model::flag::kGap) != 0; }
    bool figure() const { return !gap() && quality.good() && !std::isnan(model::numeric(type, bits)); }
    double number() const { return model::numeric(type, bits); }
  };
  using Series = std::map<std::int64_t, Value>;

  void append(const model::SampleBatch& batch) {
    for (const model::Sample& s : batch.samples())
      points_[s.point.value][to_ns(s.time)] = {s.type, s.type == model::ValueType::text ? 0 : s.bits,
                                               std::string(batch.text(s)), s.quality, s.flags};
  }
  void remove(std::uint32_t point, std::int64_t from, std::int64_t to) {
    auto& series = points_[point];
    series.erase(series.lower_bound(from), series.lower_bound(to));
  }
  void retain(std::int64_t first_kept) {
    for (auto& [point, series] : points_) series.erase(series.begin(), series.lower_bound(first_kept));
  }
  const Series& series(std::uint32_t point) { return points_[point]; }

  std::vector<Bucket> buckets(std::uint32_t point, std::int64_t from, std::int64_t to, std::int64_t step, bool weighted,
                              std::int64_t now) {
    const Series& series = points_[point];
    std::vector<Bucket> out;
    for (std::int64_t start = from; start < to; start += step) {
      const std::int64_t end = std::min(start + step, to);
      Bucket b = plain(series, start, end);
      double weight = 0;
      if (weighted) weight = weigh(series, start, end, to, now, b);
      if (b.count > 0 || weight > 0) out.push_back(b);
    }
    return out;
  }

  std::vector<Gap> gaps(std::uint32_t point, std::int64_t from, std::int64_t to) {
    const Series& series = points_[point];
    std::vector<Gap> out;
    bool open = false;
    Gap gap{};
    const auto see = [&](std::int64_t time, const Value& v) {
      if (open && v.gap() && gap.cause == v.quality) return;
      if (open) {
        gap.to = from_ns(time);
        out.push_back(gap);
      }
      open = v.gap();
      gap = {from_ns(time), {}, v.quality};
    };
    auto it = series.lower_bound(from);
    if (it != series.begin()) see(from, std::prev(it)->second);
    for (; it != series.end() && it->first < to; ++it) see(it->first, it->second);
    if (open) {
      gap.to = from_ns(to);
      out.push_back(gap);
    }
    return out;
  }

 private:
  static Bucket plain(const Series& series, std::int64_t start, std::int64_t end) {
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    Bucket b{};
    b.start = from_ns(start);
    b.min = b.max = b.mean = b.sum = b.time_weighted_mean = b.first = b.last = kNone;
    b.first_time = b.last_time = kMinTime;
    std::size_t figures = 0;
    for (auto it = series.lower_bound(start); it != series.end() && it->first < end; ++it) {
      const Value& v = it->second;
      b.worst = std::max(b.worst, v.quality);
      if (v.gap()) continue;
      ++b.count;
      if (v.quality.good()) ++b.good;
      if (!v.figure()) continue;
      if (figures++ == 0) {
        b.min = b.max = b.first = v.number();
        b.sum = 0;
        b.first_time = from_ns(it->first);
      }
      b.min = std::min(b.min, v.number());
      b.max = std::max(b.max, v.number());
      b.sum += v.number();
      b.last = v.number();
      b.last_time = from_ns(it->first);
    }
    if (figures > 0) b.mean = b.sum / static_cast<double>(figures);
    return b;
  }

  static double weigh(const Series& series, std::int64_t start, std::int64_t end, std::int64_t to, std::int64_t now,
                      Bucket& b) {
    auto it = series.upper_bound(start);
    if (it != series.begin()) --it;
    double weight = 0, area = 0;
    for (; it != series.end() && it->first < end; ++it) {
      if (!it->second.figure()) continue;
      const auto next = std::next(it);
      const std::int64_t until = std::min(next == series.end() || next->first >= to ? now : next->first, end);
      const std::int64_t since = std::max(it->first, start);
      if (until <= since) continue;
      weight += static_cast<double>(until - since);
      area += it->second.number() * static_cast<double>(until - since);
    }
    if (weight > 0) b.time_weighted_mean = area / weight;
    return weight;
  }

  std::map<std::uint32_t, Series> points_;
};

}  // namespace karez::historian::testing
