// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "base/error.h"
#include "stream/latest.h"

namespace karez::stream {

class Subscriptions;

/// One reader of live values: a browser tab, an app, a rule's window. It is asked, never pushed to: a
/// slow reader misses intermediate values, not the newest, and costs no memory.
/// Thread: one at a time.
class Subscription {
 public:
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  /// Other points from now on; the next `take` gives all of them that are known.
  /// Errors: stream.too_many_points (the old set stays).
  Result<> replace(std::span<const model::PointId> points);
  /// The newest value of each point that changed since the last `take`, ordered by point; at the first
  /// call all known ones. Cheap when nothing changed anywhere.
  std::vector<Latest> take();
  std::size_t size() const noexcept { return points_.size(); }

 private:
  friend class Subscriptions;
  explicit Subscription(Subscriptions& owner) : owner_(owner) {}
  Subscriptions& owner_;
  std::vector<model::PointId> points_;  // ascending, each once
  std::uint64_t seen_ = 0;              // table revision up to which everything was given
};

/// Opens subscriptions, up to a limit. Must outlive them; `table` must outlive it.
/// Thread: any.
class Subscriptions {
 public:
  struct Limits {
    std::size_t subscriptions = 1000, points_each = 5000;
  };
  Subscriptions(const LatestTable& table, Limits limits) : table_(table), limits_(limits) {}
  /// Errors: stream.too_many_subscriptions, stream.too_many_points.
  Result<std::unique_ptr<Subscription>> open(std::span<const model::PointId> points);
  std::size_t count() const noexcept { return open_.load(std::memory_order_relaxed); }

 private:
  friend class Subscription;
  const LatestTable& table_;
  const Limits limits_;
  std::atomic<std::size_t> open_{0};
};

}  // namespace karez::stream
