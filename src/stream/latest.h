// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/batch.h"

namespace karez::stream {

/// Newest value of a point as screens and rules see it.
struct Latest {
  model::PointId point{};
  Timestamp time = kMinTime;  ///< source time; kMinTime: never received
  Timestamp received = kMinTime;  ///< its arrival, or later when the source said that it still holds
  model::ValueType type = model::ValueType::none;
  std::uint64_t bits = 0;
  model::Quality quality{};
  std::uint8_t flags = 0;
  std::string text{};
  std::uint64_t revision = 0;  ///< grows with every change of any point: "what changed since"
  bool known() const noexcept { return time != kMinTime; }
};

/// The newest value per point, indexed by PointId (up to 67 million, 48 bytes each). Older samples never
/// replace newer ones, of equal times the later wins; a backfilled one never moves the present.
/// Thread: `update` on lanes (a point on one lane); the rest any. Warm updates allocate nothing except
/// for a text longer than any before of that point.
class LatestTable {
 public:
  LatestTable();
  ~LatestTable();
  void update(const model::SampleBatch& batch);
  /// The source has said at `when` that the newest values of these points still hold: their age begins
  /// anew. No change in the sense of `revision`; nothing for points never received. Thread: any.
  void seen(std::span<const model::PointId> points, Timestamp when);
  /// Seeds from the store at start.
  void seed(const Latest& value);
  Latest get(model::PointId point) const;
  std::vector<Latest> get(std::span<const model::PointId> points) const;
  /// Those of `points` that changed after `revision`. Who asks again and again reads `revision()` first
  /// and gives that the next time: then nothing is missed, whatever lanes write meanwhile.
  std::vector<Latest> changed_since(std::span<const model::PointId> points, std::uint64_t revision) const;
  std::uint64_t revision() const;
  void forget(model::PointId point);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::stream
