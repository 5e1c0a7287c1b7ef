// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "base/format.h"
#include "base/ids.h"

namespace karez {
namespace {

std::unexpected<Error> os_error(const char* verb, const Path& path, int number) {
  const std::string text =
      karez::format("Cannot {} {}: {}.", verb, path.string(), std::generic_category().message(number));
  switch (number) {
    case ENOENT: return fail(Errc::not_found, "file.not_found", text);
    case EACCES:
    case EPERM:
    case EROFS: return fail(Errc::denied, "file.denied", text);
    case ENOSPC:
    case EDQUOT: return fail(Errc::exhausted, "file.full", text);
    default: return fail(Errc::unavailable, "file.io", text);
  }
}

Path path_of(int fd) {
  std::error_code ignored;
  return std::filesystem::read_symlink(karez::format("/proc/self/fd/{}", fd), ignored);
}

}  // namespace

File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}

Result<File> File::open(const Path& path, Mode mode) {
  int flags = O_CLOEXEC;
  switch (mode) {
    case Mode::read: flags |= O_RDONLY; break;
    case Mode::create: flags |= O_RDWR | O_CREAT | O_TRUNC; break;
    case Mode::append: flags |= O_RDWR | O_CREAT | O_APPEND; break;
    case Mode::read_write: flags |= O_RDWR; break;
  }
  const int fd = ::open(path.c_str(), flags, 0640);
  if (fd < 0) return os_error("open", path, errno);
  return File(fd);
}

Result<> File::write(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return os_error("write", path_of(fd_), errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<> File::write_at(std::uint64_t offset, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0) {
      if (errno == EINTR) continue;
      return os_error("write", path_of(fd_), errno);
    }
    offset += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<> File::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t n = ::pread(fd_, out.data(), out.size(), static_cast<off_t>(offset));
    if (n < 0) {
      if (errno == EINTR) continue;
      return os_error("read", path_of(fd_), errno);
    }
    if (n == 0)
      return fail(Errc::corrupt, "file.short_read",
                  karez::format("{} ends before byte {}.", path_of(fd_).string(), offset + out.size()));
    offset += static_cast<std::uint64_t>(n);
    out = out.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Result<std::uint64_t> File::size() const {
  struct stat st{};
  if (::fstat(fd_, &st) != 0) return os_error("examine", path_of(fd_), errno);
  return static_cast<std::uint64_t>(st.st_size);
}

Result<> File::sync() {
  if (::fdatasync(fd_) != 0) return os_error("sync", path_of(fd_), errno);
  return {};
}

Result<> File::truncate(std::uint64_t length) {
  if (::ftruncate(fd_, static_cast<off_t>(length)) != 0) return os_error("cut", path_of(fd_), errno);
  return {};
}

Result<std::string> read_file(const Path& path, std::size_t max_bytes) {
  KZ_TRY(const File file, File::open(path, File::Mode::read));
  KZ_TRY(const std::uint64_t size, file.size());
  if (size > max_bytes)
    return fail(Errc::exhausted, "file.too_large",
                karez::format("{} has {} bytes, at most {} are read.", path.string(), size, max_bytes));
  std::string out(size, '\0');
  KZ_CHECK(file.read_at(0, std::as_writable_bytes(std::span(out))));
  return out;
}

Result<> sync_directory(const Path& directory) {
  const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return os_error("open", directory, errno);
  const int rc = ::fsync(fd);
  const int number = errno;
  ::close(fd);
  if (rc != 0) return os_error("sync", directory, number);
  return {};
}

Result<> write_file_atomic(const Path& path, ByteView bytes, unsigned mode) {
  Path temporary = path;
  temporary += "." + random_hex(4) + ".tmp";
  const auto write_it = [&]() -> Result<> {
    KZ_TRY(File file, File::open(temporary, File::Mode::create));
    if (::fchmod(file.fd(), static_cast<mode_t>(mode)) != 0) return os_error("protect", temporary, errno);
    KZ_CHECK(file.write(bytes));
    KZ_CHECK(file.sync());
    if (::rename(temporary.c_str(), path.c_str()) != 0) return os_error("rename to", path, errno);
    return sync_directory(path.has_parent_path() ? path.parent_path() : Path("."));
  };
  auto done = write_it();
  if (!done) ::unlink(temporary.c_str());
  return done;
}

Result<> make_directories(const Path& directory) {
  std::error_code ec;
  std::filesystem::create_directories(directory, ec);
  if (ec) return os_error("create", directory, ec.value());
  return {};
}

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "karez-XXXXXX").string();
  KZ_ASSERT(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace karez
