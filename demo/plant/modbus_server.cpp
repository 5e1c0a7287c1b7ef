// SPDX-License-Identifier: Apache-2.0
#include "plant/modbus_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bit>
#include <cmath>

#include <modbus.h>

#include "base/format.h"

namespace karez::plant {
namespace {

constexpr std::size_t kMaxClients = 32;
constexpr std::uint8_t kMachineUnit = 1, kFillerUnit = 2;
// Zero-based registers of the filler that clients may write: hr:40013, hr:40014.
constexpr int kSpeedSetpoint = 12, kTemperatureSetpoint = 13;

struct FreeMapping {
  void operator()(modbus_mapping_t* m) const { modbus_mapping_free(m); }
};
using Mapping = std::unique_ptr<modbus_mapping_t, FreeMapping>;

std::uint16_t u16(double v) { return static_cast<std::uint16_t>(std::lround(std::clamp(v, 0.0, 65535.0))); }
std::uint16_t i16(double v) {
  return static_cast<std::uint16_t>(static_cast<std::int16_t>(std::lround(std::clamp(v, -32768.0, 32767.0))));
}

void put_u32(std::uint16_t* at, std::uint32_t v) {
  at[0] = static_cast<std::uint16_t>(v >> 16);
  at[1] = static_cast<std::uint16_t>(v);
}
void put_f32(std::uint16_t* at, double v) { put_u32(at, std::bit_cast<std::uint32_t>(static_cast<float>(v))); }
/// Low word first, as many controllers have it.
void put_f32_swapped(std::uint16_t* at, double v) {
  put_f32(at, v);
  std::swap(at[0], at[1]);
}
void put_text(std::uint16_t* at, std::size_t registers, std::string_view text) {
  for (std::size_t i = 0; i < registers; ++i) {
    const auto byte = [&](std::size_t n) { return n < text.size() ? static_cast<unsigned char>(text[n]) : 0U; };
    at[i] = static_cast<std::uint16_t>(byte(2 * i) << 8 | byte(2 * i + 1));
  }
}

}  // namespace

struct ModbusServer::Impl {
  modbus_t* context = nullptr;
  int listener = -1;
  std::uint16_t port = 0;
  std::vector<int> clients;
  Mapping machine{modbus_mapping_new(0, 0, 16, 0)}, filler{modbus_mapping_new(8, 8, 64, 16)};
  // What clients last saw in the places they may write; another value there is theirs.
  std::uint16_t shown_speed = 0, shown_temperature = 0;
  std::uint8_t shown_run = 0;

  ~Impl() {
    for (const int fd : clients) ::close(fd);
    if (listener >= 0) ::close(listener);
    if (context) modbus_free(context);
  }

  void accept_client() {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    if (clients.size() >= kMaxClients) ::close(fd);
    else clients.push_back(fd);
  }

  /// False when the client is gone or talks nonsense.
  bool answer(int fd) {
    std::uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    modbus_set_socket(context, fd);
    const int length = modbus_receive(context, query);
    if (length <= 0) return length == 0;
    const std::uint8_t unit = query[6];
    if (unit != kMachineUnit && unit != kFillerUnit)
      return modbus_reply_exception(context, query, MODBUS_EXCEPTION_GATEWAY_TARGET) >= 0;
    return modbus_reply(context, query, length, unit == kFillerUnit ? filler.get() : machine.get()) >= 0;
  }
};

ModbusServer::ModbusServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ModbusServer::~ModbusServer() = default;

Result<std::unique_ptr<ModbusServer>> ModbusServer::open(std::uint16_t port) {
  auto impl = std::make_unique<Impl>();
  impl->context = modbus_new_tcp("127.0.0.1", port);
  if (impl->context && impl->machine && impl->filler) impl->listener = modbus_tcp_listen(impl->context, 8);
  sockaddr_in address{};
  socklen_t length = sizeof address;
  if (impl->listener < 0 || ::getsockname(impl->listener, reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return fail(Errc::unavailable, "plant.cannot_listen",
                karez::format("Modbus cannot listen on 127.0.0.1:{}: {}.", port, modbus_strerror(errno)));
  impl->port = ntohs(address.sin_port);
  // A client that stops in the middle of a request must not hold up the others.
  modbus_set_indication_timeout(impl->context, 0, 200'000);
  return std::unique_ptr<ModbusServer>(new ModbusServer(std::move(impl)));
}

std::uint16_t ModbusServer::port() const noexcept { return impl_->port; }

void ModbusServer::show(Plant& plant) {
  FillingLine::Filler& f = plant.line.filler;
  modbus_mapping_t& map = *impl_->filler;
  std::uint16_t& speed = map.tab_registers[kSpeedSetpoint];
  std::uint16_t& temperature = map.tab_registers[kTemperatureSetpoint];
  std::uint8_t& run = map.tab_bits[0];
  if (speed != impl_->shown_speed) f.speed_setpoint = speed;
  if (temperature != impl_->shown_temperature) f.temperature_setpoint = static_cast<std::int16_t>(temperature) / 10.0;
  if (run != impl_->shown_run) f.run = run != 0;
  impl_->shown_speed = speed = u16(f.speed_setpoint);
  impl_->shown_temperature = temperature = i16(f.temperature_setpoint * 10);
  impl_->shown_run = run = f.run;
  std::uint16_t* hr = map.tab_registers;
  put_f32(hr + 0, f.temperature);
  hr[2] = i16(f.level * 10);
  hr[3] = u16(f.speed);
  put_u32(hr + 4, static_cast<std::uint32_t>(f.bottles));
  put_f32_swapped(hr + 6, f.pressure);
  hr[8] = static_cast<std::uint16_t>(f.state);
  put_u32(hr + 9, static_cast<std::uint32_t>(f.rejects));
  hr[11] = plant.line.status_word();
  put_text(hr + 19, 8, plant.line.lot_name());
  map.tab_input_bits[0] = f.door_closed;
  map.tab_input_bits[1] = f.low_level;
  map.tab_input_bits[2] = f.jam;
  put_f32(map.tab_input_registers + 0, f.motor_current);
  put_f32(map.tab_input_registers + 2, f.vibration);
  put_u32(map.tab_input_registers + 4, static_cast<std::uint32_t>(f.running_seconds));

  std::uint16_t* machine = impl_->machine->tab_registers;
  put_f32(machine + 0, plant.machine_temperature());
  machine[2] = i16(plant.machine_temperature() * 10);
  put_u32(machine + 3, static_cast<std::uint32_t>(plant.second()));
}

void ModbusServer::serve(Duration longest) {
  std::vector<pollfd> waiting{{impl_->listener, POLLIN, 0}};
  for (const int fd : impl_->clients) waiting.push_back({fd, POLLIN, 0});
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(longest).count();
  if (::poll(waiting.data(), waiting.size(), static_cast<int>(std::max<std::int64_t>(ms, 0))) <= 0) return;
  for (std::size_t i = 1; i < waiting.size(); ++i) {
    if (waiting[i].revents == 0 || impl_->answer(waiting[i].fd)) continue;
    ::close(waiting[i].fd);
    std::erase(impl_->clients, waiting[i].fd);
  }
  if (waiting[0].revents != 0) impl_->accept_client();
}

}  // namespace karez::plant
