// SPDX-License-Identifier: Apache-2.0
#include <format>

#include "base/text.h"
#include "connect/mqtt/codec.h"
#include "connect/mqtt/properties.h"

namespace karez::connect::mqtt {
namespace {

/// Fixed header and body in one vector: five bytes are reserved in front, then closed up.
class PacketWriter {
 public:
  PacketWriter(std::vector<std::byte>& out, PacketType type, std::uint8_t flags = 0) : out_(out), start_(out.size()) {
    ByteWriter(out_).u8(static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | flags));
    body_ = out_.size();
  }
  PacketWriter(const PacketWriter&) = delete;
  PacketWriter& operator=(const PacketWriter&) = delete;
  ~PacketWriter() {
    if (!finished_) out_.resize(start_);
  }

  ByteWriter bytes() { return ByteWriter(out_); }
  void text(std::string_view text) {
    if (text.size() > 65535) problem_ = "mqtt.text_too_long";
    if (!is_utf8(text) || text.find('\0') != std::string_view::npos) problem_ = "mqtt.invalid_utf8";
    binary(as_bytes(text.substr(0, 65535)));
  }
  void binary(ByteView data) {
    if (data.size() > 65535) {
      problem_ = "mqtt.text_too_long";
      return;
    }
    bytes().u16be(static_cast<std::uint16_t>(data.size()));
    bytes().bytes(data);
  }
  void topic(std::string_view name, bool valid) {
    if (!valid) problem_ = "mqtt.invalid_topic";
    text(name);
  }
  void property(PropertyId id) { bytes().u8(static_cast<std::uint8_t>(id)); }

  /// Puts the number of bytes since `from` in front of them (property lengths).
  void insert_length(std::size_t from) {
    std::vector<std::byte> length;
    ByteWriter writer(length);
    write_length(writer, static_cast<std::uint32_t>(out_.size() - from));
    out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(from), length.begin(), length.end());
  }
  std::size_t position() const { return out_.size(); }

  Result<> finish() {
    if (problem_ != nullptr) return fail(Errc::invalid_argument, problem_);
    if (out_.size() - body_ > kLargestPacket) return fail(Errc::exhausted, "mqtt.packet_too_large");
    insert_length(body_);
    finished_ = true;
    return {};
  }

 private:
  std::vector<std::byte>& out_;
  std::size_t start_, body_ = 0;
  const char* problem_ = nullptr;
  bool finished_ = false;
};

void connect_properties(PacketWriter& packet, const Connect& connect) {
  const auto from = packet.position();
  if (connect.session_expiry_s != 0) {
    packet.property(PropertyId::session_expiry);
    packet.bytes().u32be(connect.session_expiry_s);
  }
  if (connect.receive_maximum != 0) {
    packet.property(PropertyId::receive_maximum);
    packet.bytes().u16be(connect.receive_maximum);
  }
  if (connect.maximum_packet_size != 0) {
    packet.property(PropertyId::maximum_packet_size);
    packet.bytes().u32be(connect.maximum_packet_size);
  }
  if (connect.topic_alias_maximum != 0) {
    packet.property(PropertyId::topic_alias_maximum);
    packet.bytes().u16be(connect.topic_alias_maximum);
  }
  for (const auto& [name, value] : connect.user_properties) {
    packet.property(PropertyId::user_property);
    packet.text(name);
    packet.text(value);
  }
  packet.insert_length(from);
}

}  // namespace

