// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "connect/mqtt/codec.h"
#include "connect/mqtt/properties.h"

namespace karez::connect::mqtt {
namespace {

std::unexpected<Error> malformed(std::string_view what) { return fail(Errc::protocol, "mqtt.malformed", what); }

Result<Incoming> decode_connack(ByteReader& in, Version version) {
  ConnAck out;
  const auto flags = in.u8();
  out.code = in.u8();
  if (!in.ok() || flags > 1) return malformed("CONNACK flags");
  out.session_present = flags == 1;
  if (out.session_present && out.code != 0) return malformed("CONNACK with a session and a refusal");  // MQTT-3.2.2-6
  if (version == Version::v311) {
    if (out.code > 5) return malformed(karez::format("CONNACK return code {}", out.code));
  } else if (in.remaining() > 0) {
    KZ_TRY(out.properties, read_properties(in, PacketType::connack));
  }
  if (!in.done()) return malformed("CONNACK length");
  return out;
}

Result<Incoming> decode_publish(ByteReader& in, std::uint8_t flags, Version version) {
  Publish out;
  out.dup = (flags & 8) != 0;
  out.qos = static_cast<std::uint8_t>(flags >> 1 & 3);
  out.retain = (flags & 1) != 0;
  if (out.qos == 3) return malformed("PUBLISH with QoS 3");  // MQTT-3.3.1-4
  if (out.dup && out.qos == 0) return malformed("PUBLISH with DUP and QoS 0");  // MQTT-3.3.1-2
  out.topic = read_text(in);
  if (!in.ok() || out.topic.find_first_of("+#") != std::string_view::npos) return malformed("PUBLISH topic");
  if (out.qos > 0) {
    out.id = in.u16be();
    if (!in.ok() || out.id == 0) return malformed("PUBLISH packet id");  // MQTT-2.2.1-3
  }
  if (version == Version::v5) {
    KZ_TRY(out.properties, read_properties(in, PacketType::publish));
  }
  if (out.topic.empty() && !out.properties.topic_alias) return malformed("PUBLISH without topic");
  out.payload = in.take(in.remaining());
  if (out.properties.payload_format == 1 && !is_utf8(as_text(out.payload))) out.fault = Publish::Fault::not_utf8;
  return out;
}

/// Type and remaining length; `at` is where the body begins.
struct Head {
  std::size_t at = 0, length = 0;
};

Result<std::optional<Head>> read_head(ByteView bytes) {
  if (bytes.size() < 2) return std::nullopt;
  Head head{.at = 1};
  for (unsigned shift = 0;; shift += 7) {
    if (shift == 28) return malformed("the remaining length has more than four bytes");
    if (head.at == bytes.size()) return std::nullopt;
    const auto b = static_cast<std::uint8_t>(bytes[head.at++]);
    head.length |= static_cast<std::size_t>(b & 0x7f) << shift;
    if ((b & 0x80) != 0) continue;
    if (b == 0 && shift > 0) return malformed("the remaining length is not in its shortest form");
    return head;
  }
}

bool known_ack_code(PacketType type, std::uint8_t code) {
  if (type == PacketType::pubrel || type == PacketType::pubcomp) return code == 0 || code == 0x92;
  switch (code) {
    case 0x00:
    case 0x10:
    case 0x80:
    case 0x83:
    case 0x87:
    case 0x90:
    case 0x91:
    case 0x97:
    case 0x99: return true;
    default: return false;
  }
}

Result<Incoming> decode_ack(ByteReader& in, PacketType type, Version version) {
  Ack out;
  out.type = type;
  out.id = in.u16be();
  if (!in.ok() || out.id == 0) return malformed("acknowledgement without packet id");
  if (version == Version::v5 && in.remaining() > 0) {  // 3.4.2.1: reason and properties may be left out
    out.code = in.u8();
    if (!known_ack_code(type, out.code)) return malformed(karez::format("acknowledgement reason {:#x}", out.code));
    if (in.remaining() > 0) {
      KZ_TRY(out.properties, read_properties(in, type));
    }
  }
  if (!in.done()) return malformed("acknowledgement length");
  return out;
}

Result<Incoming> decode_suback(ByteReader& in, PacketType type, Version version) {
  SubAck out;
  out.type = type;
  out.id = in.u16be();
  if (!in.ok() || out.id == 0) return malformed("SUBACK without packet id");
  if (version == Version::v5) {
    KZ_TRY(out.properties, read_properties(in, type));
  }
  const bool has_codes = version == Version::v5 || type == PacketType::suback;
  if (has_codes == (in.remaining() == 0)) return malformed("SUBACK reason codes");
  for (const auto b : in.take(in.remaining())) {
    const auto code = static_cast<std::uint8_t>(b);
    const bool granted = type == PacketType::suback ? code <= 2 : code == 0 || code == 0x11;
    if (!granted && code < 0x80) return malformed(karez::format("SUBACK reason {:#x}", code));
    out.codes.push_back(code);
  }
  return out;
}

/// DISCONNECT and AUTH share their form (3.14.2, 3.15.2).
template <class Packet>
Result<Incoming> decode_reason(ByteReader& in, PacketType type, Version version) {
  if (version != Version::v5) return malformed("a packet that only MQTT 5 servers send");
  Packet out;
  if (in.remaining() > 0) out.code = in.u8();
  if (in.remaining() > 0) {
    KZ_TRY(out.properties, read_properties(in, type));
  }
  if (!in.done()) return malformed("length of DISCONNECT or AUTH");
  return out;
}

}  // namespace

Result<std::optional<Frame>> next_frame(ByteView bytes, std::size_t max_packet) {
  KZ_TRY(const auto head, read_head(bytes));
  if (!head) return std::nullopt;
  const auto [at, length] = *head;
  if (at + length > max_packet) {
    return fail(
        Error(Errc::exhausted, "mqtt.packet_too_large")
            .with(karez::format("the broker sent a packet of {} bytes, the limit is {}", at + length, max_packet))
            .cure("Raise the largest packet size of the link, or publish smaller messages."));
  }
  if (bytes.size() - at < length) return std::nullopt;
  return Frame{static_cast<std::uint8_t>(bytes[0]), bytes.subspan(at, length), at + length};
}

Result<Incoming> decode(const Frame& frame, Version version) {
  ByteReader in(frame.body);
  if (frame.cut) {
    KZ_TRY(auto packet, decode_publish(in, static_cast<std::uint8_t>(frame.first & 15), version));
    std::get<Publish>(packet).fault = Publish::Fault::too_large;
    return packet;
  }
  const auto type = static_cast<PacketType>(frame.first >> 4);
  const auto flags = static_cast<std::uint8_t>(frame.first & 15);
  // 2.1.3: all but PUBLISH have fixed flags
  if (type != PacketType::publish && flags != (type == PacketType::pubrel ? 2 : 0)) {
    return malformed(karez::format("flags of a packet of type {}", frame.first >> 4));
  }
  switch (type) {
    case PacketType::connack: return decode_connack(in, version);
    case PacketType::publish: return decode_publish(in, flags, version);
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp: return decode_ack(in, type, version);
    case PacketType::suback:
    case PacketType::unsuback: return decode_suback(in, type, version);
    case PacketType::pingresp:
      if (!in.done()) return malformed("PINGRESP length");
      return PingResp{};
    case PacketType::disconnect: return decode_reason<Disconnect>(in, type, version);
    case PacketType::auth: return decode_reason<Auth>(in, type, version);
    default: return malformed(karez::format("a client never receives packet type {}", frame.first >> 4));
  }
}

std::span<std::byte> FrameBuffer::space(std::size_t wanted) {
  if (begin_ > 0) {
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_), bytes_.begin() + static_cast<std::ptrdiff_t>(end_),
              bytes_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (bytes_.size() - end_ < wanted) bytes_.resize(end_ + wanted);
  return std::span(bytes_).subspan(end_);
}

Result<std::optional<Frame>> FrameBuffer::next() {
  if (skip_ > 0) {
    const std::size_t some = std::min(skip_, end_ - begin_);
    begin_ += some;
    skip_ -= some;
    if (skip_ > 0) return std::nullopt;
  }
  if (skip_oversized_) {
    KZ_TRY(auto head, next_oversized());
    if (head) return head->size > 0 ? std::optional(*head) : std::nullopt;
  }
  KZ_TRY(auto frame, next_frame(ByteView(bytes_).subspan(begin_, end_ - begin_), max_packet_));
  if (frame) begin_ += frame->size;
  return frame;
}

Result<std::optional<Frame>> FrameBuffer::next_oversized() {
  const auto bytes = ByteView(bytes_).subspan(begin_, end_ - begin_);
  KZ_TRY(const auto head, read_head(bytes));
  if (!head || head->at + head->length <= max_packet_) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(bytes[0]);
  if (first >> 4 != static_cast<int>(PacketType::publish)) return std::nullopt;  // next_frame refuses it
  ByteReader in(bytes.subspan(head->at));
  const std::size_t wanted = 2u + in.u16be() + ((first & 6) != 0 ? 2u : 0u);
  if (wanted > head->length) return malformed("PUBLISH topic");
  if (!in.ok() || bytes.size() - head->at < wanted) return Frame{};  // wait for topic and packet id
  begin_ += head->at + wanted;
  skip_ = head->length - wanted;
  return Frame{first, bytes.subspan(head->at, wanted), head->at + head->length, true};
}

bool is_topic_filter(std::string_view filter) noexcept {
  if (filter.empty() || filter.size() > 65535 || filter.find('\0') != std::string_view::npos || !is_utf8(filter)) {
    return false;
  }
  for (std::size_t i = 0; i < filter.size(); ++i) {
    const bool starts = i == 0 || filter[i - 1] == '/';
    const bool ends = i + 1 == filter.size() || filter[i + 1] == '/';
    if (filter[i] == '+' && !(starts && ends)) return false;
    if (filter[i] == '#' && !(starts && i + 1 == filter.size())) return false;
  }
  return true;
}

bool is_topic_name(std::string_view topic) noexcept {
  return is_topic_filter(topic) && topic.find_first_of("+#") == std::string_view::npos;
}

bool topic_matches(std::string_view filter, std::string_view topic) noexcept {
  if (topic.starts_with('$') != filter.starts_with('$')) return false;  // MQTT-4.7.2-1
  while (true) {
    if (filter == "#") return true;
    const auto f = filter.substr(0, filter.find('/'));
    const auto t = topic.substr(0, topic.find('/'));
    if (f != "+" && f != t) return false;
    const bool f_last = f.size() == filter.size(), t_last = t.size() == topic.size();
    if (f_last || t_last) return f_last ? t_last : filter.substr(f.size()) == "/#";  // "a/#" covers "a"
    filter.remove_prefix(f.size() + 1);
    topic.remove_prefix(t.size() + 1);
  }
}

}  // namespace karez::connect::mqtt
