// SPDX-License-Identifier: Apache-2.0
#pragma once

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
};

struct ManifestState {
  std::map<std::uint64_t, SegmentInfo> segments;     ///< by file number
  std::map<std::uint64_t, TombstonePtr> tombstones;  ///< by LSN
  std::uint64_t flushed = 0;
  std::uint64_t next_file = 1;
};

/// Log of edits, each with a checksum (docs/formats/manifest.md). A half-written last edit is cut off,
/// any other damage is an error that names the file. Written anew when it has grown.
/// Thread: one at a time.
class Manifest {
 public:
  static Result<Manifest> open(const Path& path, Durable durable = Durable::yes);

  const ManifestState& state() const noexcept { return state_; }
  /// Durable on return. After an error the manifest must not be used again.
  Result<> apply(const ManifestEdit& edit);
  /// An edit could not be written; nothing can be changed until the next start.
  bool broken() const noexcept { return broken_; }
  /// A number for a new segment file; lost numbers are harmless.
  std::uint64_t take_file_number() noexcept { return next_file_++; }

 private:
  Manifest() = default;
  Result<> rewrite();

  Path path_;
  Durable durable_ = Durable::yes;
  File file_;
  ManifestState state_;
  std::uint64_t next_file_ = 1;
  std::uint64_t size_ = 0, size_when_written_ = 0;
  bool broken_ = false;
};

/// Decodes one record's payload into `edit`; for tests and fuzzing. Errors: store.manifest_corrupt.
Result<ManifestEdit> decode_edit(ByteView payload);
void encode_edit(const ManifestEdit& edit, std::vector<std::byte>& out);

}  // namespace karez::historian
