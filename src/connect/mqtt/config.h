// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "connect/driver.h"
#include "connect/mqtt/connection.h"

namespace karez::connect::mqtt {

/// The link schema as values.
struct LinkSettings {
  enum class Mode : std::uint8_t { json, sparkplug } mode = Mode::json;
  Endpoint endpoint;
  Connect connect;
  std::string host_id;  ///< Sparkplug primary host; empty: an ordinary host application
  std::uint8_t qos = 1;
  std::size_t max_packet = kDefaultMaxPacket;
};
/// Errors: mqtt.link_config with a JSON pointer.
Result<LinkSettings> parse_link(const LinkConfig& link);

extern const char* const kLinkSchema;
extern const char* const kDeviceSchema;
extern const char* const kAddressSchema;

}  // namespace karez::connect::mqtt
