// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

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
