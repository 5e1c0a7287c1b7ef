// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <print>

#include "base/format.h"
#include "base/json.h"
#include "plant/modbus_server.h"
#include "plant/opcua_server.h"
#include "plant/options.h"
#include "plant/sparkplug_node.h"

namespace karez::plant {
namespace {

volatile std::sig_atomic_t asked_to_stop = 0;  // the only thing a signal handler may touch

/// The parent holds the other end of a pipe; when it dies, we go too. Terminals and /dev/null say nothing.
bool parent_is_gone() {
  struct stat kind{};
  if (::fstat(STDIN_FILENO, &kind) != 0 || !(S_ISFIFO(kind.st_mode) || S_ISSOCK(kind.st_mode))) return false;
  pollfd input{STDIN_FILENO, POLLIN, 0};
  if (::poll(&input, 1, 0) <= 0) return false;
  char ignored[256];
  return (input.revents & POLLIN) == 0 || ::read(STDIN_FILENO, ignored, sizeof ignored) == 0;
}

/// A plain publisher, as many small gateways are: one JSON document a second.
class CompressorPublisher {
 public:
  static Result<CompressorPublisher> open(const Broker& broker) {
    CompressorPublisher out;
    KZ_TRY(out.client_, MqttClient::open("karez-plant-compressor", broker, {}));
    return out;
  }
  bool connected() const { return client_->connected(); }
  void serve() { client_->serve(); }
  void show(const Plant& plant, Timestamp now) {
    const Utilities& u = plant.utilities;
    JsonWriter json;
    json.begin_object().field("time", to_rfc3339(now)).field("pressure", u.air_pressure).field("power", u.air_power);
    json.field("oil_temperature", u.oil_temperature).field("loaded", u.loaded).field("starts", u.starts);
    json.field("mode", u.loaded ? "load" : "idle").end_object();
    client_->publish("plant/utilities/compressor1", json.view(), 1);
  }
  void close() {
    if (connected()) client_->disconnect();
  }

 private:
  std::unique_ptr<MqttClient> client_;
};

struct Servers {
  std::unique_ptr<ModbusServer> modbus;
  std::unique_ptr<OpcUaServer> opcua;
  std::unique_ptr<SparkplugNode> sparkplug;
  std::optional<CompressorPublisher> compressor;

  void serve() {
    opcua->serve();
    if (sparkplug) sparkplug->serve();
    if (compressor) compressor->serve();
  }
  bool ready() const { return (!sparkplug || sparkplug->connected()) && (!compressor || compressor->connected()); }
};

Result<Servers> open_servers(const Options& options, Plant& plant, const Clock& clock) {
  Servers out;
  KZ_TRY(out.modbus, ModbusServer::open(options.modbus_port));
  KZ_TRY(out.opcua, OpcUaServer::open(options.opcua_port, plant));
  if (options.broker.port != 0) {
    KZ_TRY(out.sparkplug, SparkplugNode::open(options.broker, plant, clock));
    KZ_TRY(out.compressor, CompressorPublisher::open(options.broker));
  }
  return out;
}

/// Until the broker answers; it may still be starting.
Result<> wait_ready(Servers& servers, const Options& options, const Clock& clock) {
  const Monotonic until = clock.monotonic() + std::chrono::seconds(15);
  while (!servers.ready() && asked_to_stop == 0 && !parent_is_gone()) {
    servers.serve();
    servers.modbus->serve(std::chrono::milliseconds(20));
    if (clock.monotonic() > until)
      return fail(Errc::unavailable, "plant.no_broker",
                  karez::format("The MQTT broker at {}:{} does not answer.", options.broker.host, options.broker.port));
  }
  return {};
}

void print_ready(const Servers& servers, const Options& options) {
  JsonWriter json;
  json.begin_object()
      .field("ready", true)
      .field("modbus_port", servers.modbus->port())
      .field("opcua_port", options.opcua_port);
  if (options.broker.port != 0) json.field("mqtt_host", options.broker.host).field("mqtt_port", options.broker.port);
  json.end_object();
  std::println("{}", json.view());
  std::fflush(stdout);
}

Result<> run(const Options& options) {
  const SystemClock clock;
  KZ_TRY(auto recordings, Recordings::load(options.data));
  Plant plant(std::move(recordings), options.seed);
  KZ_TRY(Servers servers, open_servers(options, plant, clock));
  servers.modbus->show(plant);
  KZ_CHECK(wait_ready(servers, options, clock));
  print_ready(servers, options);
  // A tick is short enough that no recorded value is jumped over, up to a hundredfold speed.
  const auto tick =
      std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::clamp(1.0 / options.speed, 0.01, 0.1)));
  Monotonic last = clock.monotonic(), next = last + tick;
  while (asked_to_stop == 0 && !parent_is_gone()) {
    servers.serve();
    servers.modbus->serve(std::clamp<Duration>(next - clock.monotonic(), Duration{0}, std::chrono::milliseconds(10)));
    const Monotonic now = clock.monotonic();
    if (now < next) continue;
    next = std::max(next + tick, now);
    const bool second = plant.advance(std::chrono::duration<double>(now - last).count() * options.speed);
    last = now;
    servers.modbus->show(plant);
    if (!second) continue;
    servers.opcua->show(plant, clock.now());
    if (servers.sparkplug) servers.sparkplug->show();
    if (servers.compressor) servers.compressor->show(plant, clock.now());
  }
  if (servers.compressor) servers.compressor->close();
  if (servers.sparkplug) servers.sparkplug->close();
  return {};
}

}  // namespace
}  // namespace karez::plant

int main(int argc, char** argv) {
  using namespace karez::plant;
  struct sigaction action{};
  action.sa_handler = [](int) { asked_to_stop = 1; };
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  const auto options = parse_options(std::span(argv + 1, static_cast<std::size_t>(argc - 1)));
  if (!options) {
    std::print(stderr, "{}\n{}", options.error().message(), kUsage);
    return 2;
  }
  if (options->help) {
    std::print("{}", kUsage);
    return 0;
  }
  if (const auto done = run(*options); !done) {
    std::println(stderr, "{}", done.error().message());
    return 1;
  }
  return 0;
}
