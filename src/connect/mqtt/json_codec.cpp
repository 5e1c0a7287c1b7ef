// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/json_codec.h"

#include <array>
#include <cmath>

#include "base/format.h"
#include "base/number.h"
#include "base/text.h"
#include "connect/mqtt/codec.h"
#include "model/batch.h"

namespace karez::connect::mqtt {

using model::ValueType;

namespace {

constexpr std::array<std::int64_t, 5> kNanoseconds{0, 1'000'000'000, 1'000'000, 1'000, 1};

TimeUnit by_magnitude(double value) {
  const double v = std::abs(value);
  if (v < 1e11) return TimeUnit::seconds;
  if (v < 1e14) return TimeUnit::milliseconds;
  return v < 1e17 ? TimeUnit::microseconds : TimeUnit::nanoseconds;
}

std::optional<Timestamp> from_number(const JsonValue& value, TimeUnit unit) {
  const double approximate = *value.number();
  if (unit == TimeUnit::automatic) unit = by_magnitude(approximate);
  const auto factor = kNanoseconds[static_cast<std::size_t>(unit)];
  if (std::abs(approximate) * static_cast<double>(factor) > 9.2e18) return std::nullopt;
  if (const auto whole = value.integer()) return from_ns(*whole * factor);
  // a fraction: the whole part exactly, the rest rounded to what a double can tell
  const double whole = std::floor(approximate);
  return from_ns(static_cast<std::int64_t>(whole) * factor +
                 std::llround((approximate - whole) * static_cast<double>(factor)));
}

/// A retained message was published at some time before; its arrival says only that it still holds. One
/// sent again came first at a time that this process does not know.
std::uint8_t arrival_flags(const Message& message) {
  return message.retain || message.dup ? model::flag::kSubstituted : std::uint8_t{0};
}

RawValue raw_of(const JsonValue& value) {
  if (const auto v = value.boolean()) return RawValue::of(*v);
  if (const auto v = value.integer()) return RawValue::of(*v);
  if (const auto v = value.number()) return RawValue::of(*v);
  if (const auto v = value.string()) return RawValue::of(*v);
  return {};
}

}  // namespace

Result<JsonDevice> parse_json_device(std::string_view config) {
  JsonDevice out;
  if (trim(config).empty()) return out;
  KZ_TRY(const auto document, JsonDocument::parse(config));
  const auto wrong = [](std::string_view pointer, std::string_view text) {
    return fail(Error(Errc::invalid_argument, "mqtt.device_config").with(text).at(pointer));
  };
  const auto text = [&](std::string_view name) { return std::string(document[name].string().value_or("")); };
  out.time_pointer = text("time_pointer");
  if (!out.time_pointer.empty() && out.time_pointer[0] != '/') {
    return wrong("/time_pointer", "a JSON pointer starts with '/'");
  }
  static constexpr std::array<std::string_view, 5> kUnits{"auto", "s", "ms", "us", "ns"};
  const auto unit = document["time_unit"].string().value_or("auto");
  const auto found = std::ranges::find(kUnits, unit);
  if (found == kUnits.end()) return wrong("/time_unit", "one of auto, s, ms, us, ns");
  out.time_unit = static_cast<TimeUnit>(found - kUnits.begin());
  out.command_topic = text("command_topic");
  out.answer_topic = text("answer_topic");
  if (!out.command_topic.empty() && !is_topic_name(out.command_topic)) {
    return wrong("/command_topic", "a topic without '+' and '#'");
  }
  if (!out.answer_topic.empty() && !is_topic_name(out.answer_topic)) {
    return wrong("/answer_topic", "a topic without '+' and '#'");
  }
  return out;
}

std::optional<Timestamp> source_time(const JsonValue& value, TimeUnit unit) {
  if (const auto text = value.string()) {
    auto time = parse_rfc3339(*text);
    return time ? std::optional(*time) : std::nullopt;
  }
  return value.number() ? from_number(value, unit) : std::nullopt;
}

std::optional<RawValue> plain_value(std::string_view payload, ValueType type) {
  if (!is_utf8(payload)) return std::nullopt;
  if (type == ValueType::text) return RawValue::of(payload);
  const auto text = trim(payload);
  const auto word = text.size() <= 5 ? to_lower(text) : std::string();
  if (word == "true" || word == "on") return RawValue::of(true);
  if (word == "false" || word == "off") return RawValue::of(false);
  if (const auto whole = parse_number<std::int64_t>(text)) return RawValue::of(*whole);
  if (const auto number = parse_number<double>(text); number && std::isfinite(*number)) return RawValue::of(*number);
  return std::nullopt;
}

void JsonCodec::set_points(std::shared_ptr<const PointMap> map, Timestamp now, Effects& out) {
  filter_ = filter_ ? PointFilter(map, *filter_) : PointFilter(map);
  map_ = std::move(map);
  topics_.clear();
  devices_.clear();
  for (const auto& device : map_->devices) {
    auto config = parse_json_device(device.config);
    if (!config) stats_.last_error = config.error().message();
    devices_.push_back(config ? std::move(*config) : JsonDevice{});
  }
  addresses_.assign(map_->points.size(), std::nullopt);
  for (std::size_t i = 0; i < map_->points.size(); ++i) {
    const auto& entry = map_->points[i];
    auto parsed = parse_address(entry.address);
    auto* const json = parsed ? std::get_if<JsonAddress>(&*parsed) : nullptr;
    if (json == nullptr) {
      stats_.last_error = parsed
                              ? karez::format("{} is a Sparkplug address, this link reads plain topics", entry.address)
                              : parsed.error().message();
      if (const auto sample = filter_->lose(i, model::quality::kBadConfiguration, now)) keep(*sample, {}, out);
      continue;
    }
    const auto& device = devices_[entry.device];
    topics_[json->topic].push_back({i, json->whole, json->pointer,
                                    json->time_pointer.empty() ? device.time_pointer : json->time_pointer,
                                    device.time_unit});
    addresses_[i] = std::move(*json);
  }
}

std::vector<Subscription> JsonCodec::subscriptions() const {
  std::vector<Subscription> out;
  for (const auto& [topic, targets] : topics_) out.push_back({topic, qos_, 0});
  for (const auto& device : devices_) {
    if (!device.answer_topic.empty() && !topics_.contains(device.answer_topic))
      out.push_back({device.answer_topic, 1, 2});
  }
  std::ranges::sort(out, {}, &Subscription::filter);
  const auto [first, last] = std::ranges::unique(out, {}, &Subscription::filter);
  out.erase(first, last);
  return out;
}

const JsonAddress* JsonCodec::address(std::size_t entry) const {
  return entry < addresses_.size() && addresses_[entry] ? &*addresses_[entry] : nullptr;
}

void JsonCodec::keep(const model::Sample& sample, std::string_view text, Effects& out) {
  ++(sample.quality.bad() ? stats_.bad : stats_.good);
  out.readings.add(sample, sample.quality.bad() ? std::string_view() : text);
}

void JsonCodec::emit(std::size_t entry, const RawValue& raw, model::Quality quality, const Stamp& stamp, Effects& out) {
  const auto sample = stamp.own ? filter_->convert_own(entry, raw, quality, stamp.time, stamp.flags)
                                : filter_->convert(entry, raw, quality, stamp.time, stamp.flags);
  stats_.suppressed = filter_->suppressed();
  if (!sample) return out.seen.push_back(map_->points[entry].id);
  keep(*sample, raw.text, out);
}

void JsonCodec::disconnected(Timestamp now, Effects& out) {
  for (std::size_t i = 0; i < map_->points.size(); ++i) {
    if (const auto sample = filter_->lose(i, model::quality::kBadNotConnected, now)) keep(*sample, {}, out);
  }
}

void JsonCodec::tick(Timestamp now, Effects& out) {
  for (const auto& settled : filter_->settle(now)) keep(settled.sample, settled.text, out);
}

void JsonCodec::read_plain(const Target& target, const Message& message, Effects& out) {
  const auto payload = as_text(message.payload);
  const auto value = plain_value(payload, map_->points[target.entry].type);
  const Stamp arrival{message.received, true, 0};
  if (!value) {
    ++stats_.malformed;
    stats_.last_error = karez::format("{}: the payload is not one plain value", message.topic);
    return emit(target.entry, {}, kBadDecoding, arrival, out);
  }
  if (payload.size() > model::SampleBatch::kMaxText && value->type == ValueType::text) {
    return emit(target.entry, {}, model::quality::kBadOutOfRange, arrival, out);
  }
  emit(target.entry, *value, model::quality::kGood, {message.received, true, arrival_flags(message)}, out);
}

void JsonCodec::read_document(const Target& target, const JsonValue& root, const Message& message, Effects& out) {
  const auto value = root.pointer(target.pointer);
  if (!value) return;  // devices send only what changed
  Stamp stamp{message.received, true, arrival_flags(message)};
  if (!target.time_pointer.empty()) {
    if (const auto found = source_time(root.pointer(target.time_pointer), target.unit)) {
      stamp = {*found, false, 0};
      // An old message that the broker kept says nothing about the present.
      if (message.retain && stamp.time < filter_->newest_value(target.entry)) return;
    } else {
      stamp.flags = model::flag::kSubstituted;
      stats_.last_error = karez::format("{}: no usable time at {}", message.topic, target.time_pointer);
    }
  }
  if (value.is_null()) return emit(target.entry, {}, model::quality::kBadNoData, stamp, out);
  RawValue raw = raw_of(value);
  std::string dumped;
  const bool wants_text = map_->points[target.entry].type == ValueType::text;
  if (raw.type != ValueType::text && wants_text) {  // an object, or a number kept as it was written
    dumped = value.dump();
    raw = RawValue::of(std::string_view(dumped));
  }
  if (raw.type == ValueType::none) return emit(target.entry, {}, model::quality::kBadTypeMismatch, stamp, out);
  if (raw.text.size() > model::SampleBatch::kMaxText) {
    return emit(target.entry, {}, model::quality::kBadOutOfRange, stamp, out);
  }
  emit(target.entry, raw, model::quality::kGood, stamp, out);
}

void JsonCodec::unreadable(const Message& message, std::string_view why, Effects& out) {
  ++stats_.malformed;
  stats_.last_error = karez::format("{}: {}", message.topic, why);
  const auto found = topics_.find(message.topic);
  if (found == topics_.end()) return;
  for (const auto& target : found->second) emit(target.entry, {}, kBadDecoding, {message.received, true, 0}, out);
}

void JsonCodec::message(const Message& message, Effects& out) {
  if (answers_) answers_(message.topic, message.payload);
  const auto found = topics_.find(message.topic);
  if (found == topics_.end()) {
    ++stats_.unmapped;
    return;
  }
  std::optional<JsonDocument> document;
  bool broken = false;
  for (const auto& target : found->second) {
    if (target.whole) {
      read_plain(target, message, out);
      continue;
    }
    if (!document && !broken) {
      auto parsed = JsonDocument::parse(as_text(message.payload));
      if (parsed) {
        document = std::move(*parsed);
      } else {
        broken = true;
        ++stats_.malformed;
        stats_.last_error = karez::format("{}: {}", message.topic, parsed.error().message());
      }
    }
    if (broken) {
      emit(target.entry, {}, kBadDecoding, {message.received, true, 0}, out);
    } else {
      read_document(target, document->root(), message, out);
    }
  }
}

}  // namespace karez::connect::mqtt
