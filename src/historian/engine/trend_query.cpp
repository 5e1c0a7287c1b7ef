// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/bucket_builder.h"
#include "historian/engine/queries.h"

namespace karez::historian {
namespace {

constexpr std::size_t kMaxColumnsAsked = 4000, kMaxGaps = 10'000;

/// Times without knowledge, from the gap samples.
class GapFinder {
 public:
  void start(const Columns& before, std::int64_t from) {
    if (is_gap(before.type_of(0), before.flags[0])) open({from_ns(from), {}, {before.quality[0]}});
  }
  void add(const Columns& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!is_gap(rows.type_of(i), rows.flags[i])) {
        close(rows.time[i]);
      } else if (!open_ || now_.cause.code != rows.quality[i]) {
        close(rows.time[i]);
        open({from_ns(rows.time[i]), {}, {rows.quality[i]}});
      }
    }
  }
  void close(std::int64_t at) {
    if (!std::exchange(open_, false)) return;
    now_.to = from_ns(at);
    if (gaps_.size() < kMaxGaps) gaps_.push_back(now_);
    else gaps_.back().to = now_.to;  // so many cannot be told apart on a screen
  }
  std::vector<Gap> take() { return std::move(gaps_); }

 private:
  void open(Gap gap) {
    now_ = gap;
    open_ = true;
  }
  std::vector<Gap> gaps_;
  Gap now_{};
  bool open_ = false;
};

}  // namespace

Result<TrendSeries> query_trend(const Core& core, const TrendQuery& query) {
  if (query.columns < 1 || query.columns > kMaxColumnsAsked)
    return fail(Errc::invalid_argument, "store.bad_query", "A trend has 1 to 4,000 columns.");
  TrendSeries out;
  const std::int64_t from = to_ns(query.range.from), to = to_ns(query.range.to);
  if (from >= to) return out;
  const std::uint64_t span = static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
  BucketBuilder builder({.from = from,
                         .to = to,
                         .step = span / query.columns + (span % query.columns != 0 ? 1 : 0),
                         .weighted = false,
                         .limit = query.columns});
  GapFinder gaps;
  ScanBuffers buffers;
  Columns rows;
  KZ_CHECK(core.newest_before(query.point.value, from, rows));
  if (!rows.empty()) {
    gaps.start(rows, from);
    out.raw.push_back(to_point(rows, 0, out.texts));
  }
  Scan scan(core.view(query.point.value, from, to), query.point.value, {from, to});
  for (;;) {
    KZ_TRY(const ScanGroup* group, scan.next());
    if (group == nullptr) break;
    const ChunkMeta* figures = scan.figures(*group);
    if (figures != nullptr) out.reduced = out.reduced || out.samples + figures->rows > 2 * query.columns;
    if (figures != nullptr && out.reduced && figures->counted == figures->rows) {
      KZ_TRY(const bool taken, builder.add(*figures));
      if (taken) {
        gaps.close(figures->t0);
        out.samples += figures->rows;
        continue;
      }
    }
    KZ_CHECK(scan.load(*group, buffers, rows));
    KZ_CHECK(builder.add(rows));
    gaps.add(rows);
    out.samples += rows.size();
    out.reduced = out.reduced || out.samples > 2 * query.columns;
    for (std::size_t i = 0; !out.reduced && i < rows.size(); ++i) out.raw.push_back(to_point(rows, i, out.texts));
  }
  gaps.close(to);
  out.gaps = gaps.take();
  if (out.reduced) {
    out.raw.clear();
    out.texts.clear();
    KZ_TRY(out.columns, builder.finish(from));
  }
  return out;
}

}  // namespace karez::historian
