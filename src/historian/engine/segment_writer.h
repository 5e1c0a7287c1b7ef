// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "historian/engine/durable_file.h"
#include "historian/engine/segment_format.h"

namespace karez::historian {

/// Writes one immutable segment: chunks sorted by (point, t0), then directory and footer. The file
/// has a temporary name until `finish`; an unfinished one is removed.
/// Thread: one at a time.
class SegmentWriter {
 public:
  /// Creates the partition folder when it is missing; to make its entry in `root` last is the caller's.
  static Result<SegmentWriter> create(const Path& root, std::uint64_t file, std::int32_t day, Durable durable);
  SegmentWriter(SegmentWriter&&) noexcept = default;
  SegmentWriter& operator=(SegmentWriter&&) noexcept = default;
  ~SegmentWriter();

  /// Appends rows [begin, end) of a point as one chunk. Points come in growing order.
  Result<> add(ChunkEncoder& encoder, std::uint32_t point, const Columns& rows, std::size_t begin, std::size_t end);
  /// Appends a chunk of another segment as it is.
  Result<> copy(ChunkMeta meta, ByteView bytes);

  bool empty() const noexcept { return chunks_.empty(); }
  /// Writes the directory, makes file and name durable. The writer is then spent.
  Result<SegmentInfo> finish(std::uint64_t lsn, std::uint64_t clean);

 private:
  SegmentWriter(File file, Path path, Path temporary, SegmentInfo info, Durable durable);
  void enlist(ChunkMeta meta);
  Result<> drain();
  void put_directory();

  File file_;
  Path path_, temporary_;
  SegmentInfo info_;
  Durable durable_;
  std::vector<ChunkMeta> chunks_;
  std::vector<std::byte> buffer_;
  std::uint64_t written_ = 0;  ///< bytes already in the file
};

}  // namespace karez::historian
