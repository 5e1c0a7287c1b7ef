// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.h"
#include "base/time.h"
#include "connect/modbus/frame.h"
#include "connect/modbus/plan.h"

namespace karez::connect::modbus {

extern const char* const kLinkSchema;
extern const char* const kDeviceSchema;
extern const char* const kAddressSchema;

/// A link's configuration, see kLinkSchema.
struct LinkSettings {
  std::string host;
  std::uint16_t port = 502;
  Framing framing = Framing::mbap;
  Duration connect_timeout = std::chrono::seconds(3);
  Duration timeout = std::chrono::seconds(1);
  unsigned retries = 0;
  Duration reconnect_max = std::chrono::seconds(10);
  Duration pause_after_connect{0}, pause_between{0};
};

/// A device's configuration, see kDeviceSchema.
struct DeviceSettings {
  std::uint8_t unit = 1;
  Order order;
  ReadLimits limits;
  Duration timeout{0};  ///< 0: the link's
  bool single_writes = true;  ///< function 06 for one register; else 16
};

/// Strict: unknown members are refused. Errors: modbus.bad_config with pointer.
Result<LinkSettings> parse_link(std::string_view json);
Result<DeviceSettings> parse_device(std::string_view json);

}  // namespace karez::connect::modbus
