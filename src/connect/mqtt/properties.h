// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"
#include "base/error.h"
#include "connect/mqtt/packet.h"

namespace karez::connect::mqtt {

/// 2.2.2.2, by number.
enum class PropertyId : std::uint8_t {
  payload_format = 1,
  message_expiry = 2,
  content_type = 3,
  response_topic = 8,
  correlation_data = 9,
  subscription_id = 11,
  session_expiry = 17,
  assigned_client_id = 18,
  server_keep_alive = 19,
  auth_method = 21,
  auth_data = 22,
  request_problem = 23,
  will_delay = 24,
  request_response = 25,
  response_information = 26,
  server_reference = 28,
  reason_string = 31,
  receive_maximum = 33,
  topic_alias_maximum = 34,
  topic_alias = 35,
  maximum_qos = 36,
  retain_available = 37,
  user_property = 38,
  maximum_packet_size = 39,
  wildcard_available = 40,
  subscription_ids_available = 41,
  shared_available = 42,
};

/// Variable byte integer of 1.5.5, at most four bytes and as short as can be; `invalidate`s the reader
/// otherwise.
std::uint32_t read_length(ByteReader& in) noexcept;
void write_length(ByteWriter& out, std::uint32_t value);
/// UTF-8 text with its two-byte length (1.5.4); not well-formed text or U+0000 invalidates the reader.
std::string_view read_text(ByteReader& in) noexcept;

/// Length and properties as allowed in a packet of `type`. Errors: mqtt.malformed.
Result<Properties> read_properties(ByteReader& in, PacketType type);

}  // namespace karez::connect::mqtt
