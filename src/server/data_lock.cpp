// SPDX-License-Identifier: Apache-2.0
#include "server/data_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstring>

#include "base/format.h"

namespace karez::server {

DataLock::~DataLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<DataLock> DataLock::take(const Path& folder) {
  const Path file = folder / "lock";
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail(Errc::denied, "server.data_dir",
                karez::format("Cannot open {}: {}.", file.string(), std::strerror(errno)));
  DataLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0)
    return fail(Error(Errc::conflict, "server.data_in_use")
                    .with(karez::format("Another process works on the data in {}.", folder.string()))
                    .cure("Stop it first, or give another folder with --data."));
  return lock;
}

}  // namespace karez::server
