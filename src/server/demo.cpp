// SPDX-License-Identifier: Apache-2.0
#include "server/demo.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <thread>

#include "base/format.h"
#include "base/text.h"
#include "server/child.h"
#include "server/demo_import.h"

namespace karez::server {
namespace {

constexpr Duration kReadyWithin = std::chrono::seconds(20);

/// A port that is free now. Somebody could take it before the child binds it; then the child says so.
Result<std::uint16_t> free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  const bool ok = fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  if (fd >= 0) ::close(fd);
  if (!ok) return fail(Errc::exhausted, "demo.no_port", "No free port on 127.0.0.1.");
  return ntohs(address.sin_port);
}

Result<Path> find_plant(const ServerOptions& options) {
  if (!options.plant_program.empty()) return options.plant_program;
  const Path here = program_directory();
  for (const Path& candidate : {here / "karez-plant", here / "../../demo/plant/karez-plant"})
    if (std::filesystem::exists(candidate)) return candidate.lexically_normal();
  return fail(Error(Errc::not_found, "demo.no_plant")
                  .with("The demonstration plant 'karez-plant' is not beside this program.")
                  .cure("Build it with 'make demo', or name it with --plant."));
}

Result<Path> find_plant_data(const Path& plant) {
  for (Path up = plant.parent_path(); up != up.root_path(); up = up.parent_path())
    for (const char* place : {"demo/plant", "share/karez/plant"})
      if (std::filesystem::exists(up / place / "plant.json")) return up / place;
  return fail(Errc::not_found, "demo.no_data", karez::format("plant.json is not found above {}.", plant.string()));
}

Result<Path> find_mosquitto(const ServerOptions& options) {
  if (!options.mosquitto_program.empty()) return options.mosquitto_program;
  if (const Path found = find_program("mosquitto"); !found.empty()) return found;
  return fail(Error(Errc::not_found, "demo.no_mosquitto")
                  .with("The MQTT broker 'mosquitto' is not installed.")
                  .cure("Run 'make setup', or apt-get install mosquitto."));
}

}  // namespace

struct Demo::Impl {
  Child mosquitto, plant;
  Path recordings;
  std::vector<Backfill> backfills;
  Result<> start_mosquitto(const ServerOptions& options, std::uint16_t port);
  Result<> start_plant(const Path& program, const Path& data, const PlantPorts& ports, const Path& log);
};

Demo::Demo(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Demo::~Demo() {
  impl_->plant.terminate();
  impl_->mosquitto.terminate();
}

Result<> Demo::Impl::start_mosquitto(const ServerOptions& options, std::uint16_t port) {
  KZ_TRY(const Path program, find_mosquitto(options));
  const Path config = options.data_dir / "demo-mosquitto.conf";
  // As root Mosquitto would change its user, and with that forget that it is to die with us.
  const passwd* self = ::getpwuid(::geteuid());
  const std::string settings =
      karez::format("listener {} 127.0.0.1\nallow_anonymous true\npersistence false\nuser {}\n", port,
                    self != nullptr ? self->pw_name : "mosquitto");
  KZ_CHECK(write_file_atomic(config, as_bytes(settings)));
  KZ_TRY(mosquitto,
         Child::start({program.string(), "-c", config.string()}, false, options.data_dir / "demo-mosquitto.log"));
  return {};
}

Result<> Demo::Impl::start_plant(const Path& program, const Path& data, const PlantPorts& ports, const Path& log) {
  KZ_TRY(plant, Child::start({program.string(), "--data", (data / "data").string(), "--modbus-port",
                              std::to_string(ports.modbus), "--opcua-port", std::to_string(ports.opcua), "--mqtt-host",
                              "127.0.0.1", "--mqtt-port", std::to_string(ports.mqtt)},
                             true, log));
  const auto line = plant.read_line(kReadyWithin);
  if (!line || !line->contains("\"ready\""))
    return fail(Error(Errc::unavailable, "demo.not_ready")
                    .with(karez::format("The demonstration plant did not start: {}",
                                        line ? *line : std::string(line.error().text())))
                    .cure(karez::format("Read {}.", log.string())));
  return {};
}

Result<std::unique_ptr<Demo>> Demo::start(Platform& platform, const ServerOptions& options) {
  KZ_TRY(const Path program, find_plant(options));
  KZ_TRY(const Path data, find_plant_data(program));
  PlantPorts ports;
  KZ_TRY(ports.modbus, free_port());
  KZ_TRY(ports.opcua, free_port());
  KZ_TRY(ports.mqtt, free_port());
  auto impl = std::make_unique<Impl>();
  KZ_CHECK(impl->start_mosquitto(options, ports.mqtt));
  KZ_CHECK(impl->start_plant(program, data, ports, options.data_dir / "demo-plant.log"));
  KZ_TRY(const std::string description, read_file(data / "plant.json"));
  KZ_TRY(impl->backfills, import_plant(platform.registry(), platform.first_tenant(), description, ports,
                                       options.data_dir / "demo-imported.json"));
  impl->recordings = data / "data";
  return std::unique_ptr<Demo>(new Demo(std::move(impl)));
}

namespace {

Result<std::vector<double>> read_column(const Path& file) {
  KZ_TRY(const std::string text, read_file(file));
  std::vector<double> values;
  for (std::string_view line : split(text, '\n')) {
    line = trim(line.substr(0, line.find(',')));
    double value = 0;
    const auto [end, ec] = std::from_chars(line.data(), line.data() + line.size(), value);
    if (ec == std::errc{} && end == line.data() + line.size()) values.push_back(value);  // the heading is no number
  }
  if (values.empty()) return fail(Errc::corrupt, "demo.bad_recording", file.string() + " holds no numbers.");
  return values;
}

/// Waits for a free block and for room in the lane: nothing of a recording is dropped.
void hand_over(stream::Lanes& lanes, model::BatchRef& batch) {
  while (batch && !batch->empty() && !lanes.submit(batch, {}))
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  batch = {};
}

}  // namespace

Result<> Demo::backfill(Platform& platform) {
  const model::SourceId source = platform.lanes().new_source();
  const Timestamp now = platform.clock().now();
  for (const Backfill& b : impl_->backfills) {
    KZ_TRY(const auto values, read_column(impl_->recordings / b.file));
    model::BatchRef batch;
    for (std::size_t i = 0; i < values.size(); ++i) {
      while (!batch) {
        if (!(batch = platform.blocks().acquire())) {
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
          continue;
        }
        batch->header.source = source;
        batch->header.tenant = platform.first_tenant();
        batch->header.received = now;
      }
      (void)batch->add({.time = now - b.step * static_cast<std::int64_t>(values.size() - i),  // room is seen to below
                        .bits = model::bits_of(values[i]),
                        .point = b.point,
                        .quality = model::quality::kGood,
                        .type = model::ValueType::float64,
                        .flags = model::flag::kBackfilled});
      if (batch->full()) hand_over(platform.lanes(), batch);
    }
    hand_over(platform.lanes(), batch);
  }
  return {};
}

}  // namespace karez::server
