// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/durable_file.h"

#include <filesystem>
#include <system_error>

#include "base/format.h"

namespace karez::historian {

Result<> replace_file(const Path& path, ByteView bytes, Durable durable) {
  if (durable == Durable::yes) return write_file_atomic(path, bytes);
  Path temporary = path;
  temporary += ".tmp";
  {
    KZ_TRY(File file, File::open(temporary, File::Mode::create));
    KZ_CHECK(file.write(bytes));
  }
  std::error_code ec;
  std::filesystem::rename(temporary, path, ec);
  if (ec)
    return fail(Errc::unavailable, "file.io", karez::format("Cannot rename to {}: {}.", path.string(), ec.message()));
  return {};
}

Result<> keep_entry(const Path& directory, Durable durable) {
  return durable == Durable::yes ? sync_directory(directory) : Result<>{};
}

}  // namespace karez::historian
