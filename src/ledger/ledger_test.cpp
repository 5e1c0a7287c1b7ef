// SPDX-License-Identifier: Apache-2.0
#include "ledger/ledger.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <thread>

#include "ledger/ledger_fixture.h"

namespace karez::ledger {
namespace {

using LedgerTest = LedgerFixture;

TEST_F(LedgerTest, StartsEmptyWithASignedHeadAndAPrivateKey) {
  auto ledger = open();
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->size(), 0u);
  EXPECT_EQ(ledger->head().head, (TreeHead{"karez/test", 0, empty_root()}));
  EXPECT_FALSE(ledger->damage());
  struct stat st{};
  ASSERT_EQ(::stat((options.dir / "key").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777u, 0600u);
  ledger.reset();
  const auto report = checked();
  EXPECT_FALSE(report.damage) << report.damage->message();
  EXPECT_EQ(report.entries, 0u);
}

TEST_F(LedgerTest, KeepsEverythingOverReopening) {
  std::string key;
  for (std::uint64_t round = 0; round < 4; ++round) {
    auto ledger = open();
    ASSERT_TRUE(ledger);
    ASSERT_FALSE(ledger->damage()) << ledger->damage()->message();
    EXPECT_EQ(ledger->size(), round * 180);
    if (round > 0) {
      EXPECT_EQ(ledger->key().text(), key);
    }
    key = ledger->key().text();
    fill(*ledger, 180);
  }
  auto ledger = open();
  ASSERT_TRUE(ledger);
  ASSERT_EQ(ledger->size(), 720u);
  for (std::uint64_t n = 0; n < 720; ++n) {
    Entry wanted = numbered(n);
    wanted.seq = n;
    ASSERT_EQ(ledger->entry(n).value(), wanted);
  }
  EXPECT_EQ(ledger->entry(720).error().slug(), "ledger.no_such_entry");
  EXPECT_EQ(ledger->head().head.size, 720u);
  const auto leaves = leaves_of(*ledger);
  EXPECT_EQ(ledger->head().head.root, naive_root(leaves, 0, leaves.size()));
  ledger.reset();
  const auto report = checked();
  ASSERT_FALSE(report.damage) << report.damage->message();
  EXPECT_EQ(report.entries, 720u);
  EXPECT_EQ(report.signed_entries, 720u);
  EXPECT_GT(report.files, 10u);
  EXPECT_EQ(report.root, naive_root(leaves, 0, leaves.size()));
}

TEST_F(LedgerTest, ProvesFromTheFilesWhatTheDefinitionSays) {
  auto ledger = open();
  ASSERT_TRUE(ledger);
  fill(*ledger, 700);
  const auto leaves = leaves_of(*ledger);
  ASSERT_EQ(leaves.size(), 700u);
  for (const std::uint64_t size : {1u, 2u, 3u, 255u, 256u, 257u, 511u, 512u, 513u, 699u, 700u}) {
    const Hash root = naive_root(leaves, 0, size);
    for (std::uint64_t seq = 0; seq < size; seq += 1 + size / 13) {
      const auto proof = ledger->inclusion_proof(seq, size);
      ASSERT_TRUE(proof) << proof.error().message();
      ASSERT_EQ(proof->root, root);
      ASSERT_TRUE(verify_inclusion(leaves[seq], seq, size, proof->path, root));
    }
    for (std::uint64_t from = 1; from <= size; from += 1 + size / 13) {
      const auto proof = ledger->consistency_proof(from, size);
      ASSERT_TRUE(proof) << proof.error().message();
      ASSERT_TRUE(verify_consistency(from, size, naive_root(leaves, 0, from), root, proof->path));
    }
  }
  EXPECT_EQ(ledger->inclusion_proof(700, 700).error().slug(), "ledger.no_such_entry");
  EXPECT_EQ(ledger->inclusion_proof(0, 701).error().slug(), "ledger.no_such_entry");
  EXPECT_EQ(ledger->consistency_proof(0, 5).error().slug(), "ledger.no_such_entry");
  ASSERT_TRUE(ledger->sign_head());
  EXPECT_EQ(ledger->head().head.size, 700u);
  EXPECT_EQ(ledger->inclusion_proof(3)->size, 700u);
}

TEST_F(LedgerTest, ListsNewestFirstInPagesByEveryFilter) {
  auto ledger = open();
  ASSERT_TRUE(ledger);
  fill(*ledger, 700);
  const auto all = [&](const Filter& filter, std::size_t limit) {
    std::vector<std::uint64_t> seqs;
    std::uint64_t before = 0;
    do {
      const auto page = ledger->page(filter, before, limit);
      EXPECT_TRUE(page);
      if (!page) break;
      EXPECT_LE(page->items.size(), limit);
      for (const Entry& e : page->items) seqs.push_back(e.seq);
      before = page->next_before;
    } while (before != 0);
    return seqs;
  };
  const Filter filters[] = {{},
                            {.tenant = model::TenantId{2}},
                            {.actor_kind = ActorKind::token},
                            {.actor_kind = ActorKind::user, .actor = "u1"},
                            {.action = "device.create"},
                            {.action = "device."},
                            {.object_kind = "device"},
                            {.object_kind = "device", .object_id = "d3"},
                            {.object_id = "d3"},
                            {.outcome = Outcome::refused},
                            {.from = numbered(100).time, .to = numbered(200).time},
                            {.tenant = model::TenantId{9}}};
  for (const Filter& filter : filters) {
    std::vector<std::uint64_t> wanted;
    for (std::uint64_t n = 700; n-- > 0;)
      if (filter.matches(numbered(n))) wanted.push_back(n);
    EXPECT_EQ(all(filter, 1000), wanted);
    EXPECT_EQ(all(filter, 37), wanted);
  }
  EXPECT_EQ(ledger->page({}, 0, 0).error().slug(), "ledger.bad_limit");
  EXPECT_EQ(ledger->page({}, 0, 1001).error().slug(), "ledger.bad_limit");
}

TEST_F(LedgerTest, SignsWithoutBeingAsked) {
  options.head_delay = Duration::zero();
  auto ledger = open();
  ASSERT_TRUE(ledger);
  fill(*ledger, 1);
  ASSERT_TRUE(ledger->sign_head());  // returns behind the head that was due
  const auto report = checked();
  EXPECT_EQ(report.signed_entries, 1u);
}

TEST_F(LedgerTest, AppendsFromManyThreadsWithoutGapsOrMixing) {
  auto ledger = open();
  ASSERT_TRUE(ledger);
  std::vector<std::jthread> threads;
  std::atomic<int> wrong{0};
  for (std::uint64_t t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 20; ++i) {
        const std::vector<Entry> batch{numbered(t * 1000 + i), numbered(t * 1000 + 500 + i)};
        const auto done = ledger->append(batch);
        if (!done || done->count != 2) {
          ++wrong;
          continue;
        }
        for (std::uint64_t k = 0; k < 2; ++k)
          if (ledger->entry(done->first + k).value().details != batch[k].details) ++wrong;
      }
    });
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(ledger->size(), 320u);
  ledger.reset();
  EXPECT_EQ(damage_slug(), "");
}

