// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <filesystem>

#include "historian/testing/store_fixture.h"

/// For tests of the historian only.
namespace karez::historian::testing {

/// A store whose files are damaged between two starts.
class DamageFixture : public StoreFixture {
 protected:
  std::vector<Path> files(std::string_view extension) const {
    std::vector<Path> out;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(options.dir))
      if (entry.path().extension() == extension && entry.path().parent_path() != aside()) out.push_back(entry.path());
    std::ranges::sort(out);
    return out;
  }
  Path manifest() const { return options.dir / "manifest"; }
  Path aside() const { return options.dir / "set-aside"; }
  std::vector<std::string> kept_aside() const {
    std::vector<std::string> out;
    std::error_code ec;
    for (const auto& entry : std::filesystem::directory_iterator(aside(), ec))
      out.push_back(entry.path().filename().string());
    std::ranges::sort(out);
    return out;
  }
  static void flip(const Path& path, std::uint64_t offset) {
    auto file = File::open(path, File::Mode::read_write);
    ASSERT_TRUE(file);
    std::byte b;
    ASSERT_TRUE(file->read_at(offset, {&b, 1}));
    b ^= std::byte{0x10};
    ASSERT_TRUE(file->write_at(offset, {&b, 1}));
  }
  static void lengthen(const Path& path, std::string_view bytes) {
    auto file = File::open(path, File::Mode::append);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write(as_bytes(bytes)));
  }
  static std::string content(const Path& path) { return read_file(path).value_or("unreadable"); }
  std::string failure_to_open() {
    const auto opened = Engine::open(options, clock, null_log());
    if (opened) return "opened";
    error_text = opened.error().text();
    return std::string(opened.error().slug());
  }
  /// One block a row for the points 1 and 2, at i us with the values i and -i.
  void write_rows(int first, int count) {
    for (int i = first; i < first + count; ++i) write({sample(1, i * 1000, i), sample(2, i * 1000, -i)});
  }

  std::string error_text;
};

}  // namespace karez::historian::testing
