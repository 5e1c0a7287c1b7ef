// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "connect/link_counters.h"
#include "connect/mqtt/codec.h"
#include "connect/mqtt/payload_codec.h"
#include "net/signal.h"
#include "net/stream.h"

namespace karez::connect::mqtt {

struct Endpoint {
  std::string host;
  std::uint16_t port = 1883;
  std::optional<net::TlsOptions> tls;
};

/// What CONNACK said.
struct ServerLimits {
  bool session_present = false;
  std::uint16_t receive_maximum = 65535;
  std::uint8_t maximum_qos = 2;
  bool retain_available = true;
  std::size_t maximum_packet = kLargestPacket;
  std::uint16_t keep_alive_s = 0;
  std::string assigned_client_id;
};

/// Told of messages. Thread: the loop.
class MessageHandler {
 public:
  virtual ~MessageHandler() = default;
  /// May wait; meanwhile nothing is read. An error ends the connection.
  virtual net::Task<Result<>> received(const Publish& message) = 0;
  /// All that has come so far was handed over.
  virtual net::Task<Result<>> drained() = 0;
  /// PUBREL: the id of a QoS 2 message is free again.
  virtual void released(std::uint16_t id) = 0;
};

/// One network connection that has passed CONNECT. The caller runs `reader`, `writer` and `keeper`
/// together (Join); when one ends, all do, and `ended` says why.
/// Thread: the loop.
class Connection {
 public:
  struct Options {
    Endpoint endpoint;
    Connect connect;
    std::size_t max_packet = kDefaultMaxPacket;
    Duration answer_timeout = std::chrono::seconds(10);
  };
  Connection(net::Loop& loop, LinkCounters& counters, std::unique_ptr<net::Stream> stream, Options options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Connects the transport. Errors of net::connect_tcp and connect_tls.
  static net::Task<Result<std::unique_ptr<net::Stream>>> dial(net::Loop& loop, Endpoint endpoint,
                                                              net::Deadline deadline, std::stop_token stop);
  /// CONNECT and CONNACK. Errors: mqtt.refused with a cure, mqtt.no_answer, mqtt.malformed.
  net::Task<Result<>> handshake(net::Deadline deadline);
  const ServerLimits& limits() const noexcept { return limits_; }
  Version version() const noexcept { return options_.connect.version; }
  std::string peer() const { return stream_->peer(); }

  net::Task<Result<>> reader(MessageHandler& handler);
  net::Task<Result<>> writer();
  net::Task<Result<>> keeper();

  /// SUBSCRIBE in packets of up to 100 filters, until all are answered. An entry the broker refused is
  /// reported by the first such error, after all have been asked. Errors: mqtt.subscribe_refused, net.timeout.
  net::Task<Result<>> subscribe(std::vector<Subscription> subscriptions, net::Deadline deadline);
  net::Task<Result<>> unsubscribe(std::vector<std::string> filters, net::Deadline deadline);
  /// QoS 0: when it is queued. QoS 1: when the broker has it. The reason code, 0x10 for "nobody listens".
  /// Errors: mqtt.publish_refused, net.timeout, mqtt.closed.
  net::Task<Result<std::uint8_t>> publish(Publication publication, net::Deadline deadline);
  /// The same without waiting for anything.
  Result<> send(const Publication& publication);
  /// Rests for `d`; less when the connection ends, net.cancelled when `stop` is asked.
  net::Task<Result<>> pause(Duration d, std::stop_token stop);
  /// PUBACK or PUBREC; `code` is for MQTT 5 only.
  void acknowledge(std::uint16_t id, std::uint8_t qos, std::uint8_t code = 0);
  /// Sends DISCONNECT, and ends when it is out or the deadline has passed.
  net::Task<Result<>> goodbye(net::Deadline deadline);
  /// Ends everything; the first reason is kept.
  void end(Error reason);
  bool open() const noexcept { return !ended_.has_value(); }
  const std::optional<Error>& ended() const noexcept { return ended_; }

 private:
  struct Answer {
    explicit Answer(net::Loop& loop) : signal(loop) {}
    net::Signal signal;
    bool arrived = false;
    std::vector<std::uint8_t> codes;
    std::string text;
  };
  net::Task<Result<>> read_loop(MessageHandler& handler);
  net::Task<Result<>> write_loop();
  net::Task<Result<>> dispatch(Incoming packet, MessageHandler& handler);
  Result<> resolve_alias(Publish& publish);
  void answered(const Ack& ack);
  void answered(const SubAck& ack);
  /// Waits for the answer to packet `id`.
  net::Task<Result<>> wait_for(std::uint16_t id, Answer& answer, net::Deadline deadline);
  std::uint16_t next_id();
  void wake_writer();
  /// Until all that is queued was sent.
  net::Task<bool> drain(net::Deadline deadline);
  Result<> take_connack(const ConnAck& ack);
  /// Queues a PUBLISH; its packet id, 0 for QoS 0.
  Result<std::uint16_t> queue(const Publication& publication);

  net::Loop& loop_;
  LinkCounters& counters_;
  std::unique_ptr<net::Stream> stream_;
  Options options_;
  ServerLimits limits_;
  FrameBuffer frames_;
  std::vector<std::byte> out_, sending_;
  net::Signal wake_, idle_, stop_;
  std::unordered_map<std::uint16_t, Answer*> answers_;
  std::vector<std::string> aliases_;
  std::uint16_t last_id_ = 0;
  Monotonic last_sent_{}, last_received_{};
  bool reading_ = false;  ///< false while a handler holds us up: then silence is our own doing
  std::optional<Error> ended_;
};

}  // namespace karez::connect::mqtt