Result<> encode_connect(std::vector<std::byte>& out, const Connect& connect) {
  PacketWriter packet(out, PacketType::connect);
  const bool v5 = connect.version == Version::v5;
  packet.text("MQTT");
  packet.bytes().u8(static_cast<std::uint8_t>(connect.version));
  unsigned flags = connect.clean ? 2 : 0;  // 3.1.2.3
  if (connect.will) flags |= 4u | static_cast<unsigned>(connect.will->qos & 3) << 3 | (connect.will->retain ? 32u : 0u);
  if (connect.password) flags |= 64;
  if (connect.user) flags |= 128;
  packet.bytes().u8(static_cast<std::uint8_t>(flags));
  packet.bytes().u16be(connect.keep_alive_s);
  if (v5) connect_properties(packet, connect);
  packet.text(connect.client_id);
  if (connect.will) {
    if (v5) packet.bytes().u8(0);  // no will properties
    packet.topic(connect.will->topic, is_topic_name(connect.will->topic));
    packet.binary(connect.will->payload);
  }
  if (connect.user) packet.text(*connect.user);
  if (connect.password) packet.binary(as_bytes(*connect.password));
  if (!v5 && connect.password && !connect.user) {  // MQTT-3.1.2-22 of 3.1.1
    return fail(Errc::invalid_argument, "mqtt.password_without_user", "MQTT 3.1.1 sends a password only with a user");
  }
  return packet.finish();
}

Result<> encode_publish(std::vector<std::byte>& out, Version version, const Outgoing& message) {
  KZ_ASSERT(message.qos <= 2 && (message.qos == 0) == (message.id == 0));
  const auto flags = (message.dup ? 8 : 0) | message.qos << 1 | (message.retain ? 1 : 0);
  PacketWriter packet(out, PacketType::publish, static_cast<std::uint8_t>(flags));
  packet.topic(message.topic, is_topic_name(message.topic));
  if (message.qos > 0) packet.bytes().u16be(message.id);
  if (version == Version::v5) {
    const auto from = packet.position();
    if (message.expiry_s) {
      packet.property(PropertyId::message_expiry);
      packet.bytes().u32be(*message.expiry_s);
    }
    if (!message.content_type.empty()) {
      packet.property(PropertyId::content_type);
      packet.text(message.content_type);
    }
    packet.insert_length(from);
  }
  packet.bytes().bytes(message.payload);
  return packet.finish();
}

void encode_ack(std::vector<std::byte>& out, Version version, PacketType type, std::uint16_t id, std::uint8_t code) {
  const bool with_code = version == Version::v5 && code != 0;
  ByteWriter bytes(out);
  bytes.u8(static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4 | (type == PacketType::pubrel ? 2u : 0u)));
  bytes.u8(with_code ? 3 : 2);
  bytes.u16be(id);
  if (with_code) bytes.u8(code);
}

Result<> encode_subscribe(std::vector<std::byte>& out, Version version, std::uint16_t id,
                          std::span<const Subscription> subscriptions) {
  KZ_ASSERT(id != 0 && !subscriptions.empty());
  PacketWriter packet(out, PacketType::subscribe, 2);
  packet.bytes().u16be(id);
  if (version == Version::v5) packet.bytes().u8(0);
  for (const auto& s : subscriptions) {
    packet.topic(s.filter, is_topic_filter(s.filter));
    const auto handling = version == Version::v5 ? s.retain_handling << 4 : 0;
    packet.bytes().u8(static_cast<std::uint8_t>(s.qos | handling));
  }
  return packet.finish();
}

Result<> encode_unsubscribe(std::vector<std::byte>& out, Version version, std::uint16_t id,
                            std::span<const std::string> filters) {
  KZ_ASSERT(id != 0 && !filters.empty());
  PacketWriter packet(out, PacketType::unsubscribe, 2);
  packet.bytes().u16be(id);
  if (version == Version::v5) packet.bytes().u8(0);
  for (const auto& filter : filters) packet.topic(filter, is_topic_filter(filter));
  return packet.finish();
}

void encode_pingreq(std::vector<std::byte>& out) { ByteWriter(out).u16be(0xc000); }

void encode_disconnect(std::vector<std::byte>& out, Version version, std::uint8_t code) {
  ByteWriter bytes(out);
  const bool with_code = version == Version::v5 && code != 0;
  bytes.u8(0xe0);
  bytes.u8(with_code ? 1 : 0);
  if (with_code) bytes.u8(code);
}

}  // namespace karez::connect::mqtt
