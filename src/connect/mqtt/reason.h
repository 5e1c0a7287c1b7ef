// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/error.h"
#include "connect/mqtt/packet.h"

namespace karez::connect::mqtt {

/// A refusal by CONNACK as an error with its cure. 3.1.1 return codes and 5.0 reason codes.
Error connack_error(Version version, std::uint8_t code, std::string_view server_text);
/// A reason code of 5.0 in SUBACK, PUBACK or DISCONNECT.
Error reason_error(const char* slug, std::uint8_t code, std::string_view what, std::string_view server_text);

}  // namespace karez::connect::mqtt
