// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "base/error.h"
#include "base/file.h"
#include "plant/mqtt_client.h"

namespace karez::plant {

struct Options {
  std::uint16_t modbus_port = 0;  ///< 0: any free one
  std::uint16_t opcua_port = 4840;
  Broker broker;  ///< port 0: no MQTT
  Path data = "demo/plant/data";
  double speed = 1;  ///< plant seconds per second
  std::uint64_t seed = 1;
  bool help = false;
};

extern const char* const kUsage;
/// Errors: plant.usage.
Result<Options> parse_options(std::span<const char* const> arguments);

}  // namespace karez::plant
