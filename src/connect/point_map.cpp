// SPDX-License-Identifier: Apache-2.0
#include "connect/point_map.h"

#include <cmath>
#include <unordered_map>

namespace karez::connect {

using model::ValueType;

namespace {

struct Converted {
  std::uint64_t bits = 0;
  bool fits = true;
  bool type_ok = true;
};

// The largest doubles that still convert to int64.
constexpr double kInt64Limit = 9223372036854775808.0;

Converted convert_value(const PointMap::Entry& entry, const RawValue& raw) {
  const bool scaled = entry.scale != 1 || entry.offset != 0;
  if (raw.type == ValueType::text || entry.type == ValueType::text) {
    return {.type_ok = raw.type == entry.type};
  }
  if (raw.type == ValueType::none) return {.type_ok = false};
  if (raw.type == entry.type && !scaled) return {raw.bits};
  // int64 keeps all its digits where no scaling asks for a double
  if (entry.type == ValueType::int64 && raw.type == ValueType::boolean && !scaled) return {raw.bits & 1};
  if (entry.type == ValueType::boolean && !scaled && raw.type == ValueType::int64)
    return {model::bits_of(raw.bits != 0)};
  const double value = model::numeric(raw.type, raw.bits) * entry.scale + entry.offset;
  switch (entry.type) {
    case ValueType::float64: return {model::bits_of(value)};
    case ValueType::boolean: return {model::bits_of(value != 0), !std::isnan(value)};
    case ValueType::int64: {
      const double whole = std::round(value);
      if (!(whole >= -kInt64Limit && whole < kInt64Limit)) return {.fits = false};
      return {model::bits_of(static_cast<std::int64_t>(whole))};
    }
    case ValueType::none:
    case ValueType::text: break;
  }
  return {.type_ok = false};
}

bool within_deadband(const PointMap::Entry& entry, std::uint64_t last, std::uint64_t bits) {
  if (entry.deadband <= 0 || entry.type == ValueType::text) return false;
  const double change = std::abs(model::numeric(entry.type, bits) - model::numeric(entry.type, last));
  return change <= entry.deadband;  // false for NaN
}

}  // namespace

PointFilter::PointFilter(std::shared_ptr<const PointMap> map) : map_(std::move(map)), states_(map_->points.size()) {}

PointFilter::PointFilter(std::shared_ptr<const PointMap> map, const PointFilter& before) : PointFilter(std::move(map)) {
  suppressed_ = before.suppressed_;
  std::unordered_map<model::PointId, std::size_t> known;
  for (std::size_t i = 0; i < before.states_.size(); ++i) known.emplace(before.map_->points[i].id, i);
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const auto found = known.find(map_->points[i].id);
    if (found == known.end()) {
      states_[i].after_gap = true;
    } else if (before.map_->points[found->second].type == map_->points[i].type) {
      states_[i] = before.states_[found->second];
    }
  }
}

std::optional<model::Sample> PointFilter::convert(std::size_t entry_index, const RawValue& raw, model::Quality quality,
                                                  Timestamp time, std::uint8_t flags) {
  const PointMap::Entry& entry = map_->points[entry_index];
  State& state = states_[entry_index];
  Converted value;
  if (raw.type != ValueType::none || !quality.bad()) value = convert_value(entry, raw);
  if (!value.type_ok) quality = model::quality::kBadTypeMismatch;
  if (!value.fits) quality = model::quality::kBadOutOfRange;
  if (quality.bad() && (!value.type_ok || !value.fits)) value.bits = 0;

  const bool gap_over = state.after_gap && !quality.bad();
  if (quality.good() && state.seen && !gap_over && state.quality == quality &&
      within_deadband(entry, state.bits, value.bits)) {
    ++suppressed_;
    return std::nullopt;
  }
  if (gap_over) {
    flags |= model::flag::kFirstAfterGap;
    state.after_gap = false;
  }
  if (!quality.bad()) state.lost = false;
  state.bits = value.bits;
  state.quality = quality;
  state.seen = true;
  return model::Sample{time, value.bits, entry.id, quality, entry.type, flags};
}

std::optional<model::Sample> PointFilter::lose(std::size_t entry_index, model::Quality quality, Timestamp time) {
  State& state = states_[entry_index];
  if (state.lost) return std::nullopt;
  state.lost = state.after_gap = true;
  state.quality = quality;
  const PointMap::Entry& entry = map_->points[entry_index];
  return model::Sample{time, 0, entry.id, quality, entry.type, model::flag::kGap};
}

void PointFilter::mark_gap() {
  for (State& state : states_) state.after_gap = true;
}

void PointFilter::mark_gap(std::size_t entry) { states_[entry].after_gap = true; }

Result<double> to_raw(const PointMap::Entry& entry, double engineering) {
  if (entry.scale == 0) {
    return fail(Error(Errc::invalid_argument, "point.not_invertible")
                    .with("the point's scale is 0, so no raw value gives an engineering value")
                    .cure("Set a scale other than 0."));
  }
  return (engineering - entry.offset) / entry.scale;
}

}  // namespace karez::connect
