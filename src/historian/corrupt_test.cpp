// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/format.h"
#include "historian/testing/damage_fixture.h"

namespace karez::historian {
namespace {

namespace fs = std::filesystem;
using testing::sample;

class CorruptTest : public testing::DamageFixture {};

TEST_F(CorruptTest, CutsATornTailOfTheLog) {
  options.flush_on_close = false;
  open();
  write_rows(1, 20);
  store.reset();
  const Path log = files(".wal").back();
  const auto whole = fs::file_size(log);
  fs::resize_file(log, whole - 40);  // the seal and a part of the last frame
  open();
  EXPECT_EQ(values(1).size(), 19u);
  EXPECT_EQ(last(1).bits, model::bits_of(19.0));
  write_rows(30, 1);
  reopen();
  EXPECT_EQ(values(1).size(), 20u);
}

TEST_F(CorruptTest, CutsTheLogAtABadChecksumInTheLastFile) {
  options.flush_on_close = false;
  open();
  write_rows(1, 20);
  store.reset();
  flip(files(".wal").back(), fs::file_size(files(".wal").back()) - 35);
  open();
  EXPECT_EQ(values(1).size(), 19u);
}

TEST_F(CorruptTest, RefusesDamageInAnOlderLogFileAndNamesIt) {
  options.flush_on_close = false;
  options.wal_file_bytes = 1000;
  open();
  write_rows(1, 40);
  store.reset();
  const auto logs = files(".wal");
  ASSERT_GT(logs.size(), 2u);
  flip(logs.front(), 200);
  EXPECT_EQ(failure_to_open(), "store.wal_corrupt");
  EXPECT_NE(error_text.find(logs.front().filename().string()), std::string::npos) << error_text;
}

TEST_F(CorruptTest, NamesTheSegmentWhoseChunkIsDamaged) {
  open();
  write_rows(1, 50);
  store.reset();
  const Path segment = files(".seg").front();
  flip(segment, 45);
  open();
  const auto page = store->raw({.point = {1}, .range = {kMinTime, kMaxTime}});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().slug(), "store.segment_corrupt");
  EXPECT_NE(page.error().text().find(segment.filename().string()), std::string_view::npos);
  EXPECT_EQ(values(2).size(), 50u) << "other points stay readable";
  EXPECT_FALSE(store->verify());
}

TEST_F(CorruptTest, NamesTheSegmentWhoseDirectoryIsDamaged) {
  open();
  write_rows(1, 50);
  store.reset();
  const Path segment = files(".seg").front();
  flip(segment, fs::file_size(segment) - 100);
  open();
  const auto page = store->raw({.point = {1}, .range = {kMinTime, kMaxTime}});
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().slug(), "store.segment_corrupt");
  EXPECT_NE(page.error().text().find(segment.filename().string()), std::string_view::npos);
}

TEST_F(CorruptTest, RefusesAMissingOrShortSegment) {
  open();
  write_rows(1, 50);
  store.reset();
  const Path segment = files(".seg").front();
  fs::resize_file(segment, fs::file_size(segment) - 1);
  EXPECT_EQ(failure_to_open(), "store.segment_corrupt");
  fs::remove(segment);
  EXPECT_EQ(failure_to_open(), "store.segment_missing");
  EXPECT_NE(error_text.find(segment.filename().string()), std::string::npos);
}

TEST_F(CorruptTest, RebuildsLastValuesWhenTheirFileIsDamaged) {
  open();
  write_rows(1, 5);
  write_text(3, 9000, "running");
  store.reset();
  flip(options.dir / "last", 20);
  open();
  EXPECT_EQ(last(1).bits, model::bits_of(5.0));
  EXPECT_EQ(last(3).text, "running");
}

TEST_F(CorruptTest, RemovesWhatACrashLeftHalfWritten) {
  open();
  write_rows(1, 5);
  store.reset();
  const Path stray = files(".seg").front().parent_path() / "00000000000000ff.seg";
  ASSERT_TRUE(write_file_atomic(stray, as_bytes("half")));
  ASSERT_TRUE(write_file_atomic(Path(stray) += ".tmp", as_bytes("half")));
  open();
  EXPECT_FALSE(fs::exists(stray));
  EXPECT_EQ(files(".tmp").size(), 0u);
  EXPECT_EQ(values(1).size(), 5u);
}

