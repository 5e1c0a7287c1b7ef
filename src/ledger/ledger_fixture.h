// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <bit>

#include "base/format.h"
#include "ledger/ledger.h"
#include "ledger/verify.h"

namespace karez::ledger {

/// An entry whose content follows from its number.
inline Entry numbered(std::uint64_t n) {
  Entry e;
  e.time = from_ns(1'784'000'000'000'000'000 + static_cast<std::int64_t>(n) * 1'000'000);
  e.tenant = {static_cast<std::uint32_t>(1 + n % 2)};
  e.actor_kind = n % 3 == 0 ? ActorKind::token : ActorKind::user;
  e.outcome = n % 5 == 0 ? Outcome::refused : Outcome::done;
  e.actor = karez::format("u{}", n % 4);
  e.action = n % 2 == 0 ? "device.create" : "point.write";
  e.object_kind = n % 2 == 0 ? "device" : "point";
  e.object_id = karez::format("d{}", n % 7);
  e.source = "10.0.0.7";
  e.details = karez::format(R"({{"n":{}}})", n);
  return e;
}

/// Root by the definition of RFC 9162, from what the ledger says its entries are.
inline Hash naive_root(const std::vector<Hash>& leaves, std::size_t first, std::size_t end) {
  if (end == first) return empty_root();
  if (end - first == 1) return leaves[first];
  const std::size_t middle = first + std::bit_floor(end - first - 1);
  return node_hash(naive_root(leaves, first, middle), naive_root(leaves, middle, end));
}

class LedgerFixture : public ::testing::Test {
 protected:
  LedgerFixture() {
    options.dir = folder.path() / "ledger";
    options.origin = "karez/test";
    options.log_bytes = 4096;
  }

  std::unique_ptr<Ledger> open() {
    auto opened = Ledger::open(options, clock, null_log());
    if (!opened) {
      ADD_FAILURE() << opened.error().message();
      return nullptr;
    }
    return std::move(*opened);
  }
  /// Appends numbered(size) … in batches of at most 50.
  static void fill(Ledger& ledger, std::uint64_t count) {
    for (std::uint64_t at = ledger.size(), end = at + count; at < end;) {
      std::vector<Entry> batch;
      for (; at < end && batch.size() < 50; ++at) batch.push_back(numbered(at));
      const auto done = ledger.append(batch);
      ASSERT_TRUE(done) << done.error().message();
      ASSERT_EQ(done->first + done->count, at);
    }
  }
  static std::vector<Hash> leaves_of(const Ledger& ledger) {
    std::vector<Hash> out;
    for (std::uint64_t seq = 0; seq < ledger.size(); ++seq) {
      const auto entry = ledger.entry(seq);
      EXPECT_TRUE(entry) << entry.error().message();
      if (!entry) break;
      out.push_back(leaf_hash(encode(*entry)));
    }
    return out;
  }
  VerifyReport checked() const {
    auto report = verify(options.dir);
    EXPECT_TRUE(report);
    return report ? *report : VerifyReport{};
  }
  std::string damage_slug() const {
    const auto report = checked();
    return report.damage ? report.damage->slug : "";
  }
  Path newest_log(const char* extension = ".log") const {
    Path out;
    for (const auto& file : std::filesystem::directory_iterator(options.dir / "log"))
      if (file.path().extension() == extension && file.path() > out) out = file.path();
    return out;
  }
  /// What a crash would leave now, in a folder of its own.
  Path image(const char* name) const {
    const Path to = folder.path() / name;
    std::filesystem::remove_all(to);
    std::filesystem::copy(options.dir, to, std::filesystem::copy_options::recursive);
    return to;
  }

  TempDir folder;
  ManualClock clock;
  LedgerOptions options;
};

/// In place and without sync: thousands of times in a test.
inline void write_text(const Path& path, std::string_view text) {
  auto file = File::open(path, std::filesystem::exists(path) ? File::Mode::read_write : File::Mode::create);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write_at(0, as_bytes(text)));
  ASSERT_TRUE(file->truncate(text.size()));
}
inline void flip(const Path& path, std::size_t at) {
  std::string text = read_file(path).value();
  ASSERT_LT(at, text.size());
  text[at] = static_cast<char>(text[at] ^ 1);
  write_text(path, text);
}

}  // namespace karez::ledger
