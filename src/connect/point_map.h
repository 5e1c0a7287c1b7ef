// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/plant.h"
#include "model/sample.h"

namespace karez::connect {

/// What one link shall collect: an immutable snapshot, replaced as a whole when the configuration
/// changes. Indexes into `devices` and `points` are stable within one snapshot only.
/// Thread: any.
struct PointMap {
  struct Device {
    model::DeviceId id{};
    std::string name{};
    std::string config{};  ///< JSON object by the driver's device schema
    model::Origin origin = model::Origin::unknown;
  };
  struct Entry {
    model::PointId id{};
    std::size_t device = 0;  ///< index into `devices`
    std::string address{};
    model::ValueType type = model::ValueType::float64;
    double scale = 1, offset = 0;  ///< stored = raw * scale + offset
    double deadband = 0;
    Duration period = std::chrono::seconds(1);
    model::Access access = model::Access::read;
  };
  std::uint64_t revision = 0;
  model::TenantId tenant;
  std::vector<Device> devices;
  std::vector<Entry> points;
};

/// What a driver read, before scaling.
struct RawValue {
  model::ValueType type = model::ValueType::none;
  std::uint64_t bits = 0;
  std::string_view text{};  ///< for ValueType::text; owned by the caller
  static RawValue of(double v) { return {model::ValueType::float64, model::bits_of(v), {}}; }
  static RawValue of(std::int64_t v) { return {model::ValueType::int64, model::bits_of(v), {}}; }
  static RawValue of(bool v) { return {model::ValueType::boolean, model::bits_of(v), {}}; }
  static RawValue of(std::string_view v) { return {model::ValueType::text, 0, v}; }
  static RawValue of(const char* v) { return of(std::string_view(v)); }  // else it would be a bool
};

/// Turns raw values into samples of the point's type: scale, offset, type conversion (numbers to
/// numbers, numbers to bool as != 0; text only to text, else quality BadTypeMismatch), deadband on good
/// values, quality changes always pass. Keeps the last emitted value per entry.
///
/// It also keeps each point's samples in one order, though values bear the source's time and losses
/// ours: a loss is stamped after the newest value, however far the source's clock is ahead, and a value
/// that is older than our own last stamp is stored where it belongs (as backfilled) and said again by
/// `settle`, so that a point that holds still recovers. So every driver
/// - calls `lose` with its own clock for each point that was lost, never making that sample itself;
/// - gives `convert` the source's time and `convert_own` the arrival where the source tells none;
/// - calls `settle` when the other side has handed over what it had to say: after the first values of a
///   new subscription, or about once a second where a broker may deliver a backlog first;
/// - keeps the state over new maps and connections: `PointFilter(map, before)`.
/// Thread: the driver's, one at a time.
class PointFilter {
 public:
  explicit PointFilter(std::shared_ptr<const PointMap> map);
  /// For a new map of a running link: points that stay keep their last value and state, new ones start
  /// with a gap.
  PointFilter(std::shared_ptr<const PointMap> map, const PointFilter& before);
  /// The sample to store, or nothing when the deadband swallows it (counted in `suppressed`) or when it
  /// repeats what was stored before a loss, which `settle` then says.
  std::optional<model::Sample> convert(std::size_t entry, const RawValue& raw, model::Quality quality, Timestamp time,
                                       std::uint8_t flags = 0);
  /// The same for a value whose source tells no time: stamped `now`, or just after the point's newest
  /// sample when that is later. Never held back.
  std::optional<model::Sample> convert_own(std::size_t entry, const RawValue& raw, model::Quality quality,
                                           Timestamp now, std::uint8_t flags = 0);
  /// After this the next value of each point passes whatever the deadband says, flagged
  /// first-after-gap.
  void mark_gap();
  void mark_gap(std::size_t entry);
  /// Nothing is known of the point any more: the one bad sample (no value, flagged gap) that says so,
  /// or nothing when it has been said. The next value that is not bad is flagged first-after-gap.
  std::optional<model::Sample> lose(std::size_t entry, model::Quality quality, Timestamp now);
  bool lost(std::size_t entry) const noexcept { return states_[entry].lost; }
  /// Time of the newest value, losses aside; kMinTime without any.
  Timestamp newest_value(std::size_t entry) const noexcept { return states_[entry].newest_value; }

  /// A value said again with our time, flagged substituted.
  struct Settled {
    model::Sample sample;
    std::string text;  ///< of a text value that is not bad
  };
  /// The present value of each point whose source time lies behind our last stamp, stamped `now` after a
  /// loss or when the source's clock is hours behind. Empty (and free) nearly always.
  std::vector<Settled> settle(Timestamp now);

  std::uint64_t suppressed() const noexcept { return suppressed_; }
  const PointMap& map() const noexcept { return *map_; }

 private:
  struct State {
    std::uint64_t bits = 0;
    Timestamp newest = kMinTime;        ///< of all samples
    Timestamp newest_value = kMinTime;  ///< of values as they came, late ones too
    Timestamp floor = kMinTime;         ///< the last time that was ours
    model::Quality quality;
    bool seen = false, after_gap = false, lost = false, held = false;
  };
  struct Held {
    std::size_t entry = 0;
    Timestamp time;
    std::uint64_t bits = 0;
    model::Quality quality;
    std::string text;
  };
  Timestamp own_time(const State& state, Timestamp now) const noexcept;
  std::optional<model::Sample> emit(std::size_t entry, const RawValue& raw, model::Quality quality, Timestamp time,
                                    std::uint8_t flags, bool late);
  void hold(Held value);
  void drop_held(std::size_t entry);

  std::shared_ptr<const PointMap> map_;
  std::vector<State> states_;
  std::vector<Held> held_;
  std::uint64_t suppressed_ = 0;
};

/// Raw value a device wants for an engineering value: inverse of scale and offset, checked against
/// the range of the wire type by the driver. Errors: point.not_invertible (scale 0).
Result<double> to_raw(const PointMap::Entry& entry, double engineering);

}  // namespace karez::connect
