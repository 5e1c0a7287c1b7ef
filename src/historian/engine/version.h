// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "historian/engine/reader_cache.h"

namespace karez::historian {

/// A segment of the store, opened when first needed. Unlinks its file when it was doomed and the last
/// query that uses it is done. Thread: any.
class Segment {
 public:
  Segment(SegmentInfo description, Path path, std::shared_ptr<ReaderCache> readers)
      : info(description), path_(std::move(path)), readers_(std::move(readers)) {}
  ~Segment();
  Segment(const Segment&) = delete;
  Segment& operator=(const Segment&) = delete;

  const SegmentInfo info;
  Result<std::shared_ptr<const SegmentReader>> reader() const { return readers_->get(info.file, path_, info.bytes); }
  void doom() noexcept { doomed_ = true; }
  const Path& path() const noexcept { return path_; }

 private:
  Path path_;
  std::shared_ptr<ReaderCache> readers_;  // shared by all segments of a store
  std::atomic<bool> doomed_{false};
};
using SegmentPtr = std::shared_ptr<Segment>;  // shared by the versions and the queries that use it

/// A range deleted for some points; holds for what was appended before `lsn`.
struct Tombstone {
  std::uint64_t lsn = 0;
  std::int64_t from = 0, to = 0;       ///< half-open
  std::vector<std::uint32_t> points;  ///< sorted
};
using TombstonePtr = std::shared_ptr<const Tombstone>;

/// What is on disk, as one query sees it. Immutable.
struct Version {
  std::map<std::int32_t, std::vector<SegmentPtr>> partitions;  ///< each sorted by LSN
  std::vector<TombstonePtr> tombstones;                        ///< by LSN
};
using VersionPtr = std::shared_ptr<const Version>;

/// The deletes that matter for one point.
struct Erasure {
  std::uint64_t lsn;
  std::int64_t from, to;
};
std::vector<Erasure> erasures_of(const Version& version, std::uint32_t point);
/// Whether a sample written at `lsn` (or a segment clean up to it) is deleted at time `t`.
inline bool erased(const std::vector<Erasure>& erasures, std::int64_t t, std::uint64_t lsn) noexcept {
  for (const Erasure& e : erasures)
    if (e.lsn > lsn && t >= e.from && t < e.to) return true;
  return false;
}

}  // namespace karez::historian
