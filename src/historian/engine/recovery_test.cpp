// SPDX-License-Identifier: Apache-2.0
// What a start does with a manifest or a log that is not whole.
#include <gtest/gtest.h>

#include "historian/testing/damage_fixture.h"

namespace karez::historian {
namespace {

namespace fs = std::filesystem;
using testing::put_file;
using testing::sample;

class RecoveryTest : public testing::DamageFixture {
 protected:
  RecoveryTest() {
    options.sync = SyncMode::sync;
    options.wal_file_bytes = 64u << 10;
  }

  /// Opens what a kill would leave now.
  void open_crash_image() {
    const Path image = folder.path() / "image";
    fs::copy(options.dir, image, fs::copy_options::recursive);
    store.reset();
    options.dir = image;
    open();
  }
};

TEST_F(RecoveryTest, RefusesADamagedManifestAndNamesIt) {
  open();
  write_rows(1, 5);
  ASSERT_TRUE(store->flush());
  write_rows(6, 5);
  store.reset();
  flip(manifest(), 30);
  EXPECT_EQ(failure_to_open(), "store.manifest_corrupt");
  EXPECT_NE(error_text.find("manifest"), std::string::npos);
}

TEST_F(RecoveryTest, RefusesEveryFlippedByteOfAManifestThatIsOneRecord) {
  open();
  write_rows(1, 5);
  reopen();  // flushed, then written anew
  const std::string whole = content(manifest());
  store.reset();
  put_file(manifest(), whole);
  const auto segments = files(".seg");
  ASSERT_FALSE(segments.empty());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x04);
    put_file(manifest(), damaged);
    ASSERT_EQ(failure_to_open(), "store.manifest_corrupt") << "byte " << at;
    ASSERT_EQ(content(manifest()), damaged) << "an error changes nothing";
  }
  for (std::size_t length = 0; length < whole.size(); ++length) {
    put_file(manifest(), whole.substr(0, length));
    ASSERT_EQ(failure_to_open(), "store.manifest_corrupt") << "length " << length;
  }
  ASSERT_EQ(files(".seg"), segments);
  put_file(manifest(), whole);
  open();
  EXPECT_EQ(values(1).size(), 5u);
}

TEST_F(RecoveryTest, NoticesALostEditOfTheManifestAndKeepsItsSegments) {
  options.flush_on_close = false;
  open();
  write_rows(1, 5);
  ASSERT_TRUE(store->flush());
  write_rows(6, 5);
  store.reset();
  const auto segments = files(".seg");
  ASSERT_FALSE(segments.empty());
  fs::resize_file(manifest(), fs::file_size(manifest()) - 3);
  EXPECT_EQ(failure_to_open(), "store.manifest_corrupt");
  EXPECT_EQ(failure_to_open(), "store.manifest_corrupt") << "the second time as well";
  EXPECT_EQ(files(".seg"), segments);
}

TEST_F(RecoveryTest, NoticesALostEditOfAStoreThatEndedInOrder) {
  open();
  write_rows(1, 5);
  store.reset();
  const auto segments = files(".seg");
  ASSERT_FALSE(segments.empty());
  fs::resize_file(manifest(), fs::file_size(manifest()) - 3);
  EXPECT_EQ(failure_to_open(), "store.manifest_corrupt");
  EXPECT_EQ(files(".seg"), segments);
}

TEST_F(RecoveryTest, NoticesAnEmptiedLogFolder) {
  options.flush_on_close = false;
  open();
  write_rows(1, 5);
  store.reset();
  for (const Path& log : files(".wal")) fs::remove(log);
  EXPECT_EQ(failure_to_open(), "store.wal_missing");
  EXPECT_NE(error_text.find("wal"), std::string::npos);
}

TEST_F(RecoveryTest, RefusesToBeginAnewWhereDataIs) {
  open();
  write_rows(1, 5);
  store.reset();
  fs::remove(manifest());
  EXPECT_EQ(failure_to_open(), "store.manifest_corrupt");
  EXPECT_FALSE(files(".seg").empty());
}

