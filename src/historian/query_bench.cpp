// SPDX-License-Identifier: Apache-2.0
// Questions over 1 M samples of one point in segments, and over 1,000 points, beside one pass over the same numbers
// in memory. Run: karez_historian_query_bench
#include <benchmark/benchmark.h>

#include "historian/engine.h"

namespace karez::historian {
namespace {

constexpr std::int64_t kT = 1'783'987'200'000'000'000;  // midnight
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kLong = 1'000'000;
constexpr std::uint32_t kPoints = 1000;

class Stored {
 public:
  Stored() {
    EngineOptions options;
    options.dir = folder_.path() / "store";
    options.sync = SyncMode::off;
    auto opened = Engine::open(options, clock_, null_log());
    KZ_ASSERT(opened);
    store = std::move(*opened);
    for (std::size_t i = 0; i < kLong; ++i) add(1, i);
    for (std::size_t i = 0; i < 1000; ++i)
      for (std::uint32_t p = 2; p < 2 + kPoints; ++p) add(p, i);
    send();
    KZ_ASSERT(store->compact());
  }
  std::unique_ptr<Engine> store;

 private:
  void add(std::uint32_t point, std::size_t i) {
    if (!batch_) batch_ = pool_.acquire();
    (void)batch_->add({.time = from_ns(kT + static_cast<std::int64_t>(i) * kSecond),
                       .bits = model::bits_of(static_cast<double>((i * 7919) % 4000) / 100),
                       .point = {point},
                       .type = model::ValueType::float64});
    if (batch_->full()) send();
  }
  void send() {
    while (!store->append(0, batch_)) std::this_thread::yield();
    batch_ = {};
  }
  TempDir folder_;
  SystemClock clock_;
  model::BatchPool pool_{4};
  model::BatchRef batch_;
};

Engine& stored() {
  static Stored it;
  return *it.store;
}
TimeRange range(std::size_t samples) {
  return {from_ns(kT), from_ns(kT + static_cast<std::int64_t>(samples) * kSecond)};
}

void buckets(benchmark::State& state) {
  Engine& store = stored();
  const model::PointId point{1};
  for (auto _ : state) {
    const auto found = store.buckets({.points = {&point, 1},
                                      .range = range(kLong),
                                      .step = std::chrono::seconds(state.range(0)),
                                      .time_weighted = state.range(1) != 0});
    KZ_ASSERT(found && !found->front().buckets.empty());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kLong));
}
void trend(benchmark::State& state) {
  Engine& store = stored();
  for (auto _ : state) {
    const auto found = store.trend({.point = {1}, .range = range(kLong), .columns = 1000});
    KZ_ASSERT(found && found->samples == kLong);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kLong));
}
void raw(benchmark::State& state) {
  Engine& store = stored();
  const auto n = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    const auto found = store.raw({.point = {1}, .range = range(n), .limit = n});
    KZ_ASSERT(found && found->rows.size() == n);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
void many_points(benchmark::State& state) {
  Engine& store = stored();
  std::vector<model::PointId> points;
  for (std::uint32_t p = 2; p < 2 + kPoints; ++p) points.push_back({p});
  for (auto _ : state) {
    const auto found = store.buckets({.points = points, .range = range(1000), .step = std::chrono::minutes(1)});
    KZ_ASSERT(found && found->size() == kPoints);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kPoints * 1000));
}
void last_values(benchmark::State& state) {
  Engine& store = stored();
  std::vector<model::PointId> points;
  for (std::uint32_t p = 1; p < 2 + kPoints; ++p) points.push_back({p});
  for (auto _ : state) KZ_ASSERT(store.last(points));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * points.size()));
}
/// Sum, least and greatest of 1 M doubles that lie ready in memory.
void reference_pass(benchmark::State& state) {
  std::vector<double> numbers(kLong);
  for (std::size_t i = 0; i < kLong; ++i) numbers[i] = static_cast<double>((i * 7919) % 4000) / 100;
  for (auto _ : state) {
    double sum = 0, low = numbers[0], high = numbers[0];
    for (const double v : numbers) {
      sum += v;
      low = std::min(low, v);
      high = std::max(high, v);
    }
    benchmark::DoNotOptimize(sum + low + high);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * kLong));
}

BENCHMARK(reference_pass)->Unit(benchmark::kMillisecond);
BENCHMARK(buckets)->Args({60, 0})->Args({3600, 0})->Args({86'400, 0})->Args({60, 1})->Unit(benchmark::kMillisecond);
BENCHMARK(trend)->Unit(benchmark::kMillisecond);
BENCHMARK(raw)->Arg(3'600)->Arg(1'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(many_points)->Unit(benchmark::kMillisecond);
BENCHMARK(last_values)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace karez::historian

BENCHMARK_MAIN();
