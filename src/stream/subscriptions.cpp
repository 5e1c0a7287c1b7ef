// SPDX-License-Identifier: Apache-2.0
#include "stream/subscriptions.h"

#include <algorithm>

#include "base/format.h"

namespace karez::stream {

Subscription::~Subscription() { owner_.open_.fetch_sub(1, std::memory_order_relaxed); }

Result<> Subscription::replace(std::span<const model::PointId> points) {
  if (points.size() > owner_.limits_.points_each)
    return fail(Errc::exhausted, "stream.too_many_points",
                karez::format("{} points are wanted, at most {} may be watched at once.", points.size(),
                              owner_.limits_.points_each));
  points_.assign(points.begin(), points.end());
  std::ranges::sort(points_);
  const auto doubles = std::ranges::unique(points_);
  points_.erase(doubles.begin(), doubles.end());
  seen_ = 0;
  return {};
}

std::vector<Latest> Subscription::take() {
  // Read before the rows: a change made meanwhile may come twice, but is never missed.
  const std::uint64_t now = owner_.table_.revision();
  if (now == seen_) return {};
  auto out = owner_.table_.changed_since(points_, seen_);
  seen_ = now;
  return out;
}

Result<std::unique_ptr<Subscription>> Subscriptions::open(std::span<const model::PointId> points) {
  if (open_.fetch_add(1, std::memory_order_relaxed) >= limits_.subscriptions) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    return fail(Errc::exhausted, "stream.too_many_subscriptions",
                karez::format("At most {} readers of live values are served at once.", limits_.subscriptions));
  }
  std::unique_ptr<Subscription> subscription(new Subscription(*this));
  KZ_CHECK(subscription->replace(points));
  return subscription;
}

}  // namespace karez::stream
