// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"

namespace karez::historian {

/// Keeps a store for one process. The lock goes with the process, however it ends.
class LockFile {
 public:
  /// Errors: store.locked, naming the process that has it.
  static Result<LockFile> take(const Path& path);

 private:
  explicit LockFile(File file) : file_(std::move(file)) {}
  File file_;
};

}  // namespace karez::historian
