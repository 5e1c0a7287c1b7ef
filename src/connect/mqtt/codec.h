// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "connect/mqtt/packet.h"

/// Bytes to MQTT control packets and back, for a client. Pure: no I/O, no clock.
/// Thread: any.
namespace karez::connect::mqtt {

constexpr std::size_t kDefaultMaxPacket = 256 * 1024;
/// 1.5.5: four bytes of variable length.
constexpr std::size_t kLargestPacket = 268'435'455;

/// One whole packet as it lies in a buffer.
struct Frame {
  std::uint8_t first = 0;  ///< type and flags
  ByteView body;
  std::size_t size = 0;  ///< with the fixed header
  bool cut = false;      ///< a PUBLISH larger than allowed: `body` ends with its packet id
};

/// The packet at the start of `bytes`, or nothing when more bytes are needed.
/// Errors: mqtt.malformed (length field), mqtt.packet_too_large.
Result<std::optional<Frame>> next_frame(ByteView bytes, std::size_t max_packet);

/// Strict: reserved bits, UTF-8, packet ids, property rules, nothing left over.
/// Errors: mqtt.malformed with what and where.
Result<Incoming> decode(const Frame& frame, Version version);

/// Collects what a stream delivers and hands out whole packets. Grows up to one packet of the largest
/// allowed size, plus one read.
/// `skip_oversized`: of a PUBLISH that is larger only the head is handed out, the rest is thrown away as
/// it comes. For MQTT 3.1.1, whose brokers cannot be told a largest size (its head has no properties).
/// Thread: one at a time.
class FrameBuffer {
 public:
  explicit FrameBuffer(std::size_t max_packet, bool skip_oversized = false)
      : max_packet_(max_packet), skip_oversized_(skip_oversized) {}
  /// Room for the next read; ends the life of frames handed out before.
  std::span<std::byte> space(std::size_t wanted = 16384);
  void added(std::size_t count) noexcept { end_ += count; }
  /// The next packet; it stays valid until `space` is called.
  Result<std::optional<Frame>> next();
  std::size_t waiting() const noexcept { return end_ - begin_; }

 private:
  /// The head of a PUBLISH to skip, an empty frame while it has not come, nothing for other packets.
  Result<std::optional<Frame>> next_oversized();

  std::size_t max_packet_;
  bool skip_oversized_;
  std::size_t skip_ = 0;  ///< bytes to come that nobody wants
  std::vector<std::byte> bytes_;
  std::size_t begin_ = 0, end_ = 0;
};

/// Each appends one packet to `out`, or leaves it as it was.
/// Errors: mqtt.invalid_topic, mqtt.text_too_long, mqtt.invalid_utf8, mqtt.packet_too_large.
Result<> encode_connect(std::vector<std::byte>& out, const Connect& connect);
Result<> encode_publish(std::vector<std::byte>& out, Version version, const Outgoing& message);
void encode_ack(std::vector<std::byte>& out, Version version, PacketType type, std::uint16_t id, std::uint8_t code = 0);
Result<> encode_subscribe(std::vector<std::byte>& out, Version version, std::uint16_t id,
                          std::span<const Subscription> subscriptions);
Result<> encode_unsubscribe(std::vector<std::byte>& out, Version version, std::uint16_t id,
                            std::span<const std::string> filters);
void encode_pingreq(std::vector<std::byte>& out);
void encode_disconnect(std::vector<std::byte>& out, Version version, std::uint8_t code = 0);

/// 4.7: 1..65,535 bytes of UTF-8 without U+0000 and, in a topic name, without wildcards.
bool is_topic_name(std::string_view topic) noexcept;
/// The same with wildcards in legal places.
bool is_topic_filter(std::string_view filter) noexcept;
/// 4.7.1 and 4.7.2: does `filter` cover `topic`?
bool topic_matches(std::string_view filter, std::string_view topic) noexcept;

}  // namespace karez::connect::mqtt
