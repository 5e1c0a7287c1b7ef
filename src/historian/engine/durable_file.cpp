// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/durable_file.h"

#include <filesystem>
#include <system_error>

#include "base/format.h"

namespace karez::historian {

Result<Path> write_beside(const Path& path, ByteView bytes, Durable durable) {
  Path temporary = path;
  temporary += ".tmp";
  const auto write = [&]() -> Result<> {
    KZ_TRY(File file, File::open(temporary, File::Mode::create));
    KZ_CHECK(file.write(bytes));
    return durable == Durable::yes ? file.sync() : Result<>{};
  };
  if (auto done = write(); !done) {
    std::error_code ignored;  // written anew the next time
    std::filesystem::remove(temporary, ignored);
    return std::unexpected<Error>(std::move(done).error());
  }
  return temporary;
}

Result<> rename_over(const Path& from, const Path& to) {
  std::error_code ec;
  std::filesystem::rename(from, to, ec);
  if (!ec) return {};
  return fail(Errc::unavailable, "file.io", karez::format("Cannot rename to {}: {}.", to.string(), ec.message()));
}

Result<> replace_file(const Path& path, ByteView bytes, Durable durable) {
  KZ_TRY(const Path temporary, write_beside(path, bytes, durable));
  KZ_CHECK(rename_over(temporary, path));
  return keep_entry(path.parent_path(), durable);
}

Result<> keep_entry(const Path& directory, Durable durable) {
  return durable == Durable::yes ? sync_directory(directory) : Result<>{};
}

}  // namespace karez::historian
