// SPDX-License-Identifier: Apache-2.0
#include "historian/check.h"

#include <gtest/gtest.h>

#include "historian/testing/damage_fixture.h"

namespace karez::historian {
namespace {

namespace fs = std::filesystem;
using testing::put_file;

class CheckTest : public testing::DamageFixture {
 protected:
  void SetUp() override {
    options.flush_on_close = false;
    options.wal_file_bytes = 1000;
    open();
    write_rows(1, 20);
    ASSERT_TRUE(store->flush());
    write_rows(21, 40);
    store.reset();
  }
  StoreCheck check() {
    std::map<Path, std::string> before;
    for (const auto& entry : fs::recursive_directory_iterator(options.dir))
      if (entry.is_regular_file() && entry.path().filename() != "lock") before[entry.path()] = content(entry.path());
    const auto done = check_store(options.dir);
    EXPECT_TRUE(done);
    for (const auto& [path, bytes] : before) EXPECT_EQ(content(path), bytes) << path << " was changed";
    return done.value_or(StoreCheck{});
  }
  /// The one finding of damage.
  Finding damage() {
    const StoreCheck done = check();
    EXPECT_TRUE(done.damaged());
    EXPECT_EQ(done.findings.size(), 1u);
    return done.findings.empty() ? Finding{} : done.findings.front();
  }
};

TEST_F(CheckTest, FindsNothingInAWholeStore) {
  const StoreCheck done = check();
  EXPECT_TRUE(done.findings.empty()) << done.findings.front().what;
  EXPECT_FALSE(done.damaged());
  EXPECT_EQ(done.segments, 1u);
  EXPECT_EQ(done.chunks, 2u);
  EXPECT_EQ(done.samples, 40u);
  EXPECT_GT(done.log_files, 3u);
  EXPECT_EQ(done.blocks, 40u);
}

TEST_F(CheckTest, NamesEveryDamagedChunkWithItsPlace) {
  const Path segment = files(".seg").front();
  flip(segment, 45);
  const Finding found = damage();
  EXPECT_EQ(found.file, segment);
  EXPECT_EQ(found.offset, 32u);
  EXPECT_FALSE(found.what.empty());
  EXPECT_FALSE(found.cure.empty());
}

TEST_F(CheckTest, NamesAMissingSegment) {
  const Path segment = files(".seg").front();
  fs::remove(segment);
  EXPECT_EQ(damage().file, segment);
}

TEST_F(CheckTest, NamesADamagedManifest) {
  flip(manifest(), 40);
  EXPECT_EQ(damage().file, manifest());
}

TEST_F(CheckTest, TellsThatAManifestEndsWithinAnEdit) {
  const auto size = fs::file_size(manifest());
  lengthen(manifest(), "half");
  const StoreCheck done = check();
  ASSERT_EQ(done.findings.size(), 1u);
  EXPECT_EQ(done.findings.front().weight, Finding::Weight::warning);
  EXPECT_EQ(done.findings.front().offset, size);
}

TEST_F(CheckTest, NamesDamageAndHolesInTheLog) {
  const auto logs = files(".wal");
  const std::string whole = content(logs[1]);
  flip(logs[1], 100);
  const Finding found = damage();
  EXPECT_EQ(found.file, logs[1]);
  ASSERT_TRUE(found.offset);
  EXPECT_GE(*found.offset, 32u);
  EXPECT_LE(*found.offset, 100u);
  fs::remove(logs[1]);
  EXPECT_EQ(damage().file, logs[2]);
  put_file(logs[1], whole);
  fs::remove(logs[0]);
  EXPECT_EQ(damage().file, manifest()) << "the log begins too late for it";
  for (const Path& log : files(".wal")) fs::remove(log);
  EXPECT_EQ(damage().file, options.dir / "wal");
}

TEST_F(CheckTest, TellsWhatACrashLeftWithoutCallingItDamage) {
  const Path stray = files(".seg").front().parent_path() / "00000000000000ff.seg";
  put_file(stray, "half");
  const Path log = files(".wal").back();
  fs::resize_file(log, fs::file_size(log) - 40);
  flip(options.dir / "last", 20);
  const StoreCheck done = check();
  EXPECT_FALSE(done.damaged());
  EXPECT_EQ(done.findings.size(), 3u);
  for (const Finding& f : done.findings) EXPECT_EQ(f.weight, Finding::Weight::notice) << f.what;
}

TEST_F(CheckTest, RefusesAStoreInUseAndAFolderWithoutOne) {
  open();
  const auto used = check_store(options.dir);
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().slug(), "store.locked");
  const auto none = check_store(folder.path() / "elsewhere");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().slug(), "file.not_found");
  EXPECT_FALSE(fs::exists(folder.path() / "elsewhere"));
}

}  // namespace
}  // namespace karez::historian
