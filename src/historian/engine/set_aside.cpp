// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/set_aside.h"

#include <filesystem>
#include <system_error>

#include "base/format.h"

namespace karez::historian {
namespace {

/// A path in the folder that nothing has yet.
Result<Path> free_place(const Path& store, const std::string& name) {
  const Path folder = store / "set-aside";
  KZ_CHECK(make_directories(folder));
  Path place = folder / name;
  std::error_code ec;
  for (int n = 1; std::filesystem::exists(place, ec); ++n) place = folder / karez::format("{}.{}", name, n);
  return place;
}

}  // namespace

Result<Path> copy_aside(const Path& store, const Path& file, Durable durable) {
  KZ_TRY(Path place, free_place(store, file.filename().string()));
  std::error_code ec;
  std::filesystem::copy_file(file, place, ec);
  if (ec)
    return fail(Errc::unavailable, "file.io",
                karez::format("Cannot copy {} to {}: {}.", file.string(), place.string(), ec.message()));
  if (durable == Durable::yes) {
    KZ_TRY(File copy, File::open(place, File::Mode::read_write));
    KZ_CHECK(copy.sync());
    KZ_CHECK(sync_directory(place.parent_path()));
    KZ_CHECK(sync_directory(store));
  }
  return place;
}

Result<Path> move_segment_aside(const Path& store, const Path& segment, Durable durable) {
  const std::string day = segment.parent_path().filename().string();
  KZ_TRY(Path place, free_place(store, karez::format("{}-{}", day, segment.filename().string())));
  KZ_CHECK(rename_over(segment, place));
  KZ_CHECK(keep_entry(place.parent_path(), durable));
  KZ_CHECK(keep_entry(store, durable));
  return place;
}

}  // namespace karez::historian
