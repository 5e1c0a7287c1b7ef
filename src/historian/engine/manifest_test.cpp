// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/manifest.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <numeric>

#include "historian/testing/store_fixture.h"

namespace karez::historian {
namespace {

using testing::put_file;

class ManifestTest : public ::testing::Test {
 protected:
  Result<Manifest> open() {
    auto opened = Manifest::open(path_, Durable::no, null_log());
    if (opened) KZ_CHECK(opened->begin());
    return opened;
  }
  static ManifestEdit flushed(std::uint64_t lsn) {
    ManifestEdit edit;
    edit.flushed = lsn;
    return edit;
  }
  /// Writes edits with the LSNs 1 to `count`; the answer is where each record begins, and the end.
  std::vector<std::size_t> write(std::uint64_t count) {
    std::vector<std::size_t> out;
    auto m = open();
    EXPECT_TRUE(m);
    for (std::uint64_t lsn = 1; m && lsn <= count; ++lsn) {
      out.push_back(std::filesystem::file_size(path_));
      EXPECT_TRUE(m->apply(flushed(lsn)));
    }
    out.push_back(std::filesystem::file_size(path_));
    return out;
  }
  void flip(std::size_t at) {
    auto text = read_file(path_);
    ASSERT_TRUE(text);
    text->at(at) = static_cast<char>(text->at(at) ^ 0x20);
    put_file(path_, *text);
  }
  /// LSN that is read back, or the error's slug.
  std::string read() {
    const auto m = Manifest::open(path_, Durable::no, null_log());
    return m ? std::to_string(m->state().flushed) + (m->cut() ? " cut" : "") : std::string(m.error().slug());
  }

  TempDir folder_;
  Path path_ = folder_.path() / "manifest";
};

TEST_F(ManifestTest, CutsALastRecordThatIsTooShort) {
  const auto starts = write(3);
  for (std::size_t length = starts[2] + 1; length < starts[3]; ++length) {
    std::filesystem::resize_file(path_, length);
    ASSERT_EQ(read(), "2 cut") << length;
    std::filesystem::remove(path_);
    write(3);
  }
  std::filesystem::resize_file(path_, starts[2]);
  EXPECT_EQ(read(), "2") << "ends between two records";
}

TEST_F(ManifestTest, CutsZerosAtTheEnd) {
  const auto starts = write(3);
  std::filesystem::resize_file(path_, starts[2]);
  std::filesystem::resize_file(path_, starts[2] + 500);
  EXPECT_EQ(read(), "2 cut");
}

TEST_F(ManifestTest, CutsARecordOfWhichAPageNeverCameToTheDisk) {
  {
    auto m = open();
    ASSERT_TRUE(m);
    ASSERT_TRUE(m->apply(flushed(7)));
    std::vector<std::uint32_t> points(5000);
    std::iota(points.begin(), points.end(), 1);
    ManifestEdit edit;
    edit.bury.push_back(std::make_shared<Tombstone>(Tombstone{.lsn = 8, .from = 0, .to = 1, .points = points}));
    ASSERT_TRUE(m->apply(edit));
  }
  const auto size = std::filesystem::file_size(path_);
  ASSERT_GT(size, 4200u);
  std::filesystem::resize_file(path_, 4096);
  std::filesystem::resize_file(path_, size);
  EXPECT_EQ(read(), "7 cut");
}

TEST_F(ManifestTest, RefusesEveryFlippedByteOfALaterRecord) {
  const auto starts = write(3);
  const auto whole = read_file(path_);
  for (std::size_t at = 0; at < starts[3]; ++at) {
    flip(at);
    ASSERT_EQ(read(), "store.manifest_corrupt") << "byte " << at;
    put_file(path_, *whole);
  }
  EXPECT_EQ(read(), "3");
}

TEST_F(ManifestTest, RefusesAFileWithoutARecord) {
  write(1);
  std::filesystem::resize_file(path_, 16);
  EXPECT_EQ(read(), "store.manifest_corrupt");
}

/// An edit that was synced holds although the file could not be written anew behind it.
TEST_F(ManifestTest, GoesOnWhenItCannotBeShortened) {
  auto m = open();
  ASSERT_TRUE(m);
  std::filesystem::create_directories(folder_.path() / "manifest.tmp/x");  // nothing can be written beside
  std::vector<std::uint32_t> points(50'000);
  for (std::size_t i = 0; i < points.size(); ++i) points[i] = static_cast<std::uint32_t>(i * 80'000);
  for (std::uint64_t lsn = 1; lsn <= 20; ++lsn) {
    ManifestEdit edit = flushed(lsn);
    edit.bury.push_back(std::make_shared<Tombstone>(Tombstone{.lsn = lsn, .from = 0, .to = 1, .points = points}));
    ASSERT_TRUE(m->apply(edit)) << lsn;
    ASSERT_FALSE(m->broken());
  }
  ASSERT_GT(std::filesystem::file_size(path_), 2u << 20);
  m = open();
  ASSERT_TRUE(m) << "nor does a start need it";
  EXPECT_EQ(m->state().tombstones.size(), 20u);
  ASSERT_TRUE(m->apply(flushed(21)));
  std::filesystem::remove_all(folder_.path() / "manifest.tmp");
  m = open();
  ASSERT_TRUE(m);
  EXPECT_EQ(m->state().flushed, 21u);
  EXPECT_EQ(m->state().tombstones.size(), 20u);
}

}  // namespace
}  // namespace karez::historian
