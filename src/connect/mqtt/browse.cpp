// SPDX-License-Identifier: Apache-2.0
// Listening for what there is: topics with their JSON leaves, or Sparkplug nodes with their metrics.
#include "base/format.h"
#include "base/number.h"
#include "base/text.h"
#include "connect/mqtt/json_codec.h"
#include "connect/mqtt/probe.h"
#include "connect/value_text.h"

namespace karez::connect::mqtt {

using model::ValueType;

namespace {

constexpr std::size_t kMaxTopics = 2'000, kMaxLeaves = 500;
constexpr Duration kListen = std::chrono::seconds(4), kQuiet = std::chrono::milliseconds(1500);

std::string escape_pointer(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

Catalogue::Leaf leaf_of(std::string address, std::string name, const RawValue& value) {
  Catalogue::Leaf leaf;
  leaf.address = std::move(address);
  leaf.name = std::move(name);
  leaf.type = value.type;
  leaf.type_name = model::to_string(value.type);
  leaf.value = value_text(value, value.text.substr(0, 200));
  return leaf;
}

void add_topic(Catalogue& catalogue, const Message& message) {
  if (catalogue.items.size() >= kMaxTopics && !catalogue.items.contains(message.topic)) return;
  if (message.topic.starts_with("spBv1.0/")) return;  // these are for a Sparkplug link
  Catalogue::Item item;
  const std::string topic(message.topic);
  item.name = topic;
  const auto text = as_text(message.payload);
  const auto document = JsonDocument::parse(text);
  if (document && (document->root().is_object() || document->root().is_array())) {
    add_leaves(document->root(), topic, "", kMaxLeaves, item.leaves);
  } else {
    item.alone = true;
    auto value = plain_value(text, ValueType::none);
    if (!value && is_utf8(text)) value = RawValue::of(text);
    // a topic that would read as a Sparkplug address says that it is JSON
    const auto parsed = parse_address(topic);
    const bool json = parsed && std::holds_alternative<JsonAddress>(*parsed);
    item.leaves.push_back(leaf_of(json ? topic : topic + "#", topic, value.value_or(RawValue{})));
  }
  catalogue.items.insert_or_assign(topic, std::move(item));
}

void add_node(Catalogue& catalogue, const SpbNode& node) {
  for (const auto& [device, tags] : node.devices) {
    auto key = escape_id(node.group) + '/' + escape_id(node.name);
    if (!device.empty()) key += '/' + escape_id(device);
    auto& item = catalogue.items[key];
    item.name = device.empty() ? node.name : device;
    for (const auto& [name, tag] : tags) {
      if (name == "bdSeq") continue;
      Catalogue::Leaf leaf;
      leaf.name = name;
      leaf.type_name = spb_type_name(tag.type);
      if (const auto type = point_type(tag.type)) {  // others cannot be points
        leaf.type = *type;
        leaf.address = to_string(SparkplugAddress{node.group, node.name, device, name});
      }
      leaf.unit = tag.unit;
      leaf.value = value_text(tag.last, tag.last_text);
      leaf.quality = tag.quality;
      item.leaves.push_back(std::move(leaf));
    }
  }
}

net::Task<Result<Catalogue>> listen_sparkplug(Probe& probe, std::string node, net::Deadline until) {
  SparkplugHost host({.browse = true, .first_rebirth_wait = std::chrono::seconds(1)});
  Effects start;
  const auto begun = std::chrono::steady_clock::now();
  host.set_points(std::make_shared<PointMap>(), kMinTime, start);
  if (const auto parts = split(node, '/'); parts.size() >= 2) {
    const auto address = parse_address(karez::format("{}/{}:x", parts[0], parts[1]));
    if (const auto* named = address ? std::get_if<SparkplugAddress>(&*address) : nullptr)
      host.want(named->group, named->node);
  }
  std::uint64_t births = 0;
  auto last_birth = begun;
  Probe::Listener listener;
  listener.message = [&](const Message& message, Effects& out) {
    host.message(message, out);
    return false;
  };
  listener.tick = [&, announced = false](Timestamp now, Effects& out) mutable {
    if (!std::exchange(announced, true)) host.connected(now, out);
    host.tick(now, out);
    std::uint64_t so_far = 0;
    bool all_born = !host.nodes().empty();
    for (const auto& [key, known] : host.nodes()) {
      so_far += known.births + known.born.size();
      all_born = all_born && known.online;
    }
    const auto clock = std::chrono::steady_clock::now();
    if (std::exchange(births, so_far) != so_far) last_birth = clock;
    return all_born && clock - last_birth > kQuiet;
  };
  KZ_CO_CHECK(co_await probe.listen(host.subscriptions(), std::move(listener), until));
  Catalogue out;
  out.sparkplug = true;
  for (const auto& [key, known] : host.nodes()) {
    if (known.births > 0) add_node(out, known);
  }
  co_return out;
}

net::Task<Result<Catalogue>> listen_json(Probe& probe, net::Deadline until) {
  Catalogue out;
  Probe::Listener listener;
  listener.message = [&](const Message& message, Effects&) {
    add_topic(out, message);
    return false;
  };
  KZ_CO_CHECK(co_await probe.listen({{"#", 0, 0}}, std::move(listener), until));
  co_return out;
}

BrowseNode folder(std::string id, std::string name, BrowseNode::Kind kind) {
  BrowseNode node;
  node.id = std::move(id);
  node.name = node.display = std::move(name);
  node.kind = kind;
  node.has_children = true;
  return node;
}

BrowseNode variable(const Catalogue::Leaf& leaf) {
  BrowseNode node;
  node.id = node.address = leaf.address;
  if (node.id.empty()) node.id = leaf.name;
  node.name = node.display = leaf.name;
  node.type = leaf.type;
  node.native_type = leaf.type_name;
  node.unit = leaf.unit;
  node.value = leaf.value;
  node.quality = leaf.quality;
  node.writable = !leaf.address.empty();
  return node;
}

std::string unescaped(std::string_view id) {
  const auto address = parse_address(karez::format("{}/x:x", id));
  const auto* const named = address ? std::get_if<SparkplugAddress>(&*address) : nullptr;
  return named != nullptr ? named->group : std::string(id);
}

std::vector<BrowseNode> children(const Catalogue& catalogue, const std::string& of) {
  std::vector<BrowseNode> out;
  const bool group = catalogue.sparkplug && !of.empty() && of.find('/') == std::string::npos;
  std::string last;
  for (const auto& [key, item] : catalogue.items) {
    if (!catalogue.sparkplug) {
      if (of.empty())
        out.push_back(item.alone ? variable(item.leaves.front()) : folder(key, item.name, BrowseNode::Kind::object));
      continue;
    }
    const auto depth = std::ranges::count(key, '/');
    const auto first = key.substr(0, key.find('/'));
    if (of.empty()) {
      if (std::exchange(last, first) != first || out.empty())
        out.push_back(folder(first, unescaped(first), BrowseNode::Kind::folder));
    } else if (group ? depth == 1 && first == of : depth == 2 && key.starts_with(of + '/')) {
      out.push_back(folder(key, item.name, BrowseNode::Kind::object));
    }
  }
  if (const auto item = catalogue.items.find(of); item != catalogue.items.end()) {
    for (const auto& leaf : item->second.leaves) out.push_back(variable(leaf));
  }
  return out;
}

}  // namespace

void add_leaves(const JsonValue& value, const std::string& topic, std::string pointer, std::size_t limit,
                std::vector<Catalogue::Leaf>& out) {
  if (out.size() >= limit) return;
  if (value.is_object()) {
    for (const auto& [name, member] : value.members()) {
      add_leaves(member, topic, karez::format("{}/{}", pointer, escape_pointer(name)), limit, out);
    }
  } else if (value.is_array()) {
    std::size_t i = 0;
    for (const auto& element : value.elements())
      add_leaves(element, topic, karez::format("{}/{}", pointer, i++), limit, out);
  } else {
    RawValue raw;
    if (const auto b = value.boolean()) {
      raw = RawValue::of(*b);
    } else if (const auto n = value.integer()) {
      raw = RawValue::of(*n);
    } else if (const auto d = value.number()) {
      raw = RawValue::of(*d);
    } else if (const auto s = value.string()) {
      raw = RawValue::of(*s);
    }
    out.push_back(leaf_of(karez::format("{}#{}", topic, pointer), pointer, raw));
  }
}

net::Task<Result<Catalogue>> take_catalogue(net::Loop& loop, Clock& clock, LinkConfig link, std::string node,
                                            net::Deadline deadline) {
  KZ_CO_TRY(auto settings, parse_link(link));
  Probe probe(loop, clock, settings);
  KZ_CO_CHECK(co_await probe.dial(deadline));
  KZ_CO_CHECK(co_await probe.handshake(deadline));
  const net::Deadline until{
      std::min(deadline.at - std::chrono::milliseconds(500), std::chrono::steady_clock::now() + kListen)};
  const bool sparkplug = settings.mode == LinkSettings::Mode::sparkplug;
  auto taken =
      sparkplug ? co_await listen_sparkplug(probe, std::move(node), until) : co_await listen_json(probe, until);
  if (taken) taken->taken = std::chrono::steady_clock::now();
  co_return taken;
}

Result<BrowsePage> page_of(const Catalogue& catalogue, const BrowseRequest& request) {
  auto nodes = children(catalogue, request.node);
  if (nodes.empty() && !request.node.empty()) {
    return fail(Error(Errc::not_found, "browse.unknown_node")
                    .with(karez::format("{} has not been heard while listening", request.node))
                    .cure("Refresh; nodes and topics show up only when they publish."));
  }
  std::size_t from = 0;
  if (!request.continuation.empty()) {
    const auto place = parse_number<std::size_t>(request.continuation);
    if (!place || *place > nodes.size()) {
      return fail(Errc::invalid_argument, "browse.continuation", "not a place where a page ended");
    }
    from = *place;
  }
  const auto limit = std::clamp<std::size_t>(request.limit, 1, 1000);
  BrowsePage page;
  for (auto i = from; i < std::min(nodes.size(), from + limit); ++i) page.nodes.push_back(std::move(nodes[i]));
  if (from + limit < nodes.size()) page.continuation = std::to_string(from + limit);
  return page;
}

}  // namespace karez::connect::mqtt