TEST_F(LedgerTest, TakesAllOfABatchOrNothing) {
  auto ledger = open();
  ASSERT_TRUE(ledger);
  std::vector<Entry> batch{numbered(0), numbered(1)};
  batch[1].action = "Not A Slug";
  EXPECT_EQ(ledger->append(batch).error().slug(), "ledger.bad_entry");
  EXPECT_EQ(ledger->append(std::vector<Entry>(1001, numbered(0))).error().slug(), "ledger.batch_too_large");
  EXPECT_EQ(ledger->append({}).value().count, 0u);
  EXPECT_EQ(ledger->size(), 0u);
  EXPECT_EQ(ledger->record(batch[1]).value(), 0u);
  EXPECT_EQ(ledger->entry(0)->action, "unknown");
}

TEST_F(LedgerTest, StampsEntriesThatHaveNoTime) {
  auto ledger = open();
  ASSERT_TRUE(ledger);
  Entry e = numbered(0);
  e.time = {};
  ASSERT_TRUE(ledger->record(e));
  EXPECT_EQ(ledger->entry(0)->time, clock.now());
}

TEST_F(LedgerTest, SaysHowManyPostedEntriesItDropped) {
  options.queue_bytes = 1;  // one batch at a time
  auto ledger = open();
  ASSERT_TRUE(ledger);
  std::uint64_t taken = 0;
  while (ledger->dropped() == 0) taken += ledger->post(numbered(taken));
  while (!ledger->record(numbered(taken))) std::this_thread::yield();  // busy with what was posted
  const auto page = ledger->page({.action = "audit.dropped"}, 0, 10);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->items.size(), 1u);
  EXPECT_EQ(page->items[0].details, karez::format(R"({{"count":{}}})", ledger->dropped()));
  EXPECT_EQ(ledger->size(), taken + 2);
}

TEST_F(LedgerTest, IsOpenedByOneProcessAtATime) {
  auto ledger = open();
  ASSERT_TRUE(ledger);
  EXPECT_EQ(Ledger::open(options, clock, null_log()).error().slug(), "ledger.locked");
  fill(*ledger, 5);
  ASSERT_TRUE(ledger->sign_head());
  EXPECT_FALSE(checked().damage);  // the check does not need the lock
}

TEST_F(LedgerTest, GoesOnAfterTheDiskWasFull) {
  auto ledger = open();
  ASSERT_TRUE(ledger);
  fill(*ledger, 10);
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit tight = old;
  tight.rlim_cur = std::filesystem::file_size(newest_log()) + 100;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto refused = ledger->append(std::vector<Entry>(10, numbered(10)));
  EXPECT_EQ(ledger->entry(9)->seq, 9u);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
  EXPECT_FALSE(refused);
  EXPECT_EQ(ledger->size(), 10u);
  fill(*ledger, 10);
  EXPECT_EQ(ledger->size(), 20u);
  ledger.reset();
  const auto report = checked();
  EXPECT_FALSE(report.damage) << report.damage->message();
  EXPECT_EQ(report.entries, 20u);
}

TEST_F(LedgerTest, RefusesUnusableOptions) {
  options.origin = "two words";
  EXPECT_EQ(Ledger::open(options, clock, null_log()).error().slug(), "ledger.bad_key");
  options.origin.clear();
  options.log_bytes = 1;
  EXPECT_EQ(Ledger::open(options, clock, null_log()).error().slug(), "ledger.bad_options");
}

}  // namespace
}  // namespace karez::ledger
