// SPDX-License-Identifier: Apache-2.0
// Appends with sync from 1 to 16 threads, proofs and pages of a ledger of 200,000 entries, and the whole check.
// Run: karez_ledger_append_bench
#include <benchmark/benchmark.h>

#include "base/format.h"
#include "ledger/ledger.h"
#include "ledger/verify.h"

namespace karez::ledger {
namespace {

Entry entry_of(std::uint64_t n) {
  Entry e;
  e.time = from_ns(1'784'000'000'000'000'000 + static_cast<std::int64_t>(n) * 1'000'000);
  e.tenant = {1};
  e.actor_kind = ActorKind::user;
  e.actor = karez::format("u{}", n % 50);
  e.action = "device.update";
  e.object_kind = "device";
  e.object_id = karez::format("d{}", n % 1000);
  e.source = "10.0.0.7";
  e.details = R"({"changed":["name","origin"],"request":"01J0000000000000000000000"})";
  return e;
}

/// Opened at first use and filled once for all that only read.
Ledger& filled() {
  static const TempDir folder;
  static SystemClock clock;
  static const std::unique_ptr<Ledger> ledger = [] {
    LedgerOptions options;
    options.dir = folder.path() / "ledger";
    auto opened = Ledger::open(options, clock, null_log());
    KZ_ASSERT(opened);
    for (std::uint64_t n = 0; n < 200'000; n += 1000) {
      std::vector<Entry> batch;
      for (std::uint64_t i = 0; i < 1000; ++i) batch.push_back(entry_of(n + i));
      KZ_ASSERT((*opened)->append(batch));
    }
    KZ_ASSERT((*opened)->sign_head());
    return std::move(*opened);
  }();
  return *ledger;
}

std::unique_ptr<TempDir> append_folder;
std::unique_ptr<Ledger> append_ledger;

void append(benchmark::State& state) {
  static SystemClock clock;
  if (state.thread_index() == 0) {
    append_folder = std::make_unique<TempDir>();
    LedgerOptions options;
    options.dir = append_folder->path() / "ledger";
    auto opened = Ledger::open(options, clock, null_log());
    KZ_ASSERT(opened);
    append_ledger = std::move(*opened);
  }
  std::uint64_t n = 0;
  for (auto _ : state) KZ_ASSERT(append_ledger->append(std::vector{entry_of(n++)}));
  state.SetItemsProcessed(static_cast<std::int64_t>(n));
  if (state.thread_index() == 0) {
    append_ledger.reset();
    append_folder.reset();
  }
}
BENCHMARK(append)->ThreadRange(1, 16)->UseRealTime();

void append_thousand(benchmark::State& state) {
  const TempDir folder;
  SystemClock clock;
  LedgerOptions options;
  options.dir = folder.path() / "ledger";
  auto ledger = Ledger::open(options, clock, null_log());
  KZ_ASSERT(ledger);
  std::vector<Entry> batch;
  for (std::uint64_t i = 0; i < 1000; ++i) batch.push_back(entry_of(i));
  for (auto _ : state) KZ_ASSERT((*ledger)->append(batch));
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(append_thousand)->UseRealTime();

void inclusion(benchmark::State& state) {
  const Ledger& ledger = filled();
  std::uint64_t seq = 0;
  for (auto _ : state) KZ_ASSERT(ledger.inclusion_proof(seq = (seq + 7919) % 200'000, 200'000));
}
BENCHMARK(inclusion);

void newest_page(benchmark::State& state) {
  const Ledger& ledger = filled();
  for (auto _ : state) KZ_ASSERT(ledger.page({}, 0, 100));
}
BENCHMARK(newest_page);

void page_of_a_rare_object(benchmark::State& state) {
  const Ledger& ledger = filled();
  for (auto _ : state) KZ_ASSERT(ledger.page({.object_kind = "device", .object_id = "none"}, 0, 100));
  state.SetItemsProcessed(state.iterations() * 200'000);
}
BENCHMARK(page_of_a_rare_object)->Unit(benchmark::kMillisecond);

void check_everything(benchmark::State& state) {
  const TempDir folder;
  SystemClock clock;
  LedgerOptions options;
  options.dir = folder.path() / "ledger";
  {
    auto ledger = Ledger::open(options, clock, null_log());
    KZ_ASSERT(ledger);
    for (std::uint64_t n = 0; n < 100'000; n += 1000) {
      std::vector<Entry> batch;
      for (std::uint64_t i = 0; i < 1000; ++i) batch.push_back(entry_of(n + i));
      KZ_ASSERT((*ledger)->append(batch));
    }
  }
  for (auto _ : state) {
    const auto report = verify(options.dir);
    KZ_ASSERT(report && !report->damage);
  }
  state.SetItemsProcessed(state.iterations() * 100'000);
}
BENCHMARK(check_everything)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace karez::ledger

BENCHMARK_MAIN();
