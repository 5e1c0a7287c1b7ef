// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/time.h"

namespace karez::server {

/// A supervised child process. It dies with us, whatever ends us: the kernel sends it SIGTERM when this
/// process goes. Thread: the one that started it (PR_SET_PDEATHSIG belongs to the thread).
class Child {
 public:
  Child() = default;
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();  ///< terminate

  /// `arguments[0]` is the program. Its standard output can be read by `read_line` when `capture`.
  /// Errors: child.cannot_start.
  static Result<Child> start(const std::vector<std::string>& arguments, bool capture, const Path& log_file = {});
  /// The next line of its output. Errors: child.ended, child.timeout.
  Result<std::string> read_line(Duration timeout);
  bool running();
  /// SIGTERM, and SIGKILL after 3 s; waits.
  void terminate();
  pid_t pid() const noexcept { return pid_; }

 private:
  pid_t pid_ = -1;
  int output_ = -1, input_ = -1;
  std::string buffer_;
};

/// First executable of that name on PATH or in /usr/sbin; empty when there is none.
Path find_program(const std::string& name);

}  // namespace karez::server
