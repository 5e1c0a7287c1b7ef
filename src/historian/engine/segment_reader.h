// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <utility>

#include "historian/engine/segment_format.h"

namespace karez::historian {

/// The directory of a segment, read where it lies (mapped file or buffer).
class SegmentDirectory {
 public:
  /// `bytes`: directory and footer. Everything is bounds-checked. Errors: store.segment_corrupt.
  static Result<SegmentDirectory> parse(ByteView bytes);

  std::size_t size() const noexcept { return chunks_; }
  ChunkMeta operator[](std::size_t i) const noexcept;
  std::uint32_t point(std::size_t i) const noexcept;
  /// First and last time of a chunk.
  std::pair<std::int64_t, std::int64_t> times(std::size_t i) const noexcept;
  /// Chunks [first, last) of a point.
  std::pair<std::size_t, std::size_t> find(std::uint32_t point) const noexcept;

 private:
  ByteView bytes_;
  std::size_t chunks_ = 0;
  std::array<std::size_t, kDirectoryColumns> columns_{};  ///< offsets in `bytes_`
};

/// An open segment file. Thread: any.
class SegmentReader {
 public:
  /// Maps the directory and checks it. Errors: store.segment_corrupt (names the file), file errors.
  static Result<std::shared_ptr<SegmentReader>> open(const Path& path, std::uint64_t expected_bytes);
  ~SegmentReader();
  SegmentReader(const SegmentReader&) = delete;
  SegmentReader& operator=(const SegmentReader&) = delete;

  const SegmentDirectory& directory() const noexcept { return directory_; }
  /// The chunk's bytes, checksum verified.
  Result<> read(const ChunkMeta& meta, std::vector<std::byte>& out) const;
  const Path& path() const noexcept { return path_; }

 private:
  SegmentReader(File file, Path path);
  Result<> map(std::uint64_t size);

  File file_;
  Path path_;
  void* mapping_ = nullptr;
  std::size_t mapped_ = 0;
  std::uint64_t data_end_ = 0;  ///< first byte of the directory
  SegmentDirectory directory_;
};

}  // namespace karez::historian
