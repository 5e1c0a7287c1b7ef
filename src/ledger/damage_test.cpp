// SPDX-License-Identifier: Apache-2.0
#include "ledger/ledger_fixture.h"
#include "ledger/store/frame.h"

namespace karez::ledger {
namespace {

class LedgerDamageTest : public LedgerFixture {
 protected:
  void make(std::uint64_t count) {
    auto ledger = open();
    ASSERT_TRUE(ledger);
    fill(*ledger, count);
  }
  /// Opening must report damage and leave every file as it is.
  void expect_read_only(const std::string& slug) {
    const auto before = all_bytes();
    auto ledger = open();
    ASSERT_TRUE(ledger);
    ASSERT_TRUE(ledger->damage());
    EXPECT_EQ(ledger->damage()->slug, slug) << ledger->damage()->message();
    EXPECT_EQ(ledger->record(numbered(0)).error().slug(), "ledger.damaged");
    EXPECT_FALSE(ledger->post(numbered(0)));
    EXPECT_FALSE(ledger->sign_head());
    ledger.reset();
    EXPECT_EQ(all_bytes(), before);
  }
  std::string all_bytes() const {
    std::map<std::string, std::string> files;
    for (const auto& file : std::filesystem::recursive_directory_iterator(options.dir))
      if (file.is_regular_file()) files[file.path().string()] = read_file(file.path()).value();
    std::string out;
    for (const auto& [name, text] : files) out += name + text;
    return out;
  }
  std::vector<Path> files() const {
    std::vector<Path> out;
    for (const auto& file : std::filesystem::recursive_directory_iterator(options.dir))
      if (file.is_regular_file() && file.path().filename() != "lock") out.push_back(file.path());
    return out;
  }
  static void cut(const Path& path, std::uint64_t size) { std::filesystem::resize_file(path, size); }
};

TEST_F(LedgerDamageTest, NoticesEveryFlippedByteOfEveryFile) {
  make(8);
  ASSERT_EQ(damage_slug(), "");
  std::size_t flips = 0;
  for (const Path& path : files()) {
    const std::string text = read_file(path).value();
    for (std::size_t i = 0; i < text.size(); ++i, ++flips) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
      write_text(path, changed);
      ASSERT_NE(damage_slug(), "") << path << " byte " << i;
    }
    write_text(path, text);
  }
  EXPECT_GT(flips, 1500u);
  EXPECT_EQ(damage_slug(), "");
}

TEST_F(LedgerDamageTest, NoticesFlippedBytesAtOpeningAndChangesNothing) {
  make(8);
  for (const Path& path : files()) {
    const std::string text = read_file(path).value();
    for (std::size_t i = 0; i < text.size(); i += 61) {
      flip(path, i);
      const auto report = checked();
      ASSERT_TRUE(report.damage);
      expect_read_only(report.damage->slug);
      write_text(path, text);
    }
  }
  auto ledger = open();
  ASSERT_TRUE(ledger);
  EXPECT_FALSE(ledger->damage());
}

TEST_F(LedgerDamageTest, NoticesFlippedTreeHashesAndNeverProvesWithThem) {
  make(700);
  for (std::size_t i = 0; i < 64; i += 5) {
    flip(options.dir / "tree/08", i);
    EXPECT_EQ(damage_slug(), "ledger.tree_damaged");
    {
      auto ledger = open();
      ASSERT_TRUE(ledger);
      for (const std::uint64_t size : {512u, 600u, 700u})
        for (const std::uint64_t seq : {0u, 300u, 511u}) EXPECT_FALSE(ledger->inclusion_proof(seq, size)) << i;
    }
    flip(options.dir / "tree/08", i);
  }
  EXPECT_EQ(damage_slug(), "");
}

TEST_F(LedgerDamageTest, NoticesRemovedEntriesAgainstTheSignedHead) {
  make(8);
  const Path log = newest_log(), index = newest_log(".idx");
  const std::string log_text = read_file(log).value(), index_text = read_file(index).value();
  const auto scan = store::scan_log(as_bytes(log_text), 0);
  for (std::size_t keep = 0; keep < 8; ++keep) {
    cut(log, scan.records[keep].offset);
    EXPECT_EQ(damage_slug(), "ledger.entries_removed");
    expect_read_only("ledger.entries_removed");
    cut(index, store::kIndexHead + keep * store::kRecord);  // a careful thief
    EXPECT_EQ(damage_slug(), "ledger.entries_removed");
    expect_read_only("ledger.entries_removed");
    write_text(log, log_text);
    write_text(index, index_text);
  }
  cut(log, scan.records[7].offset + 10);
  EXPECT_EQ(damage_slug(), "ledger.entry_damaged");
  expect_read_only("ledger.entry_damaged");
}

TEST_F(LedgerDamageTest, NoticesAnEntryReplacedWithRightChecksums) {
  make(300);  // several files, so that the first is a finished one
  const Path log = options.dir / "log/0000000000000000.log";
  std::string text = read_file(log).value();
  const auto scan = store::scan_log(as_bytes(text), 0);
  const auto frame = store::decode_frame(as_bytes(text).subspan(scan.records[2].offset));
  ASSERT_TRUE(frame);
  Entry forged = decode(frame->payload).value();
  forged.actor = "u9";
  std::vector<std::byte> bytes;
  store::put_frame(bytes, {.seq = 2, .back = frame->back, .payload = encode(forged)});
  ASSERT_EQ(bytes.size(), frame->bytes());
  text.replace(scan.records[2].offset, bytes.size(), as_text(bytes));
  write_text(log, text);
  const auto report = checked();
  ASSERT_TRUE(report.damage);
  EXPECT_EQ(report.damage->slug, std::string("ledger.index_damaged"));
  EXPECT_EQ(report.damage->seq, 2u);
  EXPECT_EQ(report.entries, 2u);  // those before it are right
  // With the index forged too, the next file's header gives it away.
  const Path index = options.dir / "log/0000000000000000.idx";
  std::string index_text = read_file(index).value();
  std::vector<std::byte> record;
  store::put_record(record, store::record_of(forged, leaf_hash(encode(forged)), scan.records[2].offset));
  index_text.replace(store::kIndexHead + 2 * store::kRecord, record.size(), as_text(record));
  write_text(index, index_text);
  EXPECT_EQ(damage_slug(), "ledger.root_mismatch");
  auto ledger = open();
  ASSERT_TRUE(ledger);
  EXPECT_FALSE(ledger->inclusion_proof(2, 300));
}

TEST_F(LedgerDamageTest, NoticesMissingFiles) {
  make(300);
  for (const Path& path : files()) {
    const std::string text = read_file(path).value();
    std::filesystem::remove(path);
    if (path.filename() == "key") {  // not needed for reading and checking
      EXPECT_EQ(damage_slug(), "");
      expect_read_only("ledger.key_missing");
    } else {
      EXPECT_NE(damage_slug(), "") << path;
      auto ledger = open();
      ASSERT_TRUE(ledger);
      EXPECT_TRUE(ledger->damage()) << path;
    }
    write_text(path, text);
  }
  EXPECT_EQ(damage_slug(), "");
}

TEST_F(LedgerDamageTest, NoticesAnExchangedKeyWhenTheRightOneIsKnown) {
  make(3);
  const PublicKey known = PublicKey::parse(checked().key).value();
  const SignedHead kept = open_head(read_file(options.dir / "head").value(), known).value();
  EXPECT_FALSE(verify(options.dir, {.key = known, .earlier = kept})->damage);
  std::filesystem::remove_all(options.dir);
  make(3);  // somebody wrote another history
  EXPECT_FALSE(checked().damage);
  EXPECT_EQ(verify(options.dir, {.key = known})->damage->slug, std::string("ledger.key_damaged"));
  EXPECT_FALSE(verify(options.dir, {.earlier = kept})->damage) << "the same entries give the same root";
}

TEST_F(LedgerDamageTest, NoticesAHistoryThatDoesNotBeginWithAnEarlierHead) {
  const Path old = options.dir;
  make(3);
  const PublicKey key = PublicKey::parse(checked().key).value();
  const Path before = image("before");
  make(2);
  const SignedHead kept = open_head(read_file(options.dir / "head").value(), key).value();
  options.dir = before;  // rolled back to the older head
  EXPECT_EQ(damage_slug(), "");
  EXPECT_EQ(verify(before, {.earlier = kept})->damage->slug, std::string("ledger.entries_removed"));
  {
    auto ledger = open();
    ASSERT_TRUE(ledger);
    fill(*ledger, 1);
    ASSERT_TRUE(ledger->record(numbered(77)));
  }
  EXPECT_EQ(damage_slug(), "");
  EXPECT_EQ(verify(before, {.earlier = kept})->damage->slug, std::string("ledger.root_mismatch"));
}

TEST_F(LedgerDamageTest, RemovesOnlyWhatACrashLeaves) {
  make(8);
  const Path log = newest_log();
  const std::string good = read_file(log).value();
  const auto scan = store::scan_log(as_bytes(good), 0);
  std::vector<std::byte> next;
  Entry entry = numbered(8);
  entry.seq = 8;
  store::put_frame(next, {.seq = 8, .back = 0, .payload = encode(entry)});
  for (std::size_t n = 1; n < next.size(); n += 7) {
    write_text(log, good + std::string(as_text(ByteView(next).first(n))));
    const auto report = checked();
    EXPECT_FALSE(report.damage);
    EXPECT_EQ(report.unfinished_bytes, n);
    auto ledger = open();
    ASSERT_TRUE(ledger);
    ASSERT_FALSE(ledger->damage());
    EXPECT_EQ(ledger->size(), 8u);
    ledger.reset();
    EXPECT_EQ(read_file(log).value(), good);
  }
  write_text(log, good + std::string(as_text(next)));  // written, not yet in the index
  {
    auto ledger = open();
    ASSERT_TRUE(ledger);
    EXPECT_EQ(ledger->size(), 9u);
  }
  EXPECT_EQ(checked().signed_entries, 9u);
}

TEST_F(LedgerDamageTest, TellsACrashFromDamageWithoutAHead) {
  options.head_delay = std::chrono::hours(1);
  options.log_bytes = 1u << 20;
  auto ledger = open();
  ASSERT_TRUE(ledger);
  for (std::uint64_t n = 0; n < 6; ++n) ASSERT_TRUE(ledger->append(std::vector{numbered(n)}));
  const auto with_image = [&](const char* name, auto change, const std::string& slug, std::uint64_t size) {
    const Path copy = image(name);
    const Path live = options.dir;
    options.dir = copy;
    const Path log = newest_log(), index = newest_log(".idx");
    const auto scan = store::scan_log(as_bytes(read_file(log).value()), 0);
    change(log, index, scan);
    EXPECT_EQ(damage_slug(), slug) << name;
    auto other = open();
    ASSERT_TRUE(other);
    EXPECT_EQ(other->damage() ? other->damage()->slug : std::string(), slug) << name;
    if (slug.empty()) {
      EXPECT_EQ(other->size(), size) << name;
    }
    options.dir = live;
  };
  with_image("as-is", [](const Path&, const Path&, const store::Scan&) {}, "", 6);
  with_image(
      "index-lost", [](const Path&, const Path& index, const store::Scan&) { cut(index, store::kIndexHead); }, "", 6);
  with_image(
      "last-flipped",
      [](const Path& log, const Path&, const store::Scan& scan) { flip(log, scan.records[5].offset + 40); },
      "ledger.entry_damaged", 0);
  with_image(
      "inner-flipped-index-lost",
      [](const Path& log, const Path& index, const store::Scan& scan) {
        cut(index, store::kIndexHead);
        flip(log, scan.records[3].offset + 40);
      },
      "ledger.entry_damaged", 0);
  with_image(
      "last-cut", [](const Path& log, const Path&, const store::Scan& scan) { cut(log, scan.records[5].offset); },
      "ledger.entries_removed", 0);
  with_image(
      "last-lost-with-index",
      [](const Path& log, const Path& index, const store::Scan& scan) {
        cut(index, store::kIndexHead + 5 * store::kRecord);
        cut(log, scan.records[5].offset + 9);
      },
      "", 5);
  with_image(
      "index-record-zeroed",
      [](const Path&, const Path& index, const store::Scan&) {
        std::string text = read_file(index).value();
        text.replace(store::kIndexHead + 5 * store::kRecord, store::kRecord, store::kRecord, '\0');
        write_text(index, text);
      },
      "", 6);
}

}  // namespace
}  // namespace karez::ledger
