// SPDX-License-Identifier: Apache-2.0
#include "cli/output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace karez::cli {

void put(std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stdout); }  // finish_output() tells

void put_error(std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stderr); }

Result<> finish_output() {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return {};
  return fail(Error(Errc::unavailable, "cli.output")
                  .with(karez::format("The output could not be written{}{}.", errno == 0 ? "" : ": ",
                                      errno == 0 ? "" : std::strerror(errno)))
                  .cure("See whether the disk is full, or where the output goes is closed."));
}

}  // namespace karez::cli
