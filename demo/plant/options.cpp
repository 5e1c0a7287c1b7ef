// SPDX-License-Identifier: Apache-2.0
#include "plant/options.h"

#include <charconv>

#include "base/format.h"

namespace karez::plant {

const char* const kUsage =
    "karez-plant: a demonstration plant with real protocol servers on 127.0.0.1\n"
    "  --modbus-port N   Modbus TCP server; 0 takes a free port (default 0)\n"
    "  --opcua-port N    OPC UA server (default 4840)\n"
    "  --mqtt-host HOST  broker to publish to (default 127.0.0.1)\n"
    "  --mqtt-port N     its port; without it nothing is published\n"
    "  --data DIR        recordings (default demo/plant/data)\n"
    "  --speed X         plant seconds per second, 0.01 to 1000 (default 1)\n"
    "  --seed N          of the simulation (default 1)\n"
    "Prints one line {\"ready\":true,…} once all listen. Ends on SIGTERM, SIGINT, or when a pipe on\n"
    "standard input is closed.\n";

namespace {

template <class T>
Result<T> number(std::string_view name, std::string_view text, T low, T high) {
  T value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec == std::errc{} && end == text.data() + text.size() && value >= low && value <= high) return value;
  return fail(Errc::invalid_argument, "plant.usage",
              karez::format("{} wants a number from {} to {}, not '{}'.", name, low, high, text));
}

}  // namespace

Result<Options> parse_options(std::span<const char* const> arguments) {
  Options out;
  const auto port = [](std::string_view name, std::string_view text) {
    return number<std::uint16_t>(name, text, 0, 65535);
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (name == "--help" || name == "-h") {
      out.help = true;
      return out;
    }
    if (i + 1 == arguments.size())
      return fail(Errc::invalid_argument, "plant.usage", karez::format("'{}' is unknown or lacks its value.", name));
    const std::string_view value = arguments[++i];
    if (name == "--modbus-port") {
      KZ_TRY(out.modbus_port, port(name, value));
    } else if (name == "--opcua-port") {
      KZ_TRY(out.opcua_port, number<std::uint16_t>(name, value, 1, 65535));
    } else if (name == "--mqtt-host") {
      out.broker.host = value;
    } else if (name == "--mqtt-port") {
      KZ_TRY(out.broker.port, port(name, value));
    } else if (name == "--data") {
      out.data = value;
    } else if (name == "--speed") {
      KZ_TRY(out.speed, number<double>(name, value, 0.01, 1000));
    } else if (name == "--seed") {
      KZ_TRY(out.seed, number<std::uint64_t>(name, value, 0, ~std::uint64_t{0}));
    } else {
      return fail(Errc::invalid_argument, "plant.usage", karez::format("There is no option '{}'.", name));
    }
  }
  return out;
}

}  // namespace karez::plant
