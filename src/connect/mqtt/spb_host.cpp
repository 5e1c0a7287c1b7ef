// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/spb_host.h"

#include <algorithm>
#include <set>

#include "base/format.h"
#include "base/json.h"

namespace karez::connect::mqtt {

using model::ValueType;
using Kind = SpbTopic::Kind;

namespace {

std::uint64_t to_ms(Timestamp t) { return static_cast<std::uint64_t>(std::max<std::int64_t>(to_ns(t), 0) / 1'000'000); }
std::string key_of(std::string_view group, std::string_view node) { return escape_id(group) + '/' + escape_id(node); }

std::optional<std::uint64_t> bd_seq_of(const SpbPayload& payload) {
  for (const auto& metric : payload.metrics) {
    const bool whole = metric.wire == SpbMetric::Wire::int32 || metric.wire == SpbMetric::Wire::int64;
    if (metric.name == "bdSeq" && whole) return metric.bits;
  }
  return std::nullopt;
}

}  // namespace

void SparkplugHost::set_points(std::shared_ptr<const PointMap> map, Timestamp now, Effects& out) {
  std::map<model::PointId, PointState> before;
  for (std::size_t i = 0; i < points_.size(); ++i) before.emplace(map_->points[i].id, std::move(points_[i]));
  filter_ = filter_ ? PointFilter(map, *filter_) : PointFilter(map);
  history_ = history_ ? PointFilter(map, *history_) : PointFilter(map);
  map_ = std::move(map);
  points_.assign(map_->points.size(), {});
  wanted_.clear();
  wanted_nodes_.clear();
  std::set<std::string> new_nodes;
  for (std::size_t i = 0; i < map_->points.size(); ++i) {
    const auto& entry = map_->points[i];
    const auto known = before.find(entry.id);
    if (known != before.end()) points_[i] = std::move(known->second);
    auto parsed = parse_address(entry.address);
    auto* const address = parsed ? std::get_if<SparkplugAddress>(&*parsed) : nullptr;
    if (address == nullptr) {
      stats_.last_error =
          parsed ? karez::format("{} is not a Sparkplug address", entry.address) : parsed.error().message();
      lose_point(i, model::quality::kBadConfiguration, now, out);
      continue;
    }
    if (known == before.end()) new_nodes.insert(key_of(address->group, address->node));
    wanted_[to_string(*address)].push_back(i);
    wanted_nodes_.emplace(address->group, address->node);
    points_[i].address = std::move(*address);
  }
  for (auto& [key, node] : nodes_) {
    for (auto& [device, tags] : node.devices) {
      for (auto& [name, tag] : tags) {
        const auto found = wanted_.find(to_string(SparkplugAddress{node.group, node.name, device, name}));
        tag.entries = found == wanted_.end() ? std::vector<std::size_t>() : found->second;
      }
    }
    if (connected_ && new_nodes.contains(key)) ask_rebirth(node, now, out);
  }
  if (connected_) tick(now, out);
}

std::vector<Subscription> SparkplugHost::subscriptions() const {
  std::vector<Subscription> out;
  if (options_.browse) {
    out.push_back({"spBv1.0/#", 0, 0});
    return out;
  }
  std::set<std::string> groups;
  for (const auto& node : wanted_nodes_) groups.insert(node.first);
  for (const auto& group : groups) out.push_back({karez::format("spBv1.0/{}/#", group), 1, 0});
  if (!options_.host_id.empty()) out.push_back({"spBv1.0/STATE/" + options_.host_id, 1, 0});
  return out;
}

Publication SparkplugHost::state(bool online, std::uint64_t ms) const {
  const auto text = karez::format(R"({{"online":{},"timestamp":{}}})", online, ms);
  const auto bytes = as_bytes(text);
  return {"spBv1.0/STATE/" + options_.host_id, {bytes.begin(), bytes.end()}, 1, true};
}

std::optional<Will> SparkplugHost::make_will(Timestamp now) {
  if (options_.host_id.empty()) return std::nullopt;
  state_ms_ = to_ms(now);
  auto death = state(false, state_ms_);
  return Will{std::move(death.topic), std::move(death.payload), death.qos, death.retain};
}

std::optional<Publication> SparkplugHost::farewell(Timestamp now) const {
  if (options_.host_id.empty()) return std::nullopt;
  return state(false, std::max(to_ms(now), state_ms_));
}

void SparkplugHost::connected(Timestamp now, Effects& out) {
  connected_ = true;
  if (!options_.host_id.empty()) out.publish.push_back(state(true, state_ms_));
  for (auto& [key, node] : nodes_) {
    node.rebirth_wait = {};
    node.next_rebirth = kMinTime;
    node.dead = false;
  }
  tick(now, out);
}

void SparkplugHost::tick(Timestamp now, Effects& out) {
  if (!connected_) return;
  for (const auto& [group, name] : wanted_nodes_) {  // whether they were ever heard or not
    const SpbTopic topic{Kind::nbirth, group, name, {}, {}};
    auto* const node = find_or_add(topic);
    if (node != nullptr && !node->online && !node->dead) ask_rebirth(*node, now, out);
  }
  for (auto& [key, node] : nodes_) {
    if (node.needs_birth) ask_rebirth(node, now, out);
  }
}

void SparkplugHost::disconnected(Timestamp now, Effects& out) {
  connected_ = false;
  for (auto& [key, node] : nodes_) {
    node.online = false;
    node.born.clear();
  }
  for (std::size_t i = 0; i < points_.size(); ++i) lose_point(i, model::quality::kBadNotConnected, now, out);
}

SpbNode* SparkplugHost::find_or_add(const SpbTopic& topic) {
  const auto key = key_of(topic.group, topic.node);
  if (const auto found = nodes_.find(key); found != nodes_.end()) return &found->second;
  if (nodes_.size() >= options_.max_nodes) {
    stats_.last_error = karez::format("more than {} edge nodes; {} is ignored", options_.max_nodes, key);
    return nullptr;
  }
  auto& node = nodes_[key];
  node.group = topic.group;
  node.name = topic.node;
  return &node;
}

void SparkplugHost::message(const Message& message, Effects& out) {
  take(message, out);
  settle(message.received, out);
}

// What it held is missed at the next sequence number, and a birth brings it.
void SparkplugHost::unreadable(const Message& message, std::string_view why, Effects&) {
  ++stats_.malformed;
  stats_.last_error = karez::format("{}: {}", message.topic, why);
}

void SparkplugHost::take(const Message& message, Effects& out) {
  const auto topic = parse_spb_topic(message.topic);
  if (!topic || topic->kind == Kind::ncmd || topic->kind == Kind::dcmd) {
    if (!topic) ++stats_.unmapped;
    return;  // commands of other hosts
  }
  if (topic->kind == Kind::state) return own_state(*topic, message, out);
  if (message.retain) return;  // 4.x: none of these is retained; an old one would tell lies
  auto payload = SpbPayload::decode(message.payload);
  if (!payload) {
    ++stats_.malformed;
    stats_.last_error = karez::format("{}: {}", message.topic, payload.error().message());
    return;
  }
  auto* const node = find_or_add(*topic);
  if (node == nullptr) return;
  if (topic->kind == Kind::nbirth) return node_birth(*node, *payload, message, out);
  if (topic->kind == Kind::ndeath) return node_death(*node, *payload, message.received, out);
  if (!node->online) {  // its birth was before our time
    ++stats_.lost;
    return ask_rebirth(*node, message.received, out);
  }
  check_sequence(*node, *payload, message.received, out);
  switch (topic->kind) {
    case Kind::dbirth: return device_birth(*node, topic->device, *payload, message, out);
    case Kind::ddeath:
      node->born.erase(std::string(topic->device));
      for (const auto entry :
           entries_below(karez::format("{}/{}:", key_of(node->group, node->name), escape_id(topic->device)))) {
        lose_point(entry, model::quality::kBadNotConnected, message.received, out);
      }
      return;
    default: data(*node, topic->device, *payload, message, out);
  }
  see(*node, message.received, out);
}

void SparkplugHost::see(SpbNode& node, Timestamp now, Effects& out) {
  if (node.needs_birth || now < node.seen_at + options_.see_every) return;
  node.seen_at = now;
  const auto key = key_of(node.group, node.name);
  for (const auto* end : {":", "/"}) {
    for (const auto entry : entries_below(key + end)) {
      if (!filter_->lost(entry) && node.born.contains(points_[entry].address->device)) {
        out.seen.push_back(map_->points[entry].id);
      }
    }
  }
}

void SparkplugHost::own_state(const SpbTopic& topic, const Message& message, Effects& out) {
  if (!connected_ || options_.host_id.empty() || topic.host != options_.host_id) return;
  const auto document = JsonDocument::parse(as_text(message.payload));
  // the will of an earlier connection of ours came late: say again that we are here
  if (document && (*document)["online"].boolean() == false) out.publish.push_back(state(true, state_ms_));
}

void SparkplugHost::check_sequence(SpbNode& node, const SpbPayload& payload, Timestamp now, Effects& out) {
  if (!payload.seq || *payload.seq > 255) {
    problem(node, "a message without sequence number 0..255");
    return;
  }
  const auto seq = static_cast<std::uint8_t>(*payload.seq);
  const auto missing = static_cast<std::uint8_t>(seq - node.seq - 1);
  node.seq = seq;
  if (missing == 0) return;
  stats_.lost += missing;
  problem(node, karez::format("{} messages are missing before number {}", missing, seq));
  mark_gap(node);
  ask_rebirth(node, now, out);
}

void SparkplugHost::node_birth(SpbNode& node, const SpbPayload& payload, const Message& message, Effects& out) {
  const auto bd_seq = bd_seq_of(payload);
  if (node.online && bd_seq != node.bd_seq) mark_gap(node);  // it was gone, and its death never came
  node.bd_seq = bd_seq;
  node.seq = static_cast<std::uint8_t>(payload.seq.value_or(0));
  node.online = true;
  node.dead = node.needs_birth = false;
  node.rebirth_wait = {};
  node.born.clear();
  node.born[""] = true;
  ++node.births;
  node.aliases.clear();
  take_birth_metrics(node, "", payload, message, out);
}

void SparkplugHost::device_birth(SpbNode& node, std::string_view device, const SpbPayload& payload,
                                 const Message& message, Effects& out) {
  if (!node.devices.contains(device) && node.devices.size() >= options_.max_devices &&
      entries_below(to_string(SparkplugAddress{node.group, node.name, std::string(device), ""})).empty()) {
    return problem(node, karez::format("more than {} devices; {} is ignored", options_.max_devices, device));
  }
  node.born[std::string(device)] = true;
  take_birth_metrics(node, device, payload, message, out);
}

void SparkplugHost::node_death(SpbNode& node, const SpbPayload& payload, Timestamp now, Effects& out) {
  const auto bd_seq = bd_seq_of(payload);
  if (node.online && node.bd_seq && bd_seq && *bd_seq != *node.bd_seq) return;  // 6.4.4: of an earlier connection
  node.online = node.needs_birth = false;
  node.dead = true;
  node.born.clear();
  const auto key = key_of(node.group, node.name);
  for (const auto* end : {":", "/"}) {
    for (const auto entry : entries_below(key + end)) lose_point(entry, model::quality::kBadNotConnected, now, out);
  }
}

void SparkplugHost::ask_rebirth(SpbNode& node, Timestamp now, Effects& out) {
  node.needs_birth = true;
  if (!connected_ || now < node.next_rebirth) return;
  node.rebirth_wait = node.rebirth_wait == Duration{0} ? options_.first_rebirth_wait
                                                       : std::min(node.rebirth_wait * 2, options_.longest_rebirth_wait);
  node.next_rebirth = now + node.rebirth_wait;
  auto payload = encode_command({"Node Control/Rebirth", SpbType::boolean, RawValue::of(true)}, now);
  if (!payload) return;
  ++rebirths_;
  out.publish.push_back({spb_topic(node.group, "NCMD", node.name, ""), std::move(*payload), 0, false});
}

std::vector<std::size_t> SparkplugHost::entries_below(std::string_view prefix) const {
  std::vector<std::size_t> out;
  for (auto it = wanted_.lower_bound(prefix); it != wanted_.end() && it->first.starts_with(prefix); ++it) {
    out.insert(out.end(), it->second.begin(), it->second.end());
  }
  return out;
}

void SparkplugHost::mark_gap(const SpbNode& node) {
  const auto key = key_of(node.group, node.name);
  for (const auto* end : {":", "/"}) {
    for (const auto entry : entries_below(key + end)) filter_->mark_gap(entry);
  }
}

std::vector<bool> SparkplugHost::reachable() const {
  std::vector<bool> out(map_->devices.size(), true);
  for (std::size_t i = 0; i < points_.size(); ++i) {
    if (!points_[i].address || !out[map_->points[i].device]) continue;
    const auto node = nodes_.find(key_of(points_[i].address->group, points_[i].address->node));
    if (node == nodes_.end() || !node->second.online || !node->second.born.contains(points_[i].address->device)) {
      out[map_->points[i].device] = false;
    }
  }
  return out;
}

void SparkplugHost::problem(const SpbNode& node, std::string_view what) {
  stats_.last_error = karez::format("{}/{}: {}", node.group, node.name, what);
}

const SpbTag* SparkplugHost::tag(std::size_t entry) const {
  if (entry >= points_.size() || !points_[entry].address) return nullptr;
  const auto& address = *points_[entry].address;
  const auto node = nodes_.find(key_of(address.group, address.node));
  if (node == nodes_.end()) return nullptr;
  const auto device = node->second.devices.find(address.device);
  if (device == node->second.devices.end()) return nullptr;
  const auto found = device->second.find(address.metric);
  return found == device->second.end() ? nullptr : &found->second;
}

Result<Publication> SparkplugHost::command(std::size_t entry, const RawValue& value, Timestamp now) const {
  const auto* const target = tag(entry);
  const auto& address = points_[entry].address;
  if (target == nullptr || !address) {
    return fail(Error(Errc::unavailable, "point.not_born")
                    .with("the edge node has not announced this metric since we are connected")
                    .cure("Check that the node is online and that the metric's name is right."));
  }
  KZ_TRY(auto payload, encode_command({address->metric, target->type, value}, now));
  const char* const type = address->device.empty() ? "NCMD" : "DCMD";
  return Publication{spb_topic(address->group, type, address->node, address->device), std::move(payload), 0, false};
}

}  // namespace karez::connect::mqtt
