// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/lock_file.h"

#include <sys/file.h>
#include <unistd.h>

#include "base/format.h"
#include "base/text.h"

namespace karez::historian {

Result<LockFile> LockFile::take(const Path& path) {
  KZ_TRY(File file, File::open(path, File::Mode::append));
  if (::flock(file.fd(), LOCK_EX | LOCK_NB) != 0) {
    const auto owner = read_file(path, 64);
    const std::string_view pid = owner ? trim(*owner) : std::string_view();
    return fail(Error(Errc::conflict, "store.locked")
                    .with(karez::format("The store {} is in use by process {}.", path.parent_path().string(),
                                        pid.empty() ? std::string_view("?") : pid))
                    .cure("Stop that process, or choose another data folder."));
  }
  KZ_CHECK(file.truncate(0));
  KZ_CHECK(file.write(as_bytes(karez::format("{}\n", ::getpid()))));
  return LockFile(std::move(file));
}

}  // namespace karez::historian
