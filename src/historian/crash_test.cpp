// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <random>

#include "base/format.h"
#include "historian/testing/store_fixture.h"

namespace karez::historian {
namespace {

constexpr unsigned kLanes = 2, kPointsPerLane = 20, kRowsPerBlock = 10;
constexpr std::size_t kMaxBlocks = 200'000;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'784'000'000 * kSecond;

/// What the child says of itself; lives on when it is killed.
struct Report {
  std::atomic<std::uint64_t> durable;
  std::atomic<std::uint64_t> attempted[kLanes];  ///< blocks given to append
  std::atomic<std::uint64_t> lsn[kLanes][kMaxBlocks];
};

std::uint32_t point_of(unsigned lane, unsigned i) { return 1 + lane * kPointsPerLane + i; }
std::int64_t time_of(std::size_t block, unsigned row) {
  return kStart + static_cast<std::int64_t>(block * kRowsPerBlock + row) * kSecond;
}
double value_of(std::uint32_t point, std::int64_t time) {
  return static_cast<double>(point) + static_cast<double>((time / kSecond) % 100'000) / 10.0;
}

/// Appends as fast as it is let until it is killed.
class Child {
 public:
  Child(const EngineOptions& options, Report& report, int pipe) : report_(report), pipe_(pipe) {
    auto opened = Engine::open(options, clock_, null_log());
    if (!opened) ::_exit(3);
    store_ = std::move(*opened);
    store_->on_durable([this](Ticket durable, const Error*) {
      report_.durable.store(durable.lsn);
      const char byte = 0;
      (void)!::write(pipe_, &byte, 1);
    });
  }

  [[noreturn]] void run(const std::array<std::size_t, kLanes>& first) {
    std::vector<std::jthread> lanes;
    for (unsigned lane = 0; lane < kLanes; ++lane) lanes.emplace_back([this, lane, n = first[lane]] { work(lane, n); });
    for (;;) ::pause();
  }

 private:
  void work(unsigned lane, std::size_t block) {
    for (; block < kMaxBlocks; ++block) {
      model::BatchRef batch = pool_.acquire();
      for (unsigned i = 0; i < kPointsPerLane; ++i)
        for (unsigned row = 0; row < kRowsPerBlock; ++row) {
          const std::int64_t t = time_of(block, row);
          (void)batch->add(testing::sample(point_of(lane, i), t, value_of(point_of(lane, i), t)));
        }
      report_.attempted[lane].store(block + 1);
      for (;;) {
        const auto ticket = store_->append(lane, batch);
        if (ticket) {
          report_.lsn[lane][block].store(ticket->lsn);
          break;
        }
        if (ticket.error().slug() != "store.busy") ::_exit(4);
        std::this_thread::yield();
      }
    }
    for (;;) ::pause();
  }

  Report& report_;
  int pipe_;
  SystemClock clock_;
  model::BatchPool pool_{8};
  std::unique_ptr<Engine> store_;
};

class CrashTest : public testing::StoreFixture {
 protected:
  CrashTest() {
    options.sync = SyncMode::sync;
    options.lanes = kLanes;
    options.wal_file_bytes = 256u << 10;
    options.head_bytes = 2u << 20;
    options.merge_layers = 2;
    void* at = ::mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    KZ_ASSERT(at != MAP_FAILED);
    report = new (at) Report;
  }
  ~CrashTest() override { ::munmap(report, sizeof(Report)); }

  /// Starts a child at the given blocks and kills it after `commits` group commits.
  void run_and_kill(const std::array<std::size_t, kLanes>& first, std::uint64_t commits) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      EngineOptions own = options;
      own.background = true;
      Child(own, *report, ends[1]).run(first);
    }
    ::close(ends[1]);
    char byte;
    for (std::uint64_t i = 0; i < commits; ++i)
      if (::read(ends[0], &byte, 1) != 1) break;
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ::close(ends[0]);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
  }

  /// Blocks of a lane in the store; each point has the same whole ones.
  void check_lane(unsigned lane, std::size_t& blocks) {
    for (unsigned i = 0; i < kPointsPerLane; ++i) {
      const std::uint32_t point = point_of(lane, i);
      const RawPage page = raw(point);
      ASSERT_EQ(page.rows.size() % kRowsPerBlock, 0u) << "a torn block";
      const std::size_t here = page.rows.size() / kRowsPerBlock;
      if (i == 0) blocks = here;
      ASSERT_EQ(here, blocks) << "a torn block";
      for (std::size_t row = 0; row < page.rows.size(); ++row) {
        const std::int64_t t = time_of(0, 0) + static_cast<std::int64_t>(row) * kSecond;
        ASSERT_EQ(to_ns(page.rows[row].time), t);
        ASSERT_EQ(page.rows[row].bits, model::bits_of(value_of(point, t)));
      }
      if (blocks > 0) {
        ASSERT_EQ(to_ns(last(point).time), time_of(blocks - 1, kRowsPerBlock - 1));
      }
    }
  }

  Report* report;
};

TEST_F(CrashTest, LosesNoAcknowledgedSampleWhenKilled) {
  const char* wanted = std::getenv("KAREZ_CRASH_KILLS");
  const int kills = wanted != nullptr ? std::atoi(wanted) : 10;
  std::mt19937_64 random(42);
  std::array<std::size_t, kLanes> blocks{};
  std::uint64_t acknowledged = 0;
  for (int kill = 0; kill < kills; ++kill) {
    SCOPED_TRACE(karez::format("kill {}", kill));
    report->durable = 0;
    ASSERT_NO_FATAL_FAILURE(run_and_kill(blocks, 1 + random() % 40));
    ASSERT_NO_FATAL_FAILURE(open());
    for (unsigned lane = 0; lane < kLanes; ++lane) {
      const std::size_t before = blocks[lane];
      ASSERT_NO_FATAL_FAILURE(check_lane(lane, blocks[lane]));
      std::size_t safe = before;  // what was there, and what was acknowledged since
      while (safe < kMaxBlocks && report->lsn[lane][safe] != 0 && report->lsn[lane][safe] <= report->durable) ++safe;
      ASSERT_GE(blocks[lane], safe) << "acknowledged blocks were lost";
      ASSERT_LE(blocks[lane], std::max<std::size_t>(before, report->attempted[lane])) << "blocks out of nothing";
      acknowledged += safe - before;
    }
    ASSERT_TRUE(store->verify());
    store.reset();
    for (unsigned lane = 0; lane < kLanes; ++lane)
      for (std::size_t b = blocks[lane]; b < report->attempted[lane]; ++b) report->lsn[lane][b] = 0;
  }
  EXPECT_GT(acknowledged, 0u);
  RecordProperty("acknowledged_blocks", std::to_string(acknowledged));
}

}  // namespace
}  // namespace karez::historian
