// SPDX-License-Identifier: Apache-2.0
#include "historian/engine.h"

#include <algorithm>

#include "historian/engine/core.h"
#include "historian/engine/queries.h"

namespace karez::historian {

struct Engine::Impl {
  Impl(EngineOptions options, Clock& clock, Log& log) : core(std::move(options), clock, log) {}
  Core core;
};

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options, Clock& clock, Log& log) {
  auto impl = std::make_unique<Impl>(std::move(options), clock, log);
  KZ_CHECK(impl->core.open());
  return std::unique_ptr<Engine>(new Engine(std::move(impl)));
}

Result<Ticket> Engine::append(unsigned lane, const model::BatchRef& batch) { return impl_->core.append(lane, *batch); }
void Engine::on_durable(WatermarkListener listener) { impl_->core.wal().set_listener(std::move(listener)); }
Result<> Engine::wait_durable(Ticket ticket, Duration timeout) { return impl_->core.wal().wait(ticket.lsn, timeout); }

Result<RawPage> Engine::raw(const RawQuery& query) { return query_raw(impl_->core, query); }
Result<std::vector<BucketSeries>> Engine::buckets(const BucketQuery& query) {
  return query_buckets(impl_->core, query);
}
Result<TrendSeries> Engine::trend(const TrendQuery& query) { return query_trend(impl_->core, query); }
Result<std::vector<LastValue>> Engine::last(std::span<const model::PointId> points) { return impl_->core.last(points); }

Result<> Engine::remove(std::span<const model::PointId> points, TimeRange range) {
  std::vector<std::uint32_t> sorted;
  for (const model::PointId point : points)
    if (point) sorted.push_back(point.value);
  std::ranges::sort(sorted);
  const auto twice = std::ranges::unique(sorted);
  sorted.erase(twice.begin(), twice.end());
  if (sorted.empty() || range.from >= range.to) return {};
  return impl_->core.remove(sorted, to_ns(range.from), to_ns(range.to));
}

Result<> Engine::retain(Timestamp keep_from) { return impl_->core.retain(to_ns(keep_from)); }
Result<> Engine::flush() { return impl_->core.flush(); }
StoreStats Engine::stats() const { return impl_->core.stats(); }
Result<> Engine::compact() {
  KZ_CHECK(impl_->core.flush());
  return impl_->core.merge(true);
}
Result<> Engine::verify() { return impl_->core.verify(); }

}  // namespace karez::historian
