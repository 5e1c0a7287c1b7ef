// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/properties.h"

#include <array>
#include <span>

#include "base/format.h"
#include "base/text.h"

namespace karez::connect::mqtt {
namespace {

/// A set of properties that came already and of packet types that may carry one.
constexpr std::uint32_t bit(PacketType type) { return 1u << static_cast<unsigned>(type); }
constexpr std::uint32_t kAcks =
    bit(PacketType::puback) | bit(PacketType::pubrec) | bit(PacketType::pubrel) | bit(PacketType::pubcomp);
constexpr std::uint32_t kSubAcks = bit(PacketType::suback) | bit(PacketType::unsuback);

/// Table 2-4, the columns of packets that a client receives.
std::uint32_t allowed_in(PropertyId id) {
  const auto connack = bit(PacketType::connack), publish = bit(PacketType::publish);
  const auto disconnect = bit(PacketType::disconnect), auth = bit(PacketType::auth);
  switch (id) {
    case PropertyId::payload_format:
    case PropertyId::message_expiry:
    case PropertyId::content_type:
    case PropertyId::response_topic:
    case PropertyId::correlation_data:
    case PropertyId::subscription_id:
    case PropertyId::topic_alias: return publish;
    case PropertyId::session_expiry:
    case PropertyId::assigned_client_id:
    case PropertyId::server_keep_alive:
    case PropertyId::response_information:
    case PropertyId::receive_maximum:
    case PropertyId::topic_alias_maximum:
    case PropertyId::maximum_qos:
    case PropertyId::retain_available:
    case PropertyId::maximum_packet_size:
    case PropertyId::wildcard_available:
    case PropertyId::subscription_ids_available:
    case PropertyId::shared_available: return connack;
    case PropertyId::auth_method:
    case PropertyId::auth_data: return connack | auth;
    case PropertyId::server_reference: return connack | disconnect;
    case PropertyId::reason_string: return connack | kAcks | kSubAcks | disconnect | auth;
    case PropertyId::user_property: return connack | publish | kAcks | kSubAcks | disconnect | auth;
    case PropertyId::request_problem:
    case PropertyId::request_response:
    case PropertyId::will_delay: return 0;
  }
  return 0;
}

std::uint8_t read_flag(ByteReader& in) {
  const auto v = in.u8();
  if (v > 1) in.invalidate();
  return v;
}
std::uint16_t read_not_zero(ByteReader& in) {
  const auto v = in.u16be();
  if (v == 0) in.invalidate();
  return v;
}
ByteView read_binary(ByteReader& in) { return in.take(in.u16be()); }

void read_one(ByteReader& in, PropertyId id, Properties& out) {
  switch (id) {
    case PropertyId::payload_format: out.payload_format = read_flag(in); break;
    case PropertyId::message_expiry: out.message_expiry = in.u32be(); break;
    case PropertyId::content_type: out.content_type = read_text(in); break;
    case PropertyId::response_topic: out.response_topic = read_text(in); break;
    case PropertyId::correlation_data: out.correlation_data = read_binary(in); break;
    case PropertyId::subscription_id: {
      const auto v = read_length(in);
      if (v == 0) in.invalidate();
      out.subscription_ids.push_back(v);
      break;
    }
    case PropertyId::session_expiry: out.session_expiry = in.u32be(); break;
    case PropertyId::assigned_client_id: out.assigned_client_id = read_text(in); break;
    case PropertyId::server_keep_alive: out.server_keep_alive = in.u16be(); break;
    case PropertyId::auth_method: out.auth_method = read_text(in); break;
    case PropertyId::auth_data: out.auth_data = read_binary(in); break;
    case PropertyId::request_problem: out.request_problem = read_flag(in); break;
    case PropertyId::will_delay: out.will_delay = in.u32be(); break;
    case PropertyId::request_response: out.request_response = read_flag(in); break;
    case PropertyId::response_information: out.response_information = read_text(in); break;
    case PropertyId::server_reference: out.server_reference = read_text(in); break;
    case PropertyId::reason_string: out.reason_string = read_text(in); break;
    case PropertyId::receive_maximum: out.receive_maximum = read_not_zero(in); break;
    case PropertyId::topic_alias_maximum: out.topic_alias_maximum = in.u16be(); break;
    case PropertyId::topic_alias: out.topic_alias = read_not_zero(in); break;
    case PropertyId::maximum_qos: out.maximum_qos = read_flag(in); break;
    case PropertyId::retain_available: out.retain_available = read_flag(in); break;
    case PropertyId::user_property: {
      const auto name = read_text(in);
      out.user.emplace_back(name, read_text(in));
      break;
    }
    case PropertyId::maximum_packet_size:
      out.maximum_packet_size = in.u32be();
      if (*out.maximum_packet_size == 0) in.invalidate();
      break;
    case PropertyId::wildcard_available: out.wildcard_available = read_flag(in); break;
    case PropertyId::subscription_ids_available: out.subscription_ids_available = read_flag(in); break;
    case PropertyId::shared_available: out.shared_available = read_flag(in); break;
  }
}

}  // namespace

std::uint32_t read_length(ByteReader& in) noexcept {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    const auto b = in.u8();
    value |= static_cast<std::uint32_t>(b & 0x7f) << shift;
    if ((b & 0x80) == 0) {
      if (b == 0 && shift > 0) in.invalidate();  // MQTT-1.5.5-1: the shortest form
      return value;
    }
  }
  in.invalidate();
  return 0;
}

void write_length(ByteWriter& out, std::uint32_t value) { out.varint(value); }

std::string_view read_text(ByteReader& in) noexcept {
  const auto text = as_text(in.take(in.u16be()));
  // MQTT-1.5.4-1 and -2
  if (text.find('\0') != std::string_view::npos || !is_utf8(text)) in.invalidate();
  return text;
}

Result<Properties> read_properties(ByteReader& in, PacketType type) {
  const auto length = read_length(in);
  ByteReader part(in.take(length));
  if (!in.ok()) return fail(Errc::protocol, "mqtt.malformed", "the property length goes beyond the packet");
  Properties out;
  std::uint64_t seen = 0;
  while (part.remaining() > 0) {
    const auto number = read_length(part);
    const auto id = static_cast<PropertyId>(number);
    if (!part.ok() || number > 42 || (allowed_in(id) & bit(type)) == 0) {
      return fail(Errc::protocol, "mqtt.malformed",
                  karez::format("property {} is not allowed in packet type {}", number, static_cast<int>(type)));
    }
    const bool may_repeat = id == PropertyId::user_property || id == PropertyId::subscription_id;
    if (!may_repeat && (seen >> number & 1) != 0) {
      return fail(Errc::protocol, "mqtt.malformed", karez::format("property {} came twice", number));
    }
    seen |= std::uint64_t{1} << number;
    read_one(part, id, out);
    if (!part.ok()) return fail(Errc::protocol, "mqtt.malformed", karez::format("property {} is malformed", number));
  }
  return out;
}

}  // namespace karez::connect::mqtt
