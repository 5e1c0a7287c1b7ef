// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"

/// MQTT control packets as plain data. Numbers in comments are sections of "MQTT Version 5.0" (OASIS);
/// where 3.1.1 differs it is said.
namespace karez::connect::mqtt {

enum class Version : std::uint8_t { v311 = 4, v5 = 5 };

/// 2.1.2
enum class PacketType : std::uint8_t {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth,
};

/// 2.2.2.2. Absent members were not in the packet. Views point into the packet that was decoded.
struct Properties {
  std::optional<std::uint8_t> payload_format, maximum_qos, retain_available, wildcard_available,
      subscription_ids_available, shared_available, request_problem, request_response;
  std::optional<std::uint16_t> server_keep_alive, receive_maximum, topic_alias_maximum, topic_alias;
  std::optional<std::uint32_t> message_expiry, session_expiry, will_delay, maximum_packet_size;
  std::optional<std::string_view> content_type, response_topic, assigned_client_id, auth_method, response_information,
      server_reference, reason_string;
  std::optional<ByteView> correlation_data, auth_data;
  std::vector<std::uint32_t> subscription_ids;
  std::vector<std::pair<std::string_view, std::string_view>> user;
};

struct ConnAck {
  bool session_present = false;
  std::uint8_t code = 0;  ///< reason code; in 3.1.1 the return code 0..5
  Properties properties;
};
struct Publish {
  /// Why the payload is not to be read: it was skipped, as it is larger than we take, or it says that it
  /// is UTF-8 and is not. Such a message is counted and acknowledged, or it would come again for ever.
  enum class Fault : std::uint8_t { none, too_large, not_utf8 } fault = Fault::none;
  bool dup = false, retain = false;
  std::uint8_t qos = 0;
  std::uint16_t id = 0;      ///< 0 with QoS 0
  std::string_view topic;    ///< empty only with a topic alias
  ByteView payload;
  Properties properties;
};
/// PUBACK, PUBREC, PUBREL, PUBCOMP
struct Ack {
  PacketType type = PacketType::puback;
  std::uint16_t id = 0;
  std::uint8_t code = 0;
  Properties properties;
};
/// SUBACK and UNSUBACK; 3.1.1 UNSUBACK carries no codes
struct SubAck {
  PacketType type = PacketType::suback;
  std::uint16_t id = 0;
  std::vector<std::uint8_t> codes;
  Properties properties;
};
struct PingResp {};
struct Disconnect {
  std::uint8_t code = 0;
  Properties properties;
};
struct Auth {
  std::uint8_t code = 0;
  Properties properties;
};
/// What a client can receive.
using Incoming = std::variant<ConnAck, Publish, Ack, SubAck, PingResp, Disconnect, Auth>;

struct Will {
  std::string topic = {};
  std::vector<std::byte> payload = {};
  std::uint8_t qos = 0;
  bool retain = false;
};
struct Connect {
  Version version = Version::v5;
  std::string client_id = {};
  bool clean = true;
  std::uint16_t keep_alive_s = 60;
  std::optional<Will> will = {};
  std::optional<std::string> user = {}, password = {};
  std::uint32_t session_expiry_s = 0;      ///< 5.0 only; 0 is not sent
  std::uint16_t receive_maximum = 0;       ///< 5.0 only; 0 is not sent
  std::uint16_t topic_alias_maximum = 0;   ///< 5.0 only; 0 is not sent
  std::uint32_t maximum_packet_size = 0;   ///< 5.0 only; 0 is not sent
  std::vector<std::pair<std::string, std::string>> user_properties = {};  ///< 5.0 only
};
struct Outgoing {
  std::string_view topic = {};
  ByteView payload = {};
  std::uint8_t qos = 0;
  bool retain = false, dup = false;
  std::uint16_t id = 0;                      ///< not 0 with QoS 1 and 2
  std::optional<std::uint32_t> expiry_s = {};  ///< 5.0 only
  std::string_view content_type = {};             ///< 5.0 only; empty is not sent
};
struct Subscription {
  std::string filter = {};
  std::uint8_t qos = 0;
  /// 3.8.3.1, 5.0 only: 0 send retained messages, 1 only when the subscription is new, 2 never.
  std::uint8_t retain_handling = 0;
};

}  // namespace karez::connect::mqtt