/// Whatever byte of whatever file is flipped: the store says so, or answers as before. Of the newest log
/// file blocks may be missing, but then it is kept aside.
TEST_F(CorruptTest, NeverServesAFlippedByte) {
  options.flush_on_close = false;
  options.wal_file_bytes = 1500;
  open();
  write_rows(1, 10);
  ASSERT_TRUE(store->flush());
  write_rows(5, 10);
  ASSERT_TRUE(store->flush());
  const model::PointId two{2};
  ASSERT_TRUE(store->remove({&two, 1}, {from_ns(3000), from_ns(8000)}));
  write_rows(15, 20);
  const std::vector<double> ones = values(1), twos = values(2);
  const double newest = 34;
  store.reset();
  const Path whole = options.dir;
  options.dir = folder.path() / "damaged";
  std::size_t opened = 0, refused = 0, kept = 0;
  for (const auto& entry : fs::recursive_directory_iterator(whole)) {
    if (!entry.is_regular_file() || entry.path().filename() == "lock") continue;
    const std::uint64_t size = entry.file_size(), step = 1 + size / 40;
    for (std::uint64_t at = 0; at < size; at += step) {
      SCOPED_TRACE(karez::format("{} byte {}", entry.path().string(), at));
      fs::remove_all(options.dir);
      fs::copy(whole, options.dir, fs::copy_options::recursive);
      flip(options.dir / fs::relative(entry.path(), whole), at);
      auto damaged = Engine::open(options, clock, null_log());
      if (!damaged) {
        ASSERT_EQ(damaged.error().code(), Errc::corrupt) << damaged.error().message();
        ++refused;
        continue;
      }
      store = std::move(*damaged);
      ++opened;
      const bool aside = !kept_aside().empty();
      if (aside) ++kept;
      for (const std::uint32_t point : {1u, 2u}) {
        const auto page = store->raw({.point = {point}, .range = {kMinTime, kMaxTime}});
        if (!page) {
          ASSERT_EQ(page.error().code(), Errc::corrupt);
          continue;
        }
        const std::vector<double>& expected = point == 1 ? ones : twos;
        std::vector<double> seen;
        for (const Point& p : page->rows) seen.push_back(model::numeric(p.type, p.bits));
        if (aside) {
          ASSERT_GE(seen.size() + 1, expected.size());
        } else {
          ASSERT_EQ(seen, expected);
        }
      }
      if (!aside) {
        ASSERT_EQ(last(1).bits, model::bits_of(newest));
      }
      store.reset();
    }
  }
  EXPECT_GT(opened, 40u);
  EXPECT_GT(refused, 40u);
  EXPECT_GT(kept, 10u);
}

TEST_F(CorruptTest, IsPoisonedForGoodWhenTheLogCannotBeWritten) {
  options.wal_file_bytes = 1;  // a new file for each commit
  open();
  std::atomic<bool> told{false};
  store->on_durable([&](Ticket, const Error* failed) { told = told || failed != nullptr; });
  write_rows(1, 1);
  fs::remove_all(options.dir / "wal");
  model::BatchRef batch = pool.acquire();
  ASSERT_TRUE(batch->add(sample(1, 5000, 5)));
  const auto ticket = store->append(0, batch);
  ASSERT_TRUE(ticket);
  const auto waited = store->wait_durable(*ticket, std::chrono::seconds(30));
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().slug(), "store.poisoned");
  EXPECT_EQ(store->append(0, batch).error().slug(), "store.poisoned");
  EXPECT_TRUE(store->stats().poisoned);
  store.reset();
  EXPECT_TRUE(told);
}

TEST_F(CorruptTest, RefusesAppendsWhenMemoryIsFullAndTakesThemAfterAFlush) {
  options.head_bytes = 256u << 10;
  open();
  model::BatchRef batch = pool.acquire();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(batch->add(sample(1, i * 1000, i)));
  Result<Ticket> ticket = Ticket{};
  for (int i = 0; i < 1000 && ticket; ++i) ticket = store->append(0, batch);
  ASSERT_FALSE(ticket);
  EXPECT_EQ(ticket.error().slug(), "store.busy");
  ASSERT_TRUE(store->flush());
  EXPECT_TRUE(store->append(0, batch));
}

}  // namespace
}  // namespace karez::historian
