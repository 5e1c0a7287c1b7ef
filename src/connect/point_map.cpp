// SPDX-License-Identifier: Apache-2.0
#include "connect/point_map.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

namespace karez::connect {

using model::ValueType;

namespace {

/// As the lanes have it: a later time than this after arrival is replaced by the arrival.
constexpr Duration kFutureLimit = std::chrono::minutes(5);

/// A source this far behind will not catch up.
constexpr Duration kHopeless = std::chrono::hours(1);

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
      continue;
    }
    const State& old = before.states_[found->second];
    states_[i].newest = old.newest;
    states_[i].floor = old.floor;
    states_[i].newest_value = old.newest_value;
    if (before.map_->points[found->second].type != map_->points[i].type) continue;
    states_[i] = old;
    if (!old.held) continue;
    held_.push_back(*std::ranges::find(before.held_, found->second, &Held::entry));
    held_.back().entry = i;
  }
}

Timestamp PointFilter::own_time(const State& state, Timestamp now) const noexcept {
  // A time further in the future than this is the present for whoever stores it.
  if (state.newest == kMinTime || state.newest > now + kFutureLimit) return now;
  return std::max(now, state.newest + Duration(1));
}

std::optional<model::Sample> PointFilter::convert(std::size_t entry, const RawValue& raw, model::Quality quality,
                                                  Timestamp time, std::uint8_t flags) {
  const State& state = states_[entry];
  const bool ours_is_newest = state.floor != kMinTime && state.floor == state.newest;
  const bool late = ours_is_newest && time <= state.floor && (flags & model::flag::kBackfilled) == 0;
  return emit(entry, raw, quality, time, flags, late);
}

std::optional<model::Sample> PointFilter::convert_own(std::size_t entry, const RawValue& raw, model::Quality quality,
                                                      Timestamp now, std::uint8_t flags) {
  State& state = states_[entry];
  const Timestamp time = own_time(state, now);
  auto sample = emit(entry, raw, quality, time, flags, false);
  if (sample) state.floor = time;
  return sample;
}

std::optional<model::Sample> PointFilter::emit(std::size_t entry_index, const RawValue& raw, model::Quality quality,
                                               Timestamp time, std::uint8_t flags, bool late) {
  const PointMap::Entry& entry = map_->points[entry_index];
  State& state = states_[entry_index];
  Converted value;
  if (raw.type != ValueType::none || !quality.bad()) value = convert_value(entry, raw);
  if (!value.type_ok) quality = model::quality::kBadTypeMismatch;
  if (!value.fits) quality = model::quality::kBadOutOfRange;
  if (quality.bad() && (!value.type_ok || !value.fits)) value.bits = 0;

  if (late) {
    hold({entry_index, time, value.bits, quality, std::string(quality.bad() ? std::string_view() : raw.text)});
    if (time == state.newest_value && value.bits == state.bits) return std::nullopt;  // stored before we lost it
    state.newest_value = std::max(state.newest_value, time);
    state.bits = value.bits;
    flags |= model::flag::kBackfilled;
    return model::Sample{time, value.bits, entry.id, quality, entry.type, flags};
  }
  if (state.held) drop_held(entry_index);
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
  state.newest_value = std::max(state.newest_value, time);
  state.newest = std::max(state.newest, time);
  return model::Sample{time, value.bits, entry.id, quality, entry.type, flags};
}

std::optional<model::Sample> PointFilter::lose(std::size_t entry_index, model::Quality quality, Timestamp now) {
  State& state = states_[entry_index];
  if (state.held) drop_held(entry_index);
  if (state.lost) return std::nullopt;
  state.lost = state.after_gap = true;
  state.quality = quality;
  state.newest = state.floor = own_time(state, now);
  const PointMap::Entry& entry = map_->points[entry_index];
  return model::Sample{state.floor, 0, entry.id, quality, entry.type, model::flag::kGap};
}

void PointFilter::hold(Held value) {
  if (states_[value.entry].held) drop_held(value.entry);
  states_[value.entry].held = true;
  held_.push_back(std::move(value));
}

void PointFilter::drop_held(std::size_t entry) {
  std::erase_if(held_, [entry](const Held& held) { return held.entry == entry; });
  states_[entry].held = false;
}

std::vector<PointFilter::Settled> PointFilter::settle(Timestamp now) {
  std::vector<Settled> out;
  for (Held& held : std::exchange(held_, {})) {
    State& state = states_[held.entry];
    const PointMap::Entry& entry = map_->points[held.entry];
    // While a source's clock catches up with our stamp its values follow closely, so that its own times
    // count again as soon as they are later. One that is hours behind (local time, a clock that lost its
    // battery) never would.
    const Timestamp next = state.floor + Duration(1);
    const bool ours = state.lost || held.time < now - kHopeless;
    state.newest = state.floor = ours ? std::max(now, next) : next;
    std::uint8_t flags = model::flag::kSubstituted;
    if (!held.quality.bad()) {
      if (std::exchange(state.after_gap, false)) flags |= model::flag::kFirstAfterGap;
      state.lost = false;
    }
    state.held = false;
    state.bits = held.bits;
    state.quality = held.quality;
    state.seen = true;
    out.push_back({{state.floor, held.bits, entry.id, held.quality, entry.type, flags}, std::move(held.text)});
  }
  return out;
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
