// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/bucket_builder.h"

#include <algorithm>
#include <cmath>

namespace karez::historian {
namespace {

/// All samples are good numbers: the usual chunk of a sensor.
bool plain(const Columns& rows) {
  constexpr auto kDouble = static_cast<std::uint8_t>(model::ValueType::float64);
  std::uint32_t odd = 0;
  for (const std::uint8_t type : rows.type) odd |= static_cast<std::uint32_t>(type ^ kDouble);
  for (const std::uint16_t quality : rows.quality) odd |= quality;
  for (const std::uint8_t flags : rows.flags) odd |= flags & model::flag::kGap;
  return odd == 0;
}

bool is_figure(const Columns& rows, std::size_t i) {
  return !is_gap(rows.type_of(i), rows.flags[i]) && model::Quality{rows.quality[i]}.good() &&
         !std::isnan(model::numeric(rows.type_of(i), rows.bits[i]));
}

}  // namespace

Bucket BucketBuilder::fresh() noexcept {
  Bucket b{};
  b.min = b.max = b.mean = b.time_weighted_mean = b.first = b.last = b.sum = kNoFigure;
  b.first_time = b.last_time = kMinTime;
  return b;
}

std::uint64_t BucketBuilder::end_of(std::uint64_t index) const noexcept {
  const std::uint64_t span = offset(options_.to), start = index * options_.step;
  return span - start < options_.step ? span : start + options_.step;
}

Result<> BucketBuilder::enter(std::uint64_t index) {
  if (index == index_) return {};
  if (now_.count > 0 || weight_ > 0) {
    if (out_.size() == options_.limit)
      return fail(Error(Errc::exhausted, "store.too_many_buckets")
                      .with("The answer has more buckets than allowed.")
                      .cure("Ask for a longer step, a shorter range or fewer points."));
    now_.start = from_ns(static_cast<std::int64_t>(static_cast<std::uint64_t>(options_.from) + index_ * options_.step));
    if (figures_ > 0) now_.mean = now_.sum / static_cast<double>(figures_);
    if (weight_ > 0) now_.time_weighted_mean = area_ / weight_;
    out_.push_back(now_);
  }
  now_ = fresh();
  figures_ = 0;
  weight_ = area_ = 0;
  index_ = index;
  return {};
}

void BucketBuilder::figure(double value, std::int64_t time) {
  if (figures_++ == 0) {
    now_.min = now_.max = now_.first = value;
    now_.sum = 0;
    now_.first_time = from_ns(time);
  }
  now_.min = std::min(now_.min, value);
  now_.max = std::max(now_.max, value);
  now_.sum += value;
  now_.last = value;
  now_.last_time = from_ns(time);
}

void BucketBuilder::count(const Columns& rows, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) {
    now_.worst = std::max(now_.worst, model::Quality{rows.quality[i]});
    if (is_gap(rows.type_of(i), rows.flags[i])) continue;
    ++now_.count;
    if (!model::Quality{rows.quality[i]}.good()) continue;
    ++now_.good;
    const double v = model::numeric(rows.type_of(i), rows.bits[i]);
    if (!std::isnan(v)) figure(v, rows.time[i]);
  }
}

