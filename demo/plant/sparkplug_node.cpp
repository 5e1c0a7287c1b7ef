// SPDX-License-Identifier: Apache-2.0
#include "plant/sparkplug_node.h"

#include <cmath>
#include <functional>
#include <optional>
#include <variant>

#include "base/format.h"
#include "connect/mqtt/sparkplug_b.pb.h"

namespace karez::plant {
namespace {

namespace spb = karez::sparkplug;
using Value = std::variant<double, float, std::int64_t, bool, std::string>;

constexpr const char* kGroup = "Karez";
constexpr const char* kNode = "Utilities";

struct Metric {
  std::string name, unit;
  spb::DataType type;
  std::function<Value(const Plant&)> read;
  double deadband = 0;
  /// Metric is of bad quality in this second.
  std::function<bool(std::uint64_t second)> bad = {};
  std::optional<Value> sent = {};
  bool sent_bad = false;
};

struct EdgeDevice {
  std::string id;
  bool by_alias = false;
  std::uint64_t first_alias = 0;
  std::vector<Metric> metrics;
};

void put(spb::Metric& out, const Value& value, spb::DataType type) {
  if (const auto* d = std::get_if<double>(&value)) out.set_double_value(*d);
  if (const auto* f = std::get_if<float>(&value)) out.set_float_value(*f);
  if (const auto* b = std::get_if<bool>(&value)) out.set_boolean_value(*b);
  if (const auto* s = std::get_if<std::string>(&value)) out.set_string_value(*s);
  if (const auto* i = std::get_if<std::int64_t>(&value)) {
    if (type == spb::INT64 || type == spb::UINT64) out.set_long_value(static_cast<std::uint64_t>(*i));
    else out.set_int_value(static_cast<std::uint32_t>(*i));
  }
}

void put_property(spb::Metric& out, const char* key, std::variant<std::string, std::int32_t> value) {
  out.mutable_properties()->add_keys(key);
  spb::PropertyValue& property = *out.mutable_properties()->add_values();
  if (const auto* text = std::get_if<std::string>(&value)) {
    property.set_type(spb::STRING);
    property.set_string_value(*text);
  } else {
    property.set_type(spb::INT32);
    property.set_int_value(static_cast<std::uint32_t>(std::get<std::int32_t>(value)));
  }
}

bool changed(const Metric& metric, const Value& value) {
  if (!metric.sent) return true;
  if (const auto* now = std::get_if<double>(&value))
    return std::abs(*now - std::get<double>(*metric.sent)) > metric.deadband;
  return *metric.sent != value;
}

EdgeDevice make_meter() {
  const auto voltage = [](std::size_t phase) {
    return [phase](const Plant& p) { return Value(p.utilities.voltage[phase]); };
  };
  EdgeDevice meter{.id = "Meter1", .by_alias = true, .first_alias = 100, .metrics = {}};
  auto& m = meter.metrics;
  m.push_back({"Power/Active", "kW", spb::DOUBLE, [](const Plant& p) { return Value(p.utilities.active_power); }, 0.2});
  m.push_back(
      {"Power/Reactive", "kvar", spb::DOUBLE, [](const Plant& p) { return Value(p.utilities.reactive_power); }, 0.2});
  m.push_back({"Energy/Active", "Wh", spb::UINT64,
               [](const Plant& p) { return Value(static_cast<std::int64_t>(p.utilities.energy_wh)); }});
  m.push_back({"Voltage/L1", "V", spb::DOUBLE, voltage(0), 0.1});
  m.push_back({"Voltage/L2", "V", spb::DOUBLE, voltage(1), 0.1});
  m.push_back({"Voltage/L3", "V", spb::DOUBLE, voltage(2), 0.1,
               [](std::uint64_t second) { return second % 180 >= 90 && second % 180 < 95; }});
  m.push_back({"Frequency", "Hz", spb::DOUBLE, [](const Plant& p) { return Value(p.utilities.frequency); }, 0.002});
  m.push_back({"Breaker/Closed", "", spb::BOOLEAN, [](const Plant& p) { return Value(p.utilities.breaker_closed); }});
  m.push_back({"Tariff", "", spb::STRING,
               [](const Plant& p) { return Value(std::string(p.second() / 300 % 2 == 0 ? "peak" : "valley")); }});
  return meter;
}

EdgeDevice make_ambient() {
  EdgeDevice ambient{.id = "Ambient", .by_alias = false, .first_alias = 0, .metrics = {}};
  ambient.metrics.push_back({"Temperature", "degF", spb::FLOAT,
                             [](const Plant& p) { return Value(static_cast<float>(p.ambient_temperature())); }});
  ambient.metrics.push_back(
      {"Record", "", spb::UINT32, [](const Plant& p) { return Value(static_cast<std::int64_t>(p.second())); }});
  return ambient;
}

}  // namespace

struct SparkplugNode::Impl {
  Impl(Plant& p, const Clock& c) : plant(p), clock(c) {}
  Plant& plant;
  const Clock& clock;
  std::unique_ptr<MqttClient> client;
  std::vector<EdgeDevice> devices{make_meter(), make_ambient()};
  std::uint64_t births = 0;  // bdSeq of the present session is births - 1, modulo 256
  std::uint8_t seq = 0;
  std::uint64_t node_data_at = 0;
  bool born = false;

  std::uint64_t now_ms() const { return static_cast<std::uint64_t>(to_ns(clock.now()) / 1'000'000); }
  std::uint64_t bd_seq() const { return (births - 1) % 256; }
  static std::string topic(std::string_view kind, std::string_view device = {}) {
    return karez::format("spBv1.0/{}/{}/{}{}{}", kGroup, kind, kNode, device.empty() ? "" : "/", device);
  }

