// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/log.h"
#include "historian/engine/durable_file.h"
#include "historian/engine/version.h"

namespace karez::historian {

/// One atomic step of what the store consists of.
struct ManifestEdit {
  std::vector<SegmentInfo> add;
  std::vector<std::uint64_t> drop;  ///< file numbers
  std::vector<TombstonePtr> bury;
  std::vector<std::uint64_t> purge;  ///< LSNs of tombstones
  std::uint64_t flushed = 0;         ///< everything up to this LSN is in segments; 0: unchanged
  std::uint64_t log_since = 0;       ///< see ManifestState; 0: unchanged
};

struct ManifestState {
  std::map<std::uint64_t, SegmentInfo> segments;     ///< by file number
  std::map<std::uint64_t, TombstonePtr> tombstones;  ///< by LSN
  std::uint64_t flushed = 0;
  std::uint64_t log_since = 0;  ///< from this LSN on the log folder is never empty; 0: there was no log yet
  std::uint64_t next_file = 1;
};

/// Log of edits, each with a checksum (docs/formats/manifest.md). The first record is written in one step
/// with its file, so any damage to it is an error that names the file; so is any to a later one, except
/// that a half-written last edit is cut off. Written anew when it has grown.
/// Thread: one at a time.
class Manifest {
 public:
  /// Reads and changes nothing, so that what the manifest says can be checked first.
  /// Errors: store.manifest_corrupt, file errors.
  static Result<Manifest> open(const Path& path, Durable durable, Log& log);
  /// Writes the manifest anew as one record, before the first `apply`.
  Result<> begin();

  const ManifestState& state() const noexcept { return state_; }
  /// There was none.
  bool fresh() const noexcept { return version_ == 0; }
  /// The last edit was half-written and is left out: it may have been one that was relied on.
  bool cut() const noexcept { return cut_; }
  /// Where the last whole edit ended in the file that was read.
  std::uint64_t end() const noexcept { return end_; }
  /// Durable on return.
  Result<> apply(const ManifestEdit& edit);
  /// An edit could not be written, or nobody knows whether it will last: nothing can be changed until
  /// the next start.
  bool broken() const noexcept { return broken_; }
  /// A number for a new segment file; lost numbers are harmless.
  std::uint64_t take_file_number() noexcept { return next_file_++; }
  /// A file with this number is in the folder although no record names it.
  void skip_file_number(std::uint64_t file) noexcept { next_file_ = std::max(next_file_, file + 1); }

 private:
  explicit Manifest(Log& log) : log_(&log) {}
  Result<> read();
  enum class Rewritten : unsigned char { yes, no, unknown };
  std::pair<Rewritten, Result<>> rewrite();

  Path path_;
  Durable durable_ = Durable::yes;
  Log* log_;
  File file_;
  ManifestState state_;
  std::uint64_t next_file_ = 1;
  std::uint64_t size_ = 0, size_when_written_ = 0, end_ = 0;
  std::uint16_t version_ = 0;  ///< of the file that was read
  bool broken_ = false, cut_ = false;
};

/// Decodes one record's payload into `edit`; for tests and fuzzing. Errors: store.manifest_corrupt.
Result<ManifestEdit> decode_edit(ByteView payload);
void encode_edit(const ManifestEdit& edit, std::vector<std::byte>& out);

}  // namespace karez::historian
