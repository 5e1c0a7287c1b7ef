// SPDX-License-Identifier: Apache-2.0
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <random>
#include <thread>

#include "ledger/ledger_fixture.h"

namespace karez::ledger {
namespace {

constexpr std::size_t kMaxNumbers = 100'000;

/// What the child says of itself; lives on when it is killed.
struct Report {
  std::atomic<std::uint64_t> next;                  ///< numbers given out
  std::atomic<std::uint64_t> acked[kMaxNumbers];    ///< sequence number + 1 of the entry with this number
};

class LedgerCrashTest : public LedgerFixture {
 protected:
  LedgerCrashTest() {
    void* at = ::mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    KZ_ASSERT(at != MAP_FAILED);
    report = new (at) Report;
  }
  ~LedgerCrashTest() override { ::munmap(report, sizeof(Report)); }

  void run_and_kill(std::uint64_t appends) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      work(ends[1]);
    }
    ::close(ends[1]);
    char byte;
    for (std::uint64_t i = 0; i < appends; ++i)
      if (::read(ends[0], &byte, 1) != 1) break;
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    ::close(ends[0]);
  }

  [[noreturn]] void work(int pipe) {
    auto opened = Ledger::open(options, clock, null_log());
    if (!opened || (*opened)->damage()) ::_exit(3);
    Ledger& ledger = **opened;
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < 3; ++t)
      threads.emplace_back([this, &ledger, pipe, t] {
        std::mt19937 random(t);
        for (;;) {
          const std::uint64_t count = 1 + random() % 20, first = report->next.fetch_add(count);
          if (first + count >= kMaxNumbers) ::_exit(4);
          std::vector<Entry> batch;
          for (std::uint64_t i = 0; i < count; ++i) batch.push_back(numbered(first + i));
          const auto done = ledger.append(batch);
          if (!done) ::_exit(5);
          for (std::uint64_t i = 0; i < count; ++i) report->acked[first + i].store(done->first + i + 1);
          (void)!::write(pipe, "", 1);
        }
      });
    for (;;) ::pause();
  }

  Report* report;
};

TEST_F(LedgerCrashTest, LosesNothingThatWasAcknowledged) {
  const char* more = std::getenv("KAREZ_CRASH_KILLS");
  const int kills = more != nullptr ? std::atoi(more) : 6;
  std::mt19937 random(7);
  for (int kill = 0; kill < kills; ++kill) {
    options.head_delay = std::chrono::milliseconds(kill % 3 * 5);
    options.log_bytes = kill % 2 == 0 ? 4096 : 64u << 10;
    run_and_kill(1 + random() % 25);
    const auto crashed = checked();
    ASSERT_FALSE(crashed.damage) << crashed.damage->message();
    auto ledger = open();
    ASSERT_TRUE(ledger);
    ASSERT_FALSE(ledger->damage()) << ledger->damage()->message();
    const std::uint64_t given = report->next;
    for (std::uint64_t n = 0; n < given; ++n) {
      const std::uint64_t seq = report->acked[n];
      if (seq == 0) continue;
      Entry wanted = numbered(n);
      wanted.seq = seq - 1;
      const auto entry = ledger->entry(seq - 1);
      ASSERT_TRUE(entry) << entry.error().message();
      ASSERT_EQ(*entry, wanted);
    }
    const auto leaves = leaves_of(*ledger);
    ledger.reset();
    const auto report_now = checked();
    ASSERT_FALSE(report_now.damage) << report_now.damage->message();
    EXPECT_EQ(report_now.signed_entries, leaves.size());
    EXPECT_EQ(report_now.signed_root, naive_root(leaves, 0, leaves.size()));
  }
}

}  // namespace
}  // namespace karez::ledger
