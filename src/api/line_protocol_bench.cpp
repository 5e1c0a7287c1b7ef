// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "api/line_protocol.h"
#include "api/series_cache.h"
#include "base/format.h"

namespace karez::api {
namespace {

/// Lines as Telegraf writes them: three tags, one field, nanoseconds.
std::string body_of(int lines) {
  std::string body;
  for (int i = 0; i < lines; ++i)
    body += karez::format("temperature,host=machine{:03},line=filling,site=qingdao value={:.2f} {}\n", i % 1000,
                          20 + i * 0.01, 1'700'000'000'000'000'000 + static_cast<std::int64_t>(i) * 1'000'000);
  return body;
}

void parse_and_look_up(benchmark::State& state) {
  const std::string body = body_of(10'000);
  SeriesCache cache;
  Line line;
  LineFault fault;
  std::uint64_t found = 0, lines = 0;
  for (auto _ : state) {
    LineReader reader(body, 1);
    while (reader.next(line, fault) == LineReader::Step::line) {
      ++lines;
      const auto series = SeriesCache::key_of(line.series);
      for (const LineField& f : line.fields) {
        const auto key = SeriesCache::field_key(series, f.key);
        if (cache.find(key)) ++found;
        else cache.put(key, model::PointId{static_cast<std::uint32_t>(cache.size() + 1)}, f.type);
      }
    }
  }
  benchmark::DoNotOptimize(found);
  state.SetItemsProcessed(static_cast<std::int64_t>(lines));
}
BENCHMARK(parse_and_look_up);

/// The reference: finding the line ends of the same bytes.
void find_line_ends(benchmark::State& state) {
  const std::string body = body_of(10'000);
  std::int64_t lines = 0;
  for (auto _ : state)
    for (std::size_t at = 0; (at = body.find('\n', at)) != std::string::npos; ++at) ++lines;
  benchmark::DoNotOptimize(lines);
  state.SetItemsProcessed(lines);
}
BENCHMARK(find_line_ends);

}  // namespace
}  // namespace karez::api

BENCHMARK_MAIN();
