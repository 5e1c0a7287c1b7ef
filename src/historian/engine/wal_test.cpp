// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/wal.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "historian/engine/wal_replay.h"

namespace karez::historian {
namespace {

class WalTest : public ::testing::Test {
 protected:
  std::unique_ptr<Wal> make(std::vector<WalFile> old, std::uint64_t next_lsn) {
    auto wal = std::make_unique<Wal>(Wal::Options{.dir = folder_.path(), .sync = SyncMode::off}, std::move(old),
                                     next_lsn, null_log());
    EXPECT_TRUE(wal->start({}));
    return wal;
  }
  static void append(Wal& wal) {
    const auto lsn = wal.append(FrameKind::samples, 0, {}, 0);
    ASSERT_TRUE(lsn);
    ASSERT_TRUE(wal.wait(*lsn, std::chrono::seconds(30)));
  }
  Path path(std::uint64_t first) const { return folder_.path() / wal_name(first); }
  std::vector<std::uint64_t> names() const {
    std::vector<std::uint64_t> out;
    const auto files = list_log(folder_.path());
    EXPECT_TRUE(files);
    for (const LogFile& file : files.value_or(std::vector<LogFile>{})) out.push_back(file.first);
    return out;
  }

  TempDir folder_;
};

/// A kill right after the file was made leaves one without a frame, whose name is then used again.
TEST_F(WalTest, NeverReleasesAFileThatWasBegunAgain) {
  ASSERT_TRUE(write_file_atomic(path(11), wal_header(11)));
  auto wal = make({{.path = path(11), .first = 11, .last = 10, .bytes = 60}}, 11);
  append(*wal);
  wal->release(10);
  EXPECT_EQ(names(), std::vector<std::uint64_t>{11});
  wal->roll();
  wal->release(10);
  EXPECT_EQ(names(), (std::vector<std::uint64_t>{11, 12}));
  wal->release(11);
  EXPECT_EQ(names(), std::vector<std::uint64_t>{12});
}

TEST_F(WalTest, AlwaysLeavesAFileThatTellsHowFarTheLogReaches) {
  {
    auto wal = make({}, 1);
    EXPECT_EQ(names(), std::vector<std::uint64_t>{1});
    wal->roll();
    EXPECT_EQ(names(), std::vector<std::uint64_t>{1}) << "there is nothing in it";
    append(*wal);
    append(*wal);
    wal->roll();
    wal->release(2);
    EXPECT_EQ(names(), std::vector<std::uint64_t>{3});
    EXPECT_EQ(wal->bytes(), 0u);
  }
  EXPECT_EQ(names(), std::vector<std::uint64_t>{3});
  {
    auto wal = make({{.path = path(3), .first = 3, .last = 2, .bytes = 60}}, 3);
    append(*wal);
  }
  EXPECT_EQ(names(), std::vector<std::uint64_t>{3});
}

TEST_F(WalTest, RefusesAFileWithAForeignName) {
  ASSERT_TRUE(write_file_atomic(folder_.path() / "copy of 0000000000000001.wal", wal_header(1)));
  EXPECT_FALSE(list_log(folder_.path()));
}

}  // namespace
}  // namespace karez::historian
