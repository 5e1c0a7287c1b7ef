// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "historian/engine/wal.h"

namespace karez::historian {

/// A file of the log by its name.
struct LogFile {
  Path path;
  std::uint64_t first = 0;  ///< LSN of its first frame
};
/// All of a folder, oldest first. Errors: store.wal_corrupt (a name is no LSN), file errors.
Result<std::vector<LogFile>> list_log(const Path& dir);

using FrameVisitor = std::function<Result<>(const FrameHeader& header, ByteView payload)>;

/// store.wal_corrupt with the file's name.
std::unexpected<Error> log_damaged(const Path& path, std::string_view what);

/// Reads one file of the log and changes nothing. A file of any size costs 2 MiB. Thread: one at a time.
class LogFileReader {
 public:
  static Result<LogFileReader> open(const LogFile& file);

  std::uint64_t size() const noexcept { return size_; }
  /// The head's checksum is right.
  bool head_whole() const noexcept { return first_.has_value(); }
  /// The first LSN of the head, if that is whole.
  std::optional<std::uint64_t> first() const noexcept { return first_; }

  struct End {
    std::uint64_t offset = 0;  ///< behind the last frame, or the seal
    std::uint64_t last = 0;    ///< LSN of the last frame; below the file's first when there is none
    std::uint64_t frames = 0;  ///< visited
    bool sealed = false;
  };
  /// Visits the frames above `flushed`; ends at the seal or at the first thing that is no frame, or not
  /// the next one.
  Result<End> read(std::uint64_t flushed, const FrameVisitor& visit);
  /// Whether there is more behind `end` than a crash leaves of a file in use: a whole frame, or with a
  /// damaged head anything but zeros.
  Result<bool> holds_more(const End& end);

  struct Frame {
    FrameHeader header;
    ByteView payload;  ///< valid until the next call
  };
  /// The first whole frame at or after `from`, which is moved there; nothing when there is none.
  Result<std::optional<Frame>> next_frame(std::uint64_t& from);

 private:
  LogFileReader() = default;
  Result<ByteView> at(std::uint64_t offset, std::size_t count);
  Result<std::optional<Frame>> frame_at(std::uint64_t offset);
  Result<bool> holds_bytes(std::uint64_t from);

  File file_;
  std::uint64_t size_ = 0, named_ = 0;
  std::optional<std::uint64_t> first_;
  std::uint64_t start_ = 0;  ///< of the window that `bytes_` is
  std::vector<std::byte> bytes_;
};

}  // namespace karez::historian
