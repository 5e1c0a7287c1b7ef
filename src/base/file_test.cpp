// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace karez {
namespace {

std::size_t entries(const Path& directory) {
  std::size_t n = 0;
  for ([[maybe_unused]] const auto& e : std::filesystem::directory_iterator(directory)) ++n;
  return n;
}

TEST(File, WritesAndReadsAtPlaces) {
  const TempDir dir;
  File file = File::open(dir.path() / "a", File::Mode::create).value();
  ASSERT_TRUE(file.write(as_bytes("hello world")));
  ASSERT_TRUE(file.write_at(6, as_bytes("karez")));
  ASSERT_TRUE(file.sync());
  EXPECT_EQ(file.size(), 11U);
  std::array<std::byte, 5> five;
  ASSERT_TRUE(file.read_at(6, five));
  EXPECT_EQ(as_text(five), "karez");
  EXPECT_EQ(file.read_at(8, five).error().slug(), "file.short_read");
  ASSERT_TRUE(file.truncate(5));
  EXPECT_EQ(read_file(dir.path() / "a"), "hello");
}

TEST(File, AppendsAfterWhatIsThere) {
  const TempDir dir;
  for (const char* text : {"one", "two"})
    ASSERT_TRUE(File::open(dir.path() / "log", File::Mode::append)->write(as_bytes(text)));
  EXPECT_EQ(read_file(dir.path() / "log"), "onetwo");
}

TEST(File, NamesPathAndCause) {
  const TempDir dir;
  const auto missing = File::open(dir.path() / "none", File::Mode::read);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().slug(), "file.not_found");
  EXPECT_TRUE(missing.error().text().contains("none: No such file"));
  EXPECT_FALSE(read_file(dir.path()));
  ASSERT_TRUE(write_file_atomic(dir.path() / "big", as_bytes("12345")));
  EXPECT_EQ(read_file(dir.path() / "big", 4).error().slug(), "file.too_large");
}

TEST(AtomicWrite, ReplacesAsAWholeAndLeavesNothingBeside) {
  const TempDir dir;
  const Path path = dir.path() / "state.json";
  ASSERT_TRUE(write_file_atomic(path, as_bytes("old")));
  ASSERT_TRUE(write_file_atomic(path, as_bytes("new"), 0600));
  EXPECT_EQ(read_file(path), "new");
  EXPECT_EQ(entries(dir.path()), 1U);
  struct stat st{};
  ASSERT_EQ(::stat(path.c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777, 0600U);
}

TEST(AtomicWrite, LeavesTheOldFileWhenItFails) {
  const TempDir dir;
  ASSERT_TRUE(make_directories(dir.path() / "taken" / "below"));
  EXPECT_FALSE(write_file_atomic(dir.path() / "taken", as_bytes("x")));
  EXPECT_FALSE(write_file_atomic(dir.path() / "no" / "such" / "folder", as_bytes("x")));
  EXPECT_EQ(entries(dir.path()), 1U);
}

TEST(TempDir, DisappearsWithItsContents) {
  Path path;
  {
    const TempDir dir;
    path = dir.path();
    ASSERT_TRUE(write_file_atomic(path / "a", as_bytes("x")));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace karez
