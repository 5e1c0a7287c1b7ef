// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/file.h"
#include "base/log.h"
#include "historian/time_series_store.h"

namespace karez::historian {

/// When an append counts as durable.
enum class SyncMode : unsigned char {
  sync,      ///< it is on the disk: survives a power cut
  interval,  ///< the system has it, the disk follows every `sync_interval`: survives our own end
  off,       ///< the system has it; a power cut may damage the store: for tests and data one can lose
};

struct EngineOptions {
  Path dir = {};       ///< created when missing; one process at a time
  unsigned lanes = 2;  ///< 1 .. 64; may differ from one start to the next
  SyncMode sync = SyncMode::sync;
  Duration sync_interval = std::chrono::milliseconds(100);
  std::size_t wal_cap_bytes = 1u << 30;   ///< bounds what a start has to replay
  std::size_t wal_file_bytes = 64u << 20;
  std::size_t wal_buffer_bytes = 4u << 20;  ///< waiting for the disk; two of them
  std::size_t head_bytes = 64u << 20;       ///< samples in memory, being filled and being written together
  std::size_t open_segments = 400;          ///< kept open; of the 1,024 files a process may usually have
  /// Samples with a time outside [oldest, newest) are refused: no device measured before 1970.
  Timestamp oldest = from_ns(0), newest = from_ns(4'102'444'800'000'000'000);  ///< 1970 to 2100
  /// UTC days that the samples in memory may belong to, per lane. Each becomes a file with the next flush;
  /// a block that would make it more waits for that.
  std::size_t head_days = 1024;
  unsigned merge_layers = 8;  ///< so many segments of one size in a partition are merged
  bool background = true;      ///< flush and merge on own threads; off: only `flush` and `compact`
  bool flush_on_close = true;  ///< a start after an orderly end has nothing to replay
};

/// The embedded store: write-ahead log, head in memory, immutable segments by UTC day, manifest
/// (docs/formats). Opens by itself after any crash; what it cannot use then but may be the only copy of
/// something is kept in the folder `set-aside`, and the log tells. Samples of point 0 are skipped.
/// Thread: as TimeSeriesStore says.
class Engine final : public TimeSeriesStore {
 public:
  /// Errors: store.locked (another process has it, text names its pid), store.wal_corrupt,
  /// store.wal_missing, store.manifest_corrupt, store.segment_missing, store.segment_corrupt (texts name the
  /// file), file errors. Nothing was changed on the disk then, except by store.wal_corrupt.
  /// `clock` and `log` must outlive the engine.
  static Result<std::unique_ptr<Engine>> open(EngineOptions options, Clock& clock, Log& log);
  /// Waits until everything is durable and saves the last values.
  ~Engine() override;

  Result<Ticket> append(unsigned lane, const model::BatchRef& batch) override;
  void on_durable(WatermarkListener listener) override;
  Result<> wait_durable(Ticket ticket, Duration timeout) override;
  Result<RawPage> raw(const RawQuery& query) override;
  Result<std::vector<BucketSeries>> buckets(const BucketQuery& query) override;
  Result<TrendSeries> trend(const TrendQuery& query) override;
  Result<std::vector<LastValue>> last(std::span<const model::PointId> points) override;
  Result<> remove(std::span<const model::PointId> points, TimeRange range) override;
  Result<> retain(Timestamp keep_from) override;
  Result<> flush() override;
  StoreStats stats() const override;

  /// Merges every partition into one segment and drops what was deleted. Thread: worker.
  Result<> compact();
  /// Reads every chunk of every segment and checks it; the first damage is the error. Thread: worker.
  Result<> verify();

 private:
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::historian
