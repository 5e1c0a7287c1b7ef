// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/error.h"

namespace karez {

using Path = std::filesystem::path;

/// An open file descriptor; closes itself. Thread: one at a time for writing, any for pread.
class File {
 public:
  enum class Mode : unsigned char { read, create, append, read_write };

  File() = default;
  File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  File& operator=(File&& other) noexcept;
  ~File();

  /// Errors: file.not_found, file.denied, file.full, file.io (text names the path and the system's words).
  static Result<File> open(const Path& path, Mode mode);

  bool is_open() const noexcept { return fd_ >= 0; }
  /// Writes all bytes at the end (append) or at the file position.
  Result<> write(ByteView bytes);
  Result<> write_at(std::uint64_t offset, ByteView bytes);
  /// Reads exactly `out.size()` bytes; file.short_read when the file ends first.
  Result<> read_at(std::uint64_t offset, std::span<std::byte> out) const;
  Result<std::uint64_t> size() const;
  /// fdatasync. After an error the data may be lost although a retry succeeds: never retry.
  Result<> sync();
  Result<> truncate(std::uint64_t length);
  int fd() const noexcept { return fd_; }

 private:
  explicit File(int fd) noexcept : fd_(fd) {}
  int fd_ = -1;
};

/// Whole file, at most `max_bytes` (file.too_large).
Result<std::string> read_file(const Path& path, std::size_t max_bytes = 64u << 20);
/// Writes beside, syncs, renames over, syncs the directory: after it returns, the file survives a
/// power cut, and nobody ever saw half of it. `mode` are the permission bits.
Result<> write_file_atomic(const Path& path, ByteView bytes, unsigned mode = 0640);
Result<> sync_directory(const Path& directory);
Result<> make_directories(const Path& directory);

/// A folder of its own that disappears with the object; for tests and staging. Thread: one.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const Path& path() const noexcept { return path_; }

 private:
  Path path_;
};

}  // namespace karez
