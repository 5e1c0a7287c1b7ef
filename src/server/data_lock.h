// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/error.h"
#include "base/file.h"

namespace karez::server {

/// The right to a data folder: of one process at a time, given back by the system when the process ends.
/// Thread: main.
class DataLock {
 public:
  DataLock() = default;
  DataLock(DataLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  DataLock& operator=(DataLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~DataLock();
  /// Errors: server.data_in_use (another process has it), server.data_dir.
  static Result<DataLock> take(const Path& folder);

 private:
  explicit DataLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace karez::server
