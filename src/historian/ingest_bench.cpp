// SPDX-License-Identifier: Apache-2.0
// Appends through one lane with sync, beside what the disk and the memory do with as many bytes in the same run.
// Run: karez_historian_ingest_bench
#include <benchmark/benchmark.h>

#include <filesystem>

#include "historian/engine.h"

namespace karez::historian {
namespace {

constexpr std::int64_t kT = 1'784'000'000'000'000'000;
constexpr std::size_t kBlock = model::SampleBatch::kMaxSamples;

/// Live pattern: one sample of every point, then the next second.
void fill(model::SampleBatch& batch, std::uint64_t& n, std::uint32_t points) {
  for (std::size_t i = 0; i < kBlock; ++i, ++n) {
    const std::uint64_t second = n / points;
    const double value = static_cast<double>((n * 7919 + second * 31) % 4000) / 100;
    (void)batch.add({.time = from_ns(kT + static_cast<std::int64_t>(second) * 1'000'000'000),
                     .bits = model::bits_of(value),
                     .point = {static_cast<std::uint32_t>(1 + n % points)},
                     .type = model::ValueType::float64});
  }
}

void append(benchmark::State& state, SyncMode sync) {
  const TempDir folder;
  SystemClock clock;
  EngineOptions options;
  options.dir = folder.path() / "store";
  options.sync = sync;
  auto store = Engine::open(options, clock, null_log());
  KZ_ASSERT(store);
  model::BatchPool pool(64);
  std::uint64_t n = 0, busy = 0;
  Ticket newest;
  for (auto _ : state) {
    model::BatchRef batch = pool.acquire();
    fill(*batch, n, static_cast<std::uint32_t>(state.range(0)));
    for (;;) {
      const auto ticket = (*store)->append(0, batch);
      if (ticket) {
        newest = *ticket;
        break;
      }
      ++busy;
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }
  KZ_ASSERT((*store)->wait_durable(newest, std::chrono::minutes(1)));
  const StoreStats s = (*store)->stats();
  state.SetItemsProcessed(static_cast<std::int64_t>(n));
  state.counters["wal_B_per_sample"] = benchmark::Counter(static_cast<double>(s.wal_bytes) / static_cast<double>(n));
  state.counters["syncs"] = static_cast<double>(s.syncs);
  state.counters["busy"] = static_cast<double>(busy);
  state.counters["flushes"] = static_cast<double>(s.flushes);
}
void append_sync(benchmark::State& state) { append(state, SyncMode::sync); }
void append_no_sync(benchmark::State& state) { append(state, SyncMode::off); }

/// As many bytes as 200 blocks in the log, written and synced at once: what group commit is measured against.
void reference_write_sync(benchmark::State& state) {
  const TempDir folder;
  auto file = File::open(folder.path() / "raw", File::Mode::create);
  KZ_ASSERT(file);
  const std::vector<std::byte> bytes(200 * kBlock * 13, std::byte{42});
  for (auto _ : state) KZ_ASSERT(file->write(bytes) && file->sync());
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * 200 * kBlock));
}

/// The samples copied once in memory.
void reference_copy(benchmark::State& state) {
  model::BatchPool pool(64);
  std::uint64_t n = 0;
  std::vector<model::Sample> out(kBlock);
  for (auto _ : state) {
    model::BatchRef batch = pool.acquire();
    fill(*batch, n, 10'000);
    std::ranges::copy(batch->samples(), out.begin());
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(n));
}

/// Opens a store of 10 M samples of 10,000 points. The first open after an orderly end, then after a kill: the last
/// values' file is then missing and every directory is read.
void cold_open(benchmark::State& state) {
  const TempDir folder;
  SystemClock clock;
  EngineOptions options;
  options.dir = folder.path() / "store";
  options.sync = SyncMode::off;
  const auto open = [&] {
    auto store = Engine::open(options, clock, null_log());
    KZ_ASSERT(store);
    return std::move(*store);
  };
  auto store = open();
  model::BatchPool pool(4);
  for (std::uint64_t n = 0; n < 10'000'000;) {
    model::BatchRef batch = pool.acquire();
    fill(*batch, n, 10'000);
    while (!store->append(0, batch)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  store.reset();
  for (auto _ : state) {
    state.PauseTiming();
    if (state.range(0) != 0) std::filesystem::remove(options.dir / "last");
    state.ResumeTiming();
    store = open();
    state.PauseTiming();
    const StoreStats s = store->stats();
    state.counters["segments"] = static_cast<double>(s.segments);
    state.counters["B_per_sample"] = static_cast<double>(s.segment_bytes) / static_cast<double>(s.samples_stored);
    store.reset();
    state.ResumeTiming();
  }
}

BENCHMARK(cold_open)->Arg(0)->Arg(1)->UseRealTime()->Iterations(5)->Unit(benchmark::kMillisecond);
BENCHMARK(reference_copy)->UseRealTime()->MinTime(1);
BENCHMARK(reference_write_sync)->UseRealTime()->MinTime(1)->Unit(benchmark::kMillisecond);
BENCHMARK(append_no_sync)->Arg(10'000)->UseRealTime()->Iterations(5'000);
BENCHMARK(append_sync)->Arg(1'000)->Arg(10'000)->Arg(100'000)->UseRealTime()->Iterations(10'000);

}  // namespace
}  // namespace karez::historian

BENCHMARK_MAIN();