  std::string death() const {
    spb::Payload payload;
    payload.set_timestamp(now_ms());
    add_bd_seq(payload);
    return payload.SerializeAsString();
  }
  void add_bd_seq(spb::Payload& payload) const {
    spb::Metric& metric = *payload.add_metrics();
    metric.set_name("bdSeq");
    metric.set_timestamp(payload.timestamp());
    metric.set_datatype(spb::INT64);
    metric.set_long_value(bd_seq());
  }

  void send(std::string_view kind, std::string_view device, spb::Payload& payload) {
    payload.set_seq(seq++);
    client->publish(topic(kind, device), payload.SerializeAsString(), 0);
  }

  void publish_births() {
    seq = 0;
    spb::Payload payload;
    payload.set_timestamp(now_ms());
    add_bd_seq(payload);
    const auto add = [&](const char* name, spb::DataType type, const Value& value) {
      spb::Metric& metric = *payload.add_metrics();
      metric.set_name(name);
      metric.set_timestamp(payload.timestamp());
      metric.set_datatype(type);
      put(metric, value, type);
    };
    add("Node Control/Rebirth", spb::BOOLEAN, false);
    add("Properties/Hardware", spb::STRING, std::string("Karez demo edge node"));
    add("Uptime", spb::UINT32, static_cast<std::int64_t>(plant.second()));
    send("NBIRTH", "", payload);
    for (EdgeDevice& device : devices) {
      spb::Payload birth;
      birth.set_timestamp(now_ms());
      for (std::size_t i = 0; i < device.metrics.size(); ++i) {
        device.metrics[i].sent.reset();
        add_metric(birth, device, i, true);
      }
      send("DBIRTH", device.id, birth);
    }
    born = true;
  }

  /// Adds the metric if it is a birth or its value or quality changed.
  void add_metric(spb::Payload& payload, EdgeDevice& device, std::size_t index, bool birth) const {
    Metric& metric = device.metrics[index];
    const Value value = metric.read(plant);
    const bool bad = metric.bad && metric.bad(plant.second());
    if (!birth && !changed(metric, value) && bad == metric.sent_bad) return;
    spb::Metric& out = *payload.add_metrics();
    if (birth || !device.by_alias) out.set_name(metric.name);
    if (device.by_alias) out.set_alias(device.first_alias + index);
    out.set_timestamp(payload.timestamp());
    if (birth) out.set_datatype(metric.type);
    put(out, value, metric.type);
    if (birth && !metric.unit.empty()) put_property(out, "engUnit", metric.unit);
    if (birth || bad != metric.sent_bad) put_property(out, "Quality", bad ? 0 : 192);
    metric.sent = value;
    metric.sent_bad = bad;
  }

  void command(std::string_view topic_text, std::string_view bytes) {
    spb::Payload payload;
    if (!payload.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
    const bool to_node = topic_text == topic("NCMD");
    for (const spb::Metric& metric : payload.metrics()) {
      if (to_node && metric.name() == "Node Control/Rebirth" && metric.boolean_value()) publish_births();
      const bool breaker = metric.name() == "Breaker/Closed" || (!metric.has_name() && metric.alias() == 107);
      if (!to_node && breaker && metric.has_boolean_value()) plant.utilities.breaker_closed = metric.boolean_value();
    }
  }
};

SparkplugNode::SparkplugNode(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SparkplugNode::~SparkplugNode() = default;

Result<std::unique_ptr<SparkplugNode>> SparkplugNode::open(const Broker& broker, Plant& plant, const Clock& clock) {
  auto impl = std::make_unique<Impl>(plant, clock);
  Impl* self = impl.get();  // owns the client that calls it
  MqttClient::Handlers handlers;
  handlers.will = [self] {
    ++self->births;
    self->born = false;
    return std::pair{Impl::topic("NDEATH"), self->death()};
  };
  handlers.connected = [self] {
    self->client->subscribe(Impl::topic("NCMD"));
    self->client->subscribe(Impl::topic("DCMD") + "/#");
    self->publish_births();
  };
  handlers.message = [self](std::string_view topic, std::string_view payload) { self->command(topic, payload); };
  KZ_TRY(impl->client, MqttClient::open("karez-plant-utilities", broker, std::move(handlers)));
  return std::unique_ptr<SparkplugNode>(new SparkplugNode(std::move(impl)));
}

bool SparkplugNode::connected() const noexcept { return impl_->client->connected(); }
void SparkplugNode::serve() { impl_->client->serve(); }

void SparkplugNode::show() {
  Impl& impl = *impl_;
  if (!impl.born || !impl.client->connected()) return;
  if (impl.plant.second() >= impl.node_data_at + 10) {
    impl.node_data_at = impl.plant.second();
    spb::Payload payload;
    payload.set_timestamp(impl.now_ms());
    spb::Metric& uptime = *payload.add_metrics();
    uptime.set_name("Uptime");
    uptime.set_timestamp(payload.timestamp());
    uptime.set_datatype(spb::UINT32);
    uptime.set_int_value(static_cast<std::uint32_t>(impl.plant.second()));
    impl.send("NDATA", "", payload);
  }
  for (EdgeDevice& device : impl.devices) {
    spb::Payload payload;
    payload.set_timestamp(impl.now_ms());
    for (std::size_t i = 0; i < device.metrics.size(); ++i) impl.add_metric(payload, device, i, false);
    if (payload.metrics_size() > 0) impl.send("DDATA", device.id, payload);
  }
}

void SparkplugNode::close() {
  if (!impl_->client->connected()) return;
  impl_->client->publish(Impl::topic("NDEATH"), impl_->death(), 1);
  impl_->client->disconnect();
}

}  // namespace karez::plant
