// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/batch.h"
#include "model/sample.h"

/// One of the four store seams. Implementations: the embedded engine (`historian/engine.h`); later an
/// Apache IoTDB cluster. Both pass `historian/conformance.h`. What a caller may rely on:
///  - one value per (point, time); writing again replaces, the later append wins;
///  - append is retried with the same block: idempotent;
///  - a block may be torn by a crash before it was durable, never after.
namespace karez::historian {

/// Order of acceptance over all lanes; grows.
struct Ticket {
  std::uint64_t lsn = 0;
  auto operator<=>(const Ticket&) const = default;
};

struct Point {  // one row of history
  Timestamp time;
  model::ValueType type = model::ValueType::none;
  std::uint64_t bits = 0;  ///< text: index into RawPage::texts
  model::Quality quality;
  std::uint8_t flags = 0;
};

/// Half-open [from, to).
struct TimeRange {
  Timestamp from, to;
};

struct RawQuery {
  model::PointId point;
  TimeRange range;
  std::size_t limit = 10'000;  ///< 1 .. 1,000,000 rows
  bool newest_first = false;
};
struct RawPage {
  std::vector<Point> rows;
  std::vector<std::string> texts;
  bool more = false;  ///< ask again from the last row's time + 1 ns (or up to it, newest first)
};

/// Figures are over samples with good quality and a number that is not NaN; where there is none they
/// are NaN, their times kMinTime. The time-weighted mean holds each of these until the next sample of
/// any kind (step), the last of the range until its end or now; NaN unless asked for.
struct Bucket {
  Timestamp start;
  std::uint64_t count = 0;  ///< samples with a numeric or text value, any quality
  std::uint64_t good = 0;   ///< of these with good quality
  double min, max, mean, sum, time_weighted_mean;
  double first, last;
  Timestamp first_time, last_time;  ///< of `first` and `last`
  model::Quality worst;             ///< highest code of all samples, gap samples too
};

struct BucketQuery {
  std::span<const model::PointId> points;
  TimeRange range;
  Duration step;         ///< > 0; buckets start at range.from + k * step
  bool time_weighted = false;
  std::size_t max_buckets = 1'000'000;  ///< over all points; more is store.too_many_buckets
};
/// Buckets of one point in time order. Those without a counted sample are left out, except that with
/// `time_weighted` those into which a value is held are there.
struct BucketSeries {
  model::PointId point;
  std::vector<Bucket> buckets;
};

/// For screens: raw samples when they are at most 2 * columns, else one bucket per column. Gap
/// samples always survive the reduction.
struct TrendQuery {
  model::PointId point;
  TimeRange range;
  std::size_t columns = 1000;  ///< 1 .. 4,000
};
struct Gap {
  Timestamp from, to;  ///< from the gap sample to the next sample (or the end of the range)
  model::Quality cause;
};
struct TrendSeries {
  bool reduced = false;
  std::vector<Point> raw;         ///< when not reduced; includes the last sample before the range, if any
  std::vector<std::string> texts;
  std::vector<Bucket> columns;    ///< when reduced
  std::vector<Gap> gaps;
  std::uint64_t samples = 0;      ///< in the range
};

struct LastValue {
  model::PointId point;
  Timestamp time = kMinTime;  ///< kMinTime: never
  model::ValueType type = model::ValueType::none;
  std::uint64_t bits = 0;
  model::Quality quality;
  std::uint8_t flags = 0;
  std::string text;
  bool known() const noexcept { return time != kMinTime; }
};

struct StoreStats {
  std::uint64_t points = 0;          ///< series with at least one sample
  std::uint64_t samples_appended = 0;  ///< since start
  std::uint64_t samples_stored = 0;  ///< in segments and head, overwrites counted until merged
  std::uint64_t bytes_on_disk = 0, wal_bytes = 0, segment_bytes = 0, head_bytes = 0;
  std::uint64_t segments = 0, partitions = 0;
  std::uint64_t flushes = 0, merges = 0, syncs = 0;
  Ticket appended, durable;
  bool poisoned = false;  ///< an fsync failed; appends are refused until the cause is mended and restarted
};

/// Told each time the durable watermark moved. `failed` is set once the log is poisoned: everything
/// above `durable` will never be acknowledged.
using WatermarkListener = std::function<void(Ticket durable, const Error* failed)>;

class TimeSeriesStore {
 public:
  virtual ~TimeSeriesStore() = default;

  /// Accepts a block. No I/O, no waiting. Thread: lane `lane`, one thread per lane.
  /// Errors: store.busy (a bounded buffer is full: back-pressure), store.poisoned, store.read_only,
  /// store.time_out_of_range (a sample's time is outside what the store is set to take; nothing of the
  /// block is stored), store.too_many_days (its samples belong to more UTC days than may be in memory),
  /// store.type_mismatch never: a sample of another type is stored as it is.
  virtual Result<Ticket> append(unsigned lane, const model::BatchRef& batch) = 0;
  /// Registers the one listener, before the first append. Thread: called on the commit thread.
  virtual void on_durable(WatermarkListener listener) = 0;
  /// Waits until `ticket` is durable. Thread: worker. Errors: store.poisoned, store.timeout.
  virtual Result<> wait_durable(Ticket ticket, Duration timeout) = 0;

  // Queries. Thread: any worker. They see every appended block, durable or not.
  virtual Result<RawPage> raw(const RawQuery& query) = 0;
  virtual Result<std::vector<BucketSeries>> buckets(const BucketQuery& query) = 0;
  virtual Result<TrendSeries> trend(const TrendQuery& query) = 0;
  /// One entry per asked point, in order.
  virtual Result<std::vector<LastValue>> last(std::span<const model::PointId> points) = 0;

  /// Deletes a range of the points, durable on return. Idempotent. Thread: worker.
  virtual Result<> remove(std::span<const model::PointId> points, TimeRange range) = 0;
  /// Drops whole partitions that end before `keep_from`; finer than a day needs `remove`.
  virtual Result<> retain(Timestamp keep_from) = 0;
  /// Writes everything in memory to segments (tests, backup, stop).
  virtual Result<> flush() = 0;

  virtual StoreStats stats() const = 0;
};

}  // namespace karez::historian