/// Four sums side by side: one alone would wait for each addition.
void BucketBuilder::count_plain(const Columns& rows, std::size_t begin, std::size_t end) {
  constexpr std::size_t kLanes = 4;
  double sums[kLanes] = {}, lows[kLanes], highs[kLanes];
  std::fill_n(lows, kLanes, std::numeric_limits<double>::infinity());
  std::fill_n(highs, kLanes, -std::numeric_limits<double>::infinity());
  const std::span bits = std::span(rows.bits).subspan(begin, end - begin);
  bool numbers = true;
  std::size_t i = 0;
  for (auto at = bits.begin(); i + kLanes <= bits.size(); i += kLanes, at += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) {
      const double v = model::as_double(at[k]);
      numbers &= v == v;
      sums[k] += v;
      lows[k] = std::min(lows[k], v);
      highs[k] = std::max(highs[k], v);
    }
  }
  if (!numbers || i == 0) return count(rows, begin, end);
  now_.count += i;
  now_.good += i;
  if (figures_ == 0) {
    now_.min = std::numeric_limits<double>::infinity();
    now_.max = -now_.min;
    now_.sum = 0;
    now_.first = model::as_double(bits[0]);
    now_.first_time = from_ns(rows.time[begin]);
  }
  figures_ += i;
  for (std::size_t k = 0; k < kLanes; ++k) {
    now_.sum += sums[k];
    now_.min = std::min(now_.min, lows[k]);
    now_.max = std::max(now_.max, highs[k]);
  }
  now_.last = model::as_double(bits[i - 1]);
  now_.last_time = from_ns(rows.time[begin + i - 1]);
  count(rows, begin + i, end);
}

Result<> BucketBuilder::add(const Columns& rows) {
  if (options_.weighted) return add_weighted(rows);
  const bool fast = plain(rows);
  for (std::size_t i = 0; i < rows.size();) {
    KZ_CHECK(enter(offset(rows.time[i]) / options_.step));
    const std::uint64_t end_offset = end_of(index_);
    const auto end = static_cast<std::size_t>(
        std::partition_point(rows.time.begin() + static_cast<std::ptrdiff_t>(i), rows.time.end(),
                             [&](std::int64_t t) { return offset(t) < end_offset; }) -
        rows.time.begin());
    if (fast) count_plain(rows, i, end);
    else count(rows, i, end);
    i = end;
  }
  return {};
}

Result<bool> BucketBuilder::add(const ChunkMeta& c) {
  const std::uint64_t index = offset(c.t0) / options_.step;
  if (options_.weighted || offset(c.t1) / options_.step != index) return false;
  KZ_CHECK(enter(index));
  now_.count += c.counted;
  now_.good += c.good;
  now_.worst = std::max(now_.worst, model::Quality{c.worst});
  if (c.figures == 0) return true;
  if (figures_ == 0) {
    now_.min = c.min;
    now_.max = c.max;
    now_.sum = 0;
    now_.first = c.first;
    now_.first_time = from_ns(c.first_time);
  }
  figures_ += c.figures;
  now_.min = std::min(now_.min, c.min);
  now_.max = std::max(now_.max, c.max);
  now_.sum += c.sum;
  now_.last = c.last;
  now_.last_time = from_ns(c.last_time);
  return true;
}

void BucketBuilder::hold(const Columns& row) {
  held_ = options_.weighted && is_figure(row, 0);
  if (held_) value_ = model::numeric(row.type_of(0), row.bits[0]);
  since_ = 0;
}

/// Gives the held value its weight up to `until`, bucket by bucket.
Result<> BucketBuilder::advance(std::uint64_t until) {
  while (held_ && since_ < until) {
    const std::uint64_t end = std::min(end_of(index_), until);
    const double dt = static_cast<double>(end - since_);
    weight_ += dt;
    area_ += value_ * dt;
    since_ = end;
    if (since_ < until) KZ_CHECK(enter(index_ + 1));
  }
  return {};
}

Result<> BucketBuilder::add_weighted(const Columns& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint64_t at = offset(rows.time[i]);
    KZ_CHECK(advance(at));
    KZ_CHECK(enter(at / options_.step));
    count(rows, i, i + 1);
    held_ = is_figure(rows, i);
    if (held_) value_ = model::numeric(rows.type_of(i), rows.bits[i]);
    since_ = at;
  }
  return {};
}

Result<std::vector<Bucket>> BucketBuilder::finish(std::int64_t now) {
  if (held_ && now > options_.from) KZ_CHECK(advance(offset(std::min(now, options_.to))));
  KZ_CHECK(enter(std::numeric_limits<std::uint64_t>::max()));
  return std::move(out_);
}

}  // namespace karez::historian