TEST_F(RecoveryTest, SetsSegmentsAsideWhenTheManifestWasCut) {
  open();
  write_rows(1, 5);
  store.reset();
  const Path stray = files(".seg").front().parent_path() / "00000000000000ff.seg";
  put_file(stray, "perhaps the only copy");
  lengthen(manifest(), "half");
  open();
  EXPECT_EQ(values(1).size(), 5u);
  EXPECT_FALSE(fs::exists(stray));
  EXPECT_EQ(kept_aside(), (std::vector<std::string>{"1970-01-01-00000000000000ff.seg", "manifest"}));
  EXPECT_EQ(content(aside() / "1970-01-01-00000000000000ff.seg"), "perhaps the only copy");
  write_rows(6, 5);
  reopen();
  EXPECT_EQ(values(1).size(), 10u);
  EXPECT_EQ(kept_aside().size(), 2u);
}

TEST_F(RecoveryTest, LosesOnlyTheDamagedBlockOfALogAndKeepsTheFileAside) {
  options.flush_on_close = false;
  open();
  write_rows(1, 20);
  store.reset();
  const Path log = files(".wal").back();
  const auto frame = (fs::file_size(log) - 60) / 20;  // about the size of one
  flip(log, 32 + frame * 10 + frame / 2);
  const std::string before = content(log);
  open();
  EXPECT_EQ(values(1).size(), 19u);
  EXPECT_EQ(last(1).bits, model::bits_of(20.0));
  ASSERT_EQ(kept_aside(), std::vector<std::string>{log.filename().string()});
  EXPECT_EQ(content(aside() / log.filename()), before);
  write_rows(30, 1);
  reopen();
  EXPECT_EQ(values(1).size(), 20u);
  EXPECT_EQ(kept_aside().size(), 1u) << "the file itself is not needed any more";
}

TEST_F(RecoveryTest, ReadsALogWhoseHeadIsDamaged) {
  options.flush_on_close = false;
  open();
  write_rows(1, 20);
  store.reset();
  const Path log = files(".wal").back();
  flip(log, 13);
  open();
  EXPECT_EQ(values(1).size(), 20u);
  EXPECT_EQ(kept_aside().size(), 1u);
  reopen();
  EXPECT_EQ(values(1).size(), 20u);
  EXPECT_EQ(kept_aside().size(), 1u) << "mended";
}

TEST_F(RecoveryTest, TakesALogFileThatWasBeingMade) {
  options.flush_on_close = false;
  open();
  write_rows(1, 5);
  store.reset();
  for (const std::size_t bytes : {0u, 20u, 4096u}) {
    put_file(options.dir / "wal/0000000000000006.wal", std::string(bytes, '\0'));
    open();
    EXPECT_EQ(values(1).size(), 5u);
    store.reset();
    EXPECT_TRUE(kept_aside().empty());
  }
  open();
  write_rows(6, 1);
  reopen();
  EXPECT_EQ(values(1).size(), 6u);
}

TEST_F(RecoveryTest, NoticesAMissingLogFileInBetween) {
  options.flush_on_close = false;
  options.wal_file_bytes = 1000;
  open();
  write_rows(1, 40);
  store.reset();
  const auto logs = files(".wal");
  ASSERT_GT(logs.size(), 3u);
  fs::remove(logs[1]);
  EXPECT_EQ(failure_to_open(), "store.wal_corrupt");
  EXPECT_NE(error_text.find(logs[2].filename().string()), std::string::npos) << error_text;
}

TEST_F(RecoveryTest, ForgetsASavedValueOfALostBlockForGood) {
  options.flush_on_close = false;
  open();
  write_rows(1, 5);
  store.reset();  // saves the values of block 5, which is then lost
  const Path log = files(".wal").front();
  const auto frame = (fs::file_size(log) - 60) / 5;
  fs::resize_file(log, fs::file_size(log) - 28 - frame / 2);
  open();
  EXPECT_EQ(last(1).bits, model::bits_of(4.0));
  write({sample(7, 1000, 7)});  // block 5 again
  ASSERT_NO_FATAL_FAILURE(open_crash_image());
  EXPECT_EQ(last(1).bits, model::bits_of(4.0));
  EXPECT_EQ(last(7).bits, model::bits_of(7.0));
}

}  // namespace
}  // namespace karez::historian
