// SPDX-License-Identifier: Apache-2.0
// The values of Sparkplug messages: from metrics to samples.
#include <functional>

#include "base/format.h"
#include "connect/mqtt/spb_host.h"

namespace karez::connect::mqtt {

using model::ValueType;

namespace {

constexpr std::size_t kLongestName = 1024;

/// Own name, or "template/member" for members of templates; `names` holds those before.
std::string full_name(const SpbMetric& metric, const std::vector<std::string>& names) {
  if (metric.parent < 0) return std::string(metric.name);
  return karez::format("{}/{}", names[static_cast<std::size_t>(metric.parent)], metric.name);
}

std::optional<Timestamp> time_of(const SpbMetric& metric, const SpbPayload& payload) {
  for (const auto& ms : {metric.timestamp_ms, payload.timestamp_ms}) {
    if (!ms || *ms == 0) continue;
    if (const auto time = from_ms(*ms)) return *time;
  }
  return std::nullopt;
}

std::uint64_t comparable(const RawValue& raw) {
  return raw.type == ValueType::text ? std::hash<std::string_view>{}(raw.text) : raw.bits;
}

}  // namespace

void SparkplugHost::take_birth_metrics(SpbNode& node, std::string_view device, const SpbPayload& payload,
                                       const Message& message, Effects& out) {
  auto& tags = node.devices[std::string(device)];
  std::erase_if(node.aliases, [&](const auto& alias) {
    const auto own = tags.find(alias.second.second);
    return own != tags.end() && &own->second == alias.second.first;
  });
  tags_ -= tags.size();
  node.tags -= tags.size();
  tags.clear();
  std::vector<std::string> names;
  names.reserve(payload.metrics.size());
  for (const auto& metric : payload.metrics) {
    names.push_back(full_name(metric, names));
    const auto& name = names.back();
    if (metric.name.empty() || name.size() > kLongestName) {
      problem(node, "a birth with a metric without a name, or with one that is too long");
      continue;
    }
    if (tags_ >= options_.max_tags) {
      problem(node, karez::format("more than {} metrics; the rest is ignored", options_.max_tags));
      break;
    }
    const auto [place, added] = tags.try_emplace(name);
    auto& tag = place->second;
    if (added) {
      ++tags_;
      ++node.tags;
    }
    tag.type = metric.type;
    tag.unit = metric.unit;
    const auto wanted = wanted_.find(to_string(SparkplugAddress{node.group, node.name, std::string(device), name}));
    if (wanted != wanted_.end()) tag.entries = wanted->second;
    if (metric.alias && metric.parent < 0) {
      const auto [alias, fresh] = node.aliases.insert_or_assign(*metric.alias, std::pair(&tag, name));
      if (!fresh) problem(node, karez::format("alias {} was given to two metrics", *metric.alias));
    }
    store(tag, metric, payload, message, out);
  }
  // A point whose metric is not in the birth has no source any more.
  const auto prefix = to_string(SparkplugAddress{node.group, node.name, std::string(device), ""});
  for (const auto entry : entries_below(prefix)) {
    if (!tags.contains(points_[entry].address->metric)) {
      lose_point(entry, model::quality::kBadNodeUnknown, message.received, out);
    }
  }
}

void SparkplugHost::data(SpbNode& node, std::string_view device, const SpbPayload& payload, const Message& message,
                         Effects& out) {
  const auto tags = node.devices.find(device);
  if (tags == node.devices.end() || !node.born.contains(device)) {
    ++stats_.lost;
    problem(node, karez::format("data of device {} before its birth", device));
    return ask_rebirth(node, message.received, out);
  }
  std::vector<std::string> names;
  names.reserve(payload.metrics.size());
  for (const auto& metric : payload.metrics) {
    SpbTag* tag = nullptr;
    if (metric.alias && metric.name.empty() && metric.parent < 0) {
      const auto alias = node.aliases.find(*metric.alias);
      if (alias != node.aliases.end()) tag = alias->second.first;
      names.push_back(tag != nullptr ? alias->second.second : std::string());
    } else {
      names.push_back(full_name(metric, names));
      const auto found = tags->second.find(names.back());
      if (found != tags->second.end()) tag = &found->second;
    }
    if (tag == nullptr) {
      ++stats_.lost;
      problem(node, metric.name.empty() ? karez::format("alias {} is in no birth", metric.alias.value_or(0))
                                        : karez::format("metric {} is in no birth", names.back()));
      ask_rebirth(node, message.received, out);
      continue;
    }
    store(*tag, metric, payload, message, out);
  }
}

void SparkplugHost::store(SpbTag& tag, const SpbMetric& metric, const SpbPayload& payload, const Message& message,
                          Effects& out) {
  const auto value = interpret(metric, metric.type == SpbType::unknown ? tag.type : metric.type);
  if (!metric.historical) {
    tag.last = value.raw;
    tag.last_text = value.raw.text.substr(0, 256);
    tag.last.text = {};
    tag.quality = value.quality;
    ++tag.updates;
  }
  if (tag.entries.empty()) {
    ++stats_.unmapped;
    return;
  }
  if (value.problem != nullptr) stats_.last_error = karez::format("{}: {}", message.topic, value.problem);
  const auto time = time_of(metric, payload);
  for (const auto entry : tag.entries) store_point(entry, metric, value, time, message, out);
}

void SparkplugHost::store_point(std::size_t entry, const SpbMetric& metric, const SpbValue& value,
                                std::optional<Timestamp> time, const Message& message, Effects& out) {
  auto& point = points_[entry];
  std::optional<model::Sample> sample;
  if (metric.historical) {
    sample =
        history_->convert(entry, value.raw, value.quality, time.value_or(message.received), model::flag::kBackfilled);
  } else if (!time) {
    sample = filter_->convert_own(entry, value.raw, value.quality, message.received);
  } else {
    if (!filter_->lost(entry) && *time == point.last_time && comparable(value.raw) == point.last_bits &&
        value.quality == point.last_quality) {
      return;  // a birth repeats what is stored already
    }
    sample = filter_->convert(entry, value.raw, value.quality, *time);
    if (sample) {
      point.last_time = *time;
      point.last_bits = comparable(value.raw);
      point.last_quality = value.quality;
    }
  }
  stats_.suppressed = filter_->suppressed() + history_->suppressed();
  if (sample) keep(*sample, value.raw.text, out);
}

void SparkplugHost::keep(const model::Sample& sample, std::string_view text, Effects& out) {
  ++(sample.quality.bad() ? stats_.bad : stats_.good);
  out.readings.add(sample, sample.quality.bad() ? std::string_view() : text);
}

// A birth says what holds now, however old its time-stamps are; there is no backlog to wait for.
void SparkplugHost::settle(Timestamp now, Effects& out) {
  for (const auto& settled : filter_->settle(now)) keep(settled.sample, settled.text, out);
}

void SparkplugHost::lose_point(std::size_t entry, model::Quality quality, Timestamp now, Effects& out) {
  if (const auto sample = filter_->lose(entry, quality, now)) keep(*sample, {}, out);
}

}  // namespace karez::connect::mqtt
