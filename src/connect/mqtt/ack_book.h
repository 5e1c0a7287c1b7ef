// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace karez::connect::mqtt {

/// Number of a block handed to the lane, counted from 1 over the life of a link; 0: nothing to wait for.
using Ticket = std::uint64_t;

/// Which received QoS 1 and 2 messages may be acknowledged now. A message may be once the block that
/// holds its last sample is durable, and all messages received before it are (MQTT-4.6.0-2: in order).
///
/// Remembers what was stored for packet ids that were not acknowledged when a connection broke, so that
/// the same message, sent again in a resumed session, is not stored a second time. An id is forgotten
/// when its acknowledgement goes out: from then on the broker may give it to another message, and of
/// an equal one nobody could tell. Storing twice is allowed with QoS 1, losing is not.
/// Thread: one at a time (the loop).
class AckBook {
 public:
  struct Due {
    std::uint16_t id = 0;
    std::uint8_t qos = 1;
    std::uint8_t code = 0;  ///< reason code, for MQTT 5
  };
  enum class Arrival : std::uint8_t {
    fresh,     ///< store it, then call `stored`
    known,     ///< stored already; it is acknowledged when its block is durable
    repeated,  ///< QoS 2, already received by both sides' account: acknowledge at once
    overflow,  ///< more messages than the receive maximum allows
  };

  explicit AckBook(std::size_t receive_maximum) : receive_maximum_(receive_maximum) {}

  /// `fingerprint`: a hash of topic and payload. Packet ids are reused, so only an equal one is the same
  /// message.
  Arrival arrived(std::uint16_t id, std::uint8_t qos, bool dup, std::uint64_t fingerprint);
  /// Its samples are in blocks up to `ticket`. `code` of 0x80 and more refuses it.
  void stored(std::uint16_t id, std::uint8_t qos, std::uint64_t fingerprint, Ticket ticket, std::uint8_t code = 0);
  /// A block was handed to the lane. Tickets grow by one.
  void submitted(Ticket ticket);
  /// Outcome of a block. False: it will never be durable, and the session has to be begun anew, so that
  /// the broker sends its messages again.
  bool settled(Ticket ticket, bool durable);
  /// Messages to acknowledge now, in order.
  std::optional<Due> next_due();
  /// PUBREL of a QoS 2 message: its id is free again.
  void released(std::uint16_t id) { received_.erase(id); }

  /// The connection is gone. With a resumed session the broker sends again what was not acknowledged;
  /// without one, everything is forgotten.
  void disconnected();
  void session_lost();

  std::size_t waiting() const noexcept { return queue_.size(); }
  bool full() const noexcept { return queue_.size() >= receive_maximum_; }

 private:
  struct Waiting {
    Due due;
    Ticket ticket = 0;
  };
  struct Known {
    std::uint64_t fingerprint = 0;
    Ticket ticket = 0;
    std::uint8_t code = 0;
  };
  bool durable(Ticket ticket) const;

  std::size_t receive_maximum_;
  std::deque<Waiting> queue_;                                ///< received, not acknowledged, in order
  std::unordered_map<std::uint16_t, Known> unacknowledged_;  ///< stored, not acknowledged yet
  std::unordered_set<std::uint16_t> received_;               ///< QoS 2: acknowledged with PUBREC, awaiting PUBREL
  std::deque<std::optional<bool>> blocks_;                   ///< outcome of blocks first_block_, first_block_ + 1, …
  Ticket first_block_ = 1;                                   ///< all blocks before this are durable
};

}  // namespace karez::connect::mqtt
