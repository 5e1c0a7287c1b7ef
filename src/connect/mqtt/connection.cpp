// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/connection.h"

#include "base/format.h"
#include "connect/mqtt/reason.h"

namespace karez::connect::mqtt {
namespace {

constexpr std::uint16_t kTopicAliases = 64;
constexpr std::size_t kFiltersPerPacket = 100;
/// More unsent bytes than this, and new commands are refused.
constexpr std::size_t kMaxUnsent = 1 << 20;
constexpr Duration kWriteTimeout = std::chrono::seconds(30);

Monotonic now() { return std::chrono::steady_clock::now(); }

}  // namespace

Connection::Connection(net::Loop& loop, LinkCounters& counters, std::unique_ptr<net::Stream> stream, Options options)
    : loop_(loop),
      counters_(counters),
      stream_(std::move(stream)),
      options_(std::move(options)),
      frames_(options_.max_packet, options_.connect.version == Version::v311),
      wake_(loop),
      idle_(loop),
      stop_(loop) {
  if (version() == Version::v5) {
    options_.connect.topic_alias_maximum = kTopicAliases;
    options_.connect.maximum_packet_size = static_cast<std::uint32_t>(options_.max_packet);
  }
}

net::Task<Result<std::unique_ptr<net::Stream>>> Connection::dial(net::Loop& loop, Endpoint endpoint,
                                                                 net::Deadline deadline, std::stop_token stop) {
  if (endpoint.tls)
    co_return co_await net::connect_tls(loop, endpoint.host, endpoint.port, *endpoint.tls, deadline, stop);
  co_return co_await net::connect_tcp(loop, endpoint.host, endpoint.port, deadline, stop);
}

net::Task<Result<>> Connection::handshake(net::Deadline deadline) {
  std::vector<std::byte> packet;
  KZ_CO_CHECK(encode_connect(packet, options_.connect));
  KZ_CO_CHECK(co_await stream_->write_all(packet, deadline));
  counters_.bytes_out.add(packet.size());
  counters_.requests.add();
  std::optional<Frame> frame;
  while (!frame) {
    auto count = co_await stream_->read_some(frames_.space(), deadline);
    if (!count) {
      co_return fail(Error(count.error().code(), "mqtt.no_answer")
                         .with(karez::format("{} accepted the connection but did not answer CONNECT ({})",
                                             stream_->peer(), count.error().slug()))
                         .cure("Check that an MQTT broker listens on this port, and whether it wants TLS."));
    }
    counters_.bytes_in.add(*count);
    frames_.added(*count);
    KZ_CO_TRY(frame, frames_.next());
  }
  KZ_CO_TRY(auto answer, decode(*frame, version()));
  counters_.responses.add();
  const auto* const ack = std::get_if<ConnAck>(&answer);
  if (ack == nullptr) co_return fail(Errc::protocol, "mqtt.malformed", "the first packet of the broker is not CONNACK");
  co_return take_connack(*ack);
}

Result<> Connection::take_connack(const ConnAck& ack) {
  const auto& p = ack.properties;
  if (ack.code != 0) return fail(connack_error(version(), ack.code, p.reason_string.value_or("")));
  if (ack.session_present && options_.connect.clean) {  // MQTT-3.2.2-4
    return fail(Errc::protocol, "mqtt.malformed", "the broker resumed a session although we asked for a new one");
  }
  limits_.session_present = ack.session_present;
  limits_.receive_maximum = p.receive_maximum.value_or(65535);
  limits_.maximum_qos = p.maximum_qos.value_or(2);
  limits_.retain_available = p.retain_available.value_or(1) != 0;
  limits_.maximum_packet = p.maximum_packet_size.value_or(kLargestPacket);
  limits_.keep_alive_s = p.server_keep_alive.value_or(options_.connect.keep_alive_s);
  limits_.assigned_client_id = p.assigned_client_id.value_or("");
  last_sent_ = last_received_ = now();
  return {};
}

void Connection::end(Error reason) {
  if (ended_) return;
  ended_ = std::move(reason);
  stream_->close();
  wake_.notify();
  idle_.notify();
  stop_.notify();
  for (auto& [id, answer] : answers_) answer->signal.notify();
}

net::Task<Result<>> Connection::reader(MessageHandler& handler) {
  auto outcome = co_await read_loop(handler);
  if (!outcome) {
    const auto& error = outcome.error();
    if (error.code() == Errc::protocol) counters_.framing_errors.add();
    if (!ended_ && (error.code() == Errc::protocol || error.code() == Errc::exhausted)) {
      encode_disconnect(out_, version(), error.code() == Errc::protocol ? 0x82 : 0x95);
      co_await drain(net::Deadline::after(std::chrono::seconds(1)));
    }
    end(error);
  }
  co_return outcome;
}

net::Task<Result<>> Connection::read_loop(MessageHandler& handler) {
  for (;;) {
    for (;;) {
      KZ_CO_TRY(auto frame, frames_.next());
      if (!frame) break;
      counters_.responses.add();
      KZ_CO_TRY(auto packet, decode(*frame, version()));
      KZ_CO_CHECK(co_await dispatch(std::move(packet), handler));
    }
    KZ_CO_CHECK(co_await handler.drained());
    if (ended_) co_return std::unexpected(*ended_);
    reading_ = true;
    auto count = co_await stream_->read_some(frames_.space(), net::Deadline::after(net::Deadline::kFarthest));
    reading_ = false;
    if (!count) co_return std::unexpected(std::move(count).error());
    last_received_ = now();
    counters_.bytes_in.add(*count);
    frames_.added(*count);
  }
}

Result<> Connection::resolve_alias(Publish& publish) {
  const auto alias = publish.properties.topic_alias;
  if (!alias) return {};
  if (*alias > kTopicAliases) return fail(Errc::protocol, "mqtt.malformed", "a topic alias above the one we allow");
  if (aliases_.size() < *alias) aliases_.resize(*alias);
  auto& known = aliases_[*alias - 1u];
  if (!publish.topic.empty()) {
    known = publish.topic;
  } else if (known.empty()) {
    return fail(Errc::protocol, "mqtt.malformed", "a topic alias that was never set");
  } else {
    publish.topic = known;
  }
  return {};
}

net::Task<Result<>> Connection::dispatch(Incoming packet, MessageHandler& handler) {
  if (auto* const publish = std::get_if<Publish>(&packet)) {
    KZ_CO_CHECK(resolve_alias(*publish));
    co_return co_await handler.received(*publish);
  }
  if (const auto* const ack = std::get_if<Ack>(&packet)) {
    if (ack->type == PacketType::pubrel) {
      handler.released(ack->id);
      encode_ack(out_, version(), PacketType::pubcomp, ack->id);
      wake_writer();
    } else if (ack->type == PacketType::pubrec && ack->code < 0x80) {
      encode_ack(out_, version(), PacketType::pubrel, ack->id);
      wake_writer();
    } else {
      answered(*ack);
    }
  } else if (const auto* const suback = std::get_if<SubAck>(&packet)) {
    answered(*suback);
  } else if (const auto* const bye = std::get_if<Disconnect>(&packet)) {
    co_return fail(reason_error("mqtt.closed_by_broker", bye->code, "the broker closed the connection",
                                bye->properties.reason_string.value_or("")));
  } else if (std::holds_alternative<ConnAck>(packet) || std::holds_alternative<Auth>(packet)) {
    co_return fail(Errc::protocol, "mqtt.malformed", "CONNACK or AUTH out of place");
  }
  co_return Result<>{};
}

void Connection::answered(const Ack& ack) {
  const auto found = answers_.find(ack.id);
  if (found == answers_.end()) return;  // its wait is over
  found->second->codes.assign(1, ack.code);
  found->second->text = ack.properties.reason_string.value_or("");
  found->second->arrived = true;
  found->second->signal.notify();
}

void Connection::answered(const SubAck& ack) {
  const auto found = answers_.find(ack.id);
  if (found == answers_.end()) return;
  found->second->codes = ack.codes;
  found->second->text = ack.properties.reason_string.value_or("");
  found->second->arrived = true;
  found->second->signal.notify();
}

void Connection::wake_writer() {
  last_sent_ = now();
  wake_.notify();
}

net::Task<Result<>> Connection::writer() {
  auto outcome = co_await write_loop();
  if (!outcome) end(outcome.error());
  co_return outcome;
}

net::Task<Result<>> Connection::write_loop() {
  while (!ended_) {
    if (out_.empty()) {
      idle_.notify();
      (void)co_await wake_.wait(net::Deadline::after(net::Deadline::kFarthest));
      continue;
    }
    std::swap(out_, sending_);
    KZ_CO_CHECK(co_await stream_->write_all(sending_, net::Deadline::after(kWriteTimeout)));
    counters_.bytes_out.add(sending_.size());
    sending_.clear();
  }
  co_return Result<>{};
}

net::Task<Result<>> Connection::keeper() {
  const Duration interval = std::chrono::seconds(limits_.keep_alive_s);
  while (!ended_) {
    const auto wait = interval.count() == 0 ? net::Deadline::kFarthest : interval / 4;
    (void)co_await stop_.wait(net::Deadline::after(wait));
    if (ended_ || interval.count() == 0) continue;
    // Silence counts only while we are listening.
    if (!reading_) last_received_ = now();
    if (now() - last_received_ > interval * 3 / 2) {
      counters_.timeouts.add();
      end(Error(Errc::timeout, "mqtt.keep_alive")
              .with(karez::format("{} has not answered for {} s", stream_->peer(), limits_.keep_alive_s * 3 / 2))
              .cure("Check the network between here and the broker."));
    } else if (now() - last_sent_ >= interval / 2 || now() - last_received_ >= interval / 2) {
      encode_pingreq(out_);
      counters_.requests.add();
      wake_writer();
    }
  }
  co_return Result<>{};
}

std::uint16_t Connection::next_id() {
  do {
    last_id_ = last_id_ == 65535 ? std::uint16_t{1} : static_cast<std::uint16_t>(last_id_ + 1);
  } while (answers_.contains(last_id_));
  return last_id_;
}

net::Task<Result<>> Connection::wait_for(std::uint16_t id, Answer& answer, net::Deadline deadline) {
  answers_[id] = &answer;
  counters_.requests.add();
  const auto asked = now();
  wake_writer();
  while (!answer.arrived && !ended_) {
    if (const auto woken = co_await answer.signal.wait(deadline); !woken) break;
  }
  answers_.erase(id);
  if (answer.arrived) {
    counters_.rtt.observe(now() - asked);
    co_return Result<>{};
  }
  if (ended_) co_return fail(Error(Errc::unavailable, "mqtt.closed").with(ended_->message()));
  counters_.timeouts.add();
  co_return fail(Errc::timeout, "net.timeout", "the broker did not answer in time");
}

net::Task<Result<>> Connection::subscribe(std::vector<Subscription> subscriptions, net::Deadline deadline) {
  std::optional<Error> refused;
  std::span<const Subscription> left(subscriptions);
  while (!left.empty()) {
    // by number and by size, as the broker may allow small packets only
    std::size_t count = 0, bytes = 16;
    while (count < std::min(left.size(), kFiltersPerPacket) &&
           (count == 0 || bytes + left[count].filter.size() + 3 <= limits_.maximum_packet)) {
      bytes += left[count++].filter.size() + 3;
    }
    const auto part = left.first(count);
    left = left.subspan(count);
    const auto id = next_id();
    KZ_CO_CHECK(encode_subscribe(out_, version(), id, part));
    Answer answer(loop_);
    KZ_CO_CHECK(co_await wait_for(id, answer, deadline));
    if (answer.codes.size() != count) co_return fail(Errc::protocol, "mqtt.malformed", "SUBACK with a wrong count");
    for (std::size_t i = 0; i < count; ++i) {
      if (answer.codes[i] >= 0x80 && !refused) {
        refused = reason_error("mqtt.subscribe_refused", answer.codes[i],
                               karez::format("the broker refused the subscription to {}", part[i].filter), answer.text);
      }
    }
  }
  if (refused) co_return std::unexpected(std::move(*refused));
  co_return Result<>{};
}

net::Task<Result<>> Connection::unsubscribe(std::vector<std::string> filters, net::Deadline deadline) {
  std::span<const std::string> left(filters);
  while (!left.empty()) {
    const auto part = left.first(std::min(left.size(), kFiltersPerPacket));
    left = left.subspan(part.size());
    const auto id = next_id();
    KZ_CO_CHECK(encode_unsubscribe(out_, version(), id, part));
    Answer answer(loop_);
    KZ_CO_CHECK(co_await wait_for(id, answer, deadline));
  }
  co_return Result<>{};
}

Result<std::uint16_t> Connection::queue(const Publication& publication) {
  if (ended_) return fail(Error(Errc::unavailable, "mqtt.closed").with(ended_->message()));
  if (out_.size() > kMaxUnsent) return fail(Errc::exhausted, "mqtt.send_queue_full");
  const auto qos = std::min(publication.qos, limits_.maximum_qos);
  if (qos > 0 && answers_.size() >= limits_.receive_maximum) return fail(Errc::exhausted, "mqtt.receive_maximum");
  if (publication.payload.size() + publication.topic.size() + 32 > limits_.maximum_packet) {
    return fail(Errc::exhausted, "mqtt.packet_too_large", "the broker takes no packets of this size");
  }
  const auto id = qos == 0 ? std::uint16_t{0} : next_id();
  KZ_CHECK(encode_publish(out_, version(),
                          {.topic = publication.topic,
                           .payload = publication.payload,
                           .qos = qos,
                           .retain = publication.retain && limits_.retain_available,
                           .id = id}));
  return id;
}

Result<> Connection::send(const Publication& publication) {
  KZ_CHECK(queue(publication));
  counters_.requests.add();
  wake_writer();
  return {};
}

net::Task<Result<>> Connection::pause(Duration d, std::stop_token stop) {
  if (ended_) co_return Result<>{};
  auto rested = co_await stop_.wait(net::Deadline::after(d), stop);
  if (!rested && rested.error().code() == Errc::cancelled) co_return rested;
  co_return Result<>{};
}

net::Task<Result<std::uint8_t>> Connection::publish(Publication publication, net::Deadline deadline) {
  KZ_CO_TRY(const auto id, queue(publication));
  if (id == 0) {
    counters_.requests.add();
    wake_writer();
    co_return std::uint8_t{0};
  }
  Answer answer(loop_);
  KZ_CO_CHECK(co_await wait_for(id, answer, deadline));
  const auto code = answer.codes.empty() ? std::uint8_t{0} : answer.codes.front();
  if (code >= 0x80) {
    co_return fail(reason_error("mqtt.publish_refused", code,
                                karez::format("the broker refused a message to {}", publication.topic), answer.text));
  }
  co_return code;
}

void Connection::acknowledge(std::uint16_t id, std::uint8_t qos, std::uint8_t code) {
  encode_ack(out_, version(), qos == 2 ? PacketType::pubrec : PacketType::puback, id, code);
  wake_writer();
}

net::Task<bool> Connection::drain(net::Deadline deadline) {
  wake_writer();
  while (!ended_ && !(out_.empty() && sending_.empty())) {
    if (const auto idle = co_await idle_.wait(deadline); !idle) break;
  }
  co_return !ended_;
}

net::Task<Result<>> Connection::goodbye(net::Deadline deadline) {
  if (!ended_) encode_disconnect(out_, version());
  co_await drain(deadline);
  end(Error(Errc::cancelled, "net.cancelled"));
  co_return Result<>{};
}

}  // namespace karez::connect::mqtt
