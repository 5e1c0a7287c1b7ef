// SPDX-License-Identifier: Apache-2.0
// Bytes that earlier versions wrote. KAREZ_WRITE_GOLDEN=1 writes them anew: only together with a new format version.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "historian/engine/manifest.h"
#include "historian/engine/segment_writer.h"
#include "historian/engine/wal_frame.h"
#include "historian/testing/store_fixture.h"

namespace karez::historian {
namespace {

namespace fs = std::filesystem;
const Path kFolder = "src/historian/engine/testdata";
constexpr std::int64_t kT = 1'784'000'000'000'000'000;

bool writing() { return std::getenv("KAREZ_WRITE_GOLDEN") != nullptr; }

/// The file's bytes; first written when asked for.
std::vector<std::byte> golden(const Path& name, ByteView now) {
  const Path path = kFolder / "corpus" / name;
  if (writing()) {
    EXPECT_TRUE(make_directories(path.parent_path()));
    EXPECT_TRUE(write_file_atomic(path, now));
  }
  const auto text = read_file(path);
  EXPECT_TRUE(text) << "run the tests from the root of the tree";
  if (!text) return {};
  const ByteView bytes = as_bytes(*text);
  return {bytes.begin(), bytes.end()};
}

enum class Kind { decimals, noise, integers, constant, text, mixed };

Columns columns(Kind kind) {
  Columns c;
  std::uint64_t state = 12345;
  for (std::int64_t i = 0; i < 300; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    const auto noise = static_cast<std::int64_t>(state >> 33);
    const std::int64_t t = kT + i * 1'000'000'000 + (kind == Kind::noise ? noise % 5'000'000 : 0);
    constexpr auto kDouble = static_cast<std::uint8_t>(model::ValueType::float64);
    switch (kind) {
      case Kind::decimals:
        c.push(t, model::bits_of(static_cast<double>(2000 + i % 17 - 8) / 100), 0, kDouble, 0);
        break;
      case Kind::noise: c.push(t, model::bits_of(static_cast<double>(noise) / 7), 0, kDouble, 0); break;
      case Kind::integers:
        c.push(t, model::bits_of(i * 3 - 5), 0, static_cast<std::uint8_t>(model::ValueType::int64), 0);
        break;
      case Kind::constant: c.push(t, model::bits_of(-0.0), 0, kDouble, 0); break;
      case Kind::text: c.push_text(t, i % 3 == 0 ? "running" : "stopped 停", 0x4000, model::flag::kBackfilled); break;
      case Kind::mixed:
        if (i % 10 == 0) c.push(t, 0, 0x808a, 0, model::flag::kGap);
        else c.push(t, model::bits_of(1.5), i % 4 == 0 ? 0x8005 : 0, kDouble, 0);
        break;
    }
  }
  return c;
}

class GoldenChunkTest : public ::testing::TestWithParam<std::pair<Kind, const char*>> {};

TEST_P(GoldenChunkTest, IsReadAsItWasWritten) {
  const Columns expected = columns(GetParam().first);
  std::vector<std::byte> bytes;
  ChunkEncoder encoder;
  (void)encoder.encode(expected, 0, expected.size(), bytes);
  // zstd may choose other bytes in another version: only reading is fixed
  for (const auto& chunk : {bytes, golden(Path("chunk") / GetParam().second, bytes)}) {
    ChunkDecoder decoder;
    Columns rows;
    const auto done = decoder.decode(chunk, rows);
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(rows.time, expected.time);
    EXPECT_EQ(rows.quality, expected.quality);
    EXPECT_EQ(rows.type, expected.type);
    EXPECT_EQ(rows.flags, expected.flags);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows.type_of(i) == model::ValueType::text)
        EXPECT_EQ(rows.texts.at(rows.bits[i]), expected.texts[expected.bits[i]]);
      else EXPECT_EQ(rows.bits[i], expected.bits[i]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, GoldenChunkTest,
                         ::testing::Values(std::pair{Kind::decimals, "decimals"}, std::pair{Kind::noise, "noise"},
                                           std::pair{Kind::integers, "integers"}, std::pair{Kind::constant, "constant"},
                                           std::pair{Kind::text, "text"}, std::pair{Kind::mixed, "mixed"}));

TEST(GoldenTest, LogPayloadsAreTheSameBytes) {
  const std::vector<model::Sample> samples{
      testing::sample(7, kT, 1.5),
      testing::sample(7, kT - 5, -2, model::quality::kBad, 3),
      {.time = from_ns(kT + 1), .bits = 4, .point = {4'000'000'000}, .type = model::ValueType::text}};
  BlockEncoder encoder;
  std::vector<std::byte> block{std::byte{1}};  // the fuzz target's kind byte
  const ByteView payload = encoder.encode(samples, "good");
  block.insert(block.end(), payload.begin(), payload.end());
  EXPECT_EQ(golden("block/samples", block), block);

  std::vector<std::byte> removal{std::byte{0}};
  const std::vector<std::uint32_t> points{1, 2, 500};
  const auto body = encode_remove(points, kT, kT + 1000);
  removal.insert(removal.end(), body.begin(), body.end());
  EXPECT_EQ(golden("block/remove", removal), removal);
}

TEST(GoldenTest, ManifestEditsAreTheSameBytes) {
  ManifestEdit edit;
  edit.add.push_back({.file = 42,
                      .day = 20648,
                      .lsn = 9,
                      .clean = 8,
                      .bytes = 1000,
                      .rows = 300,
                      .chunks = 3,
                      .point_low = 1,
                      .point_high = 7,
                      .t0 = kT,
                      .t1 = kT + 5});
  edit.drop = {40, 41};
  edit.bury.push_back(std::make_shared<Tombstone>(Tombstone{.lsn = 5, .from = kT, .to = kT + 9, .points = {1, 9}}));
  edit.purge = {3};
  edit.flushed = 9;
  std::vector<std::byte> bytes;
  encode_edit(edit, bytes);
  EXPECT_EQ(golden("manifest/edit", bytes), bytes);
}

TEST(GoldenTest, DirectoriesAreTheSameBytes) {
  const TempDir folder;
  auto writer = SegmentWriter::create(folder.path(), 1, 20648, Durable::no);
  ASSERT_TRUE(writer);
  const std::vector<std::byte> chunk(100);
  for (std::uint32_t point = 1; point <= 3; ++point)
    ASSERT_TRUE(writer->copy({.point = point, .t0 = kT, .t1 = kT + point, .length = 100, .rows = 2, .min = 1}, chunk));
  const auto info = writer->finish(1, 1);
  ASSERT_TRUE(info);
  const auto file = read_file(segment_path(folder.path(), *info));
  ASSERT_TRUE(file);
  const std::size_t start = (kSegmentHeaderBytes + 300 + 7) / 8 * 8;
  std::vector<std::byte> bytes{std::byte{3}, std::byte{0}, std::byte{kDirectoryColumns}};
  const ByteView directory = as_bytes(*file).subspan(start, file->size() - start - kFooterBytes);
  bytes.insert(bytes.end(), directory.begin(), directory.end());
  EXPECT_EQ(golden("directory/three", bytes), bytes);
}

class GoldenStoreTest : public testing::StoreFixture, public ::testing::WithParamInterface<const char*> {};

/// A whole store as that version of the manifest had it: two flushed partitions, a delete, and a tail in
/// the log. Only the newest is ever written.
TEST_P(GoldenStoreTest, OpensAStoreOfEveryVersion) {
  const Path kept = kFolder / GetParam();
  options.flush_on_close = false;
  options.sync = SyncMode::sync;
  if (writing() && GetParam() == std::string_view("store_v2")) {
    open();
    write({testing::sample(1, kT, 1.25), testing::sample(1, kT + 1000, 2.5), testing::sample(2, kT, 7)});
    write({testing::sample(1, kT - 2 * 86'400'000'000'000, 0.5)});
    (void)write_text(3, kT, "running");
    ASSERT_TRUE(store->flush());
    const model::PointId two{2};
    ASSERT_TRUE(store->remove({&two, 1}, {from_ns(kT), from_ns(kT + 1)}));
    write({testing::sample(1, kT + 2000, 5)});
    store.reset();
    fs::remove_all(kept);
    fs::copy(options.dir, kept, fs::copy_options::recursive);
    fs::remove(kept / "lock");
  }
  fs::copy(kept, options.dir, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  open();
  EXPECT_EQ(values(1), (std::vector<double>{0.5, 1.25, 2.5, 5}));
  EXPECT_TRUE(values(2).empty());
  EXPECT_EQ(last(3).text, "running");
  EXPECT_EQ(model::as_double(last(1).bits), 5);
  EXPECT_FALSE(last(2).known());
  reopen();
  EXPECT_EQ(values(1).size(), 4u);
}

INSTANTIATE_TEST_SUITE_P(Versions, GoldenStoreTest, ::testing::Values("store_v1", "store_v2"));

}  // namespace
}  // namespace karez::historian
