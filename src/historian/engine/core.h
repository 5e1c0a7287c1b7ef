// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "historian/engine.h"
#include "historian/engine/head.h"
#include "historian/engine/last_table.h"
#include "historian/engine/lock_file.h"
#include "historian/engine/manifest.h"
#include "historian/engine/wal_replay.h"

namespace karez::historian {

/// What one lane writes to.
struct Shard {
  std::mutex mutex;  // guards all but `encoder`, which is the lane's own
  HeadPtr active;
  LastTable last;
  std::vector<std::int32_t> new_days;  // of the block that is being appended
  BlockEncoder encoder;
};

/// One point as a query sees it: the version on disk and a copy of the rows in memory.
struct PointView {
  VersionPtr version;
  Columns head;  ///< sorted, one row per time, without deleted ones
  std::vector<Erasure> erasures;
};

/// State of the engine and the steps on it. Locks are taken in this order: merge, maintenance, remove,
/// shards by number, state; the log's own lock comes last.
/// Thread: any, see TimeSeriesStore.
class Core {
 public:
  Core(EngineOptions options, Clock& clock, Log& log);
  ~Core();
  Result<> open();

  // append.cpp
  Result<Ticket> append(unsigned lane, const model::SampleBatch& batch);
  Result<std::vector<LastValue>> last(std::span<const model::PointId> points);
  StoreStats stats() const;

  // view.cpp
  VersionPtr version() const;
  /// Rows with from <= time < to.
  PointView view(std::uint32_t point, std::int64_t from, std::int64_t to) const;
  /// Newest row before `time`, appended to `out`; nothing when there is none.
  Result<> newest_before(std::uint32_t point, std::int64_t time, Columns& out) const;

  // flush.cpp
  Result<> flush();
  // removal.cpp
  Result<> remove(std::span<const std::uint32_t> sorted_points, std::int64_t from, std::int64_t to);
  Result<> retain(std::int64_t keep_from);
  // merge.cpp
  /// Merges where a partition has too many layers; `all`: every partition to one clean segment.
  Result<> merge(bool all);
  Result<> verify();

  Wal& wal() { return *wal_; }
  Durable durable() const { return options_.sync == SyncMode::off ? Durable::no : Durable::yes; }
  Timestamp now() const { return clock_.now(); }

 private:
  // append.cpp
  Result<> check_times(std::span<const model::Sample> samples) const;
  Result<> check_days(Shard& shard, std::span<const model::Sample> samples);

  // recovery.cpp
  Result<> recover();
  Result<> check_log(const std::vector<LogFile>& files) const;
  Result<> load_segments();
  struct Strays {
    std::vector<Path> orphans;     // segments that no record names
    std::vector<Path> unfinished;  // half-written, never relied on
  };
  Result<Strays> find_strays();
  Result<> set_orphans_aside(const std::vector<Path>& orphans);
  Result<> replay(const std::vector<LogFile>& files);
  Result<> start_log(std::vector<WalFile> files);
  Result<> replay_frame(const FrameHeader& header, ByteView payload);
  Result<> load_last_values();
  bool doubt_unwritten();
  Result<> last_from_segment(const Segment& segment);
  Result<> recompute_last(std::span<const std::uint32_t> points);
  void save_last_values_locked();

  // flush.cpp
  struct Frozen {
    std::vector<HeadPtr> heads;
    std::uint64_t cut = 0;
  };
  Frozen freeze();
  Result<> flush_locked();
  Result<std::vector<SegmentInfo>> write_frozen(const Frozen& frozen, const Version& version);
  void flush_loop(const std::stop_token& stop);
  void merge_loop(const std::stop_token& stop);
  bool flush_due() const;

  // removal.cpp
  Result<> purge_tombstones_locked();
  std::vector<std::uint32_t> forget_last(const Tombstone& tombstone);

  // merge.cpp
  struct MergeJob {
    std::int32_t day = 0;
    std::vector<SegmentPtr> inputs;  ///< neighbours in LSN order
    VersionPtr version;
  };
  std::optional<MergeJob> next_merge(bool all, const VersionPtr& version) const;
  Result<std::optional<SegmentInfo>> run_merge(const MergeJob& job, std::uint64_t file, std::uint64_t clean);
  Result<> commit_merge(const MergeJob& job, const std::optional<SegmentInfo>& made);

  /// Writes the edit and shows it to queries; `frozen` is forgotten with it. Under maintenance_.
  Result<> commit(const ManifestEdit& edit, bool clear_frozen);
  void add_tombstone(TombstonePtr tombstone);
  /// Without the deletes above `lsn`: what is made of it comes to stay, and they may not.
  VersionPtr version_up_to(std::uint64_t lsn) const;

  EngineOptions options_;
  Clock& clock_;
  Log& log_;
  Path data_;
  std::shared_ptr<ReaderCache> readers_;
  std::optional<LockFile> lock_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::unique_ptr<Wal> wal_;

  std::mutex merge_;                  // one merge at a time
  mutable std::mutex maintenance_;    // flush, retain, manifest_
  std::optional<Manifest> manifest_;
  std::mutex remove_;  // makes LSN and tombstone one step

  mutable std::mutex state_;  // version_, frozen_
  VersionPtr version_ = std::make_shared<Version>();
  std::vector<HeadPtr> frozen_;

  std::atomic<std::size_t> active_bytes_{0}, frozen_bytes_{0};
  std::atomic<std::uint64_t> appended_samples_{0}, appended_lsn_{0}, head_rows_{0}, flushes_{0}, merges_{0};

  std::atomic<bool> days_full_{false};  // a lane waits for a flush because of its days

  std::uint64_t replayed_lsn_ = 0;       // while opening
  bool log_damaged_ = false;             // while opening
  std::vector<std::uint32_t> doubtful_;  // while opening: points whose last value must be looked up
  Monotonic last_saved_{};

  std::mutex wake_mutex_;
  std::condition_variable_any flush_wake_, merge_wake_;
  bool merge_due_ = false;
  std::atomic<bool> closing_{false};
  std::jthread flush_thread_, merge_thread_;
};

}  // namespace karez::historian
