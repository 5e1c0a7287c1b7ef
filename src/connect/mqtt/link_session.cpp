// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/link_session.h"

#include <format>

namespace karez::connect::mqtt {
namespace {

constexpr Duration kConnectTimeout = std::chrono::seconds(15);
constexpr Duration kAnswerTimeout = std::chrono::seconds(10);
constexpr Duration kTick = std::chrono::seconds(1);

constexpr std::uint8_t kPayloadFormatInvalid = 0x99;

std::uint64_t fingerprint(const Publish& message) {
  const std::hash<std::string_view> hash;
  return hash(message.topic) * 31 + hash(as_text(message.payload));
}

net::Deadline no_deadline() { return net::Deadline::after(net::Deadline::kFarthest); }

}  // namespace

LinkSession::LinkSession(LinkSettings settings, const LinkConfig& link, DriverContext& context, LinkCounters& counters)
    : settings_(std::move(settings)),
      context_(context),
      counters_(counters),
      book_(settings_.connect.receive_maximum),
      writer_(context, link.tenant, counters,
              [this] {
                book_.submitted(++submitted_);
                return model::DurableAck{mailbox_, submitted_};
              }),
      codec_turn_(context.loop),
      back_off_({}, static_cast<std::uint64_t>(to_ns(context.clock.now()))) {
  mailbox_ = std::make_shared<AckMailbox>(context.loop, [this](const auto& outcomes) { settled(outcomes); });
  if (settings_.mode == LinkSettings::Mode::sparkplug) {
    auto host = std::make_unique<SparkplugHost>(SparkplugHost::Options{.host_id = settings_.host_id});
    host_ = host.get();
    codec_ = std::move(host);
  } else {
    auto json = std::make_unique<JsonCodec>(settings_.qos);
    json_ = json.get();
    json_->on_answer([this](std::string_view, ByteView payload) { on_answer(payload); });
    codec_ = std::move(json);
  }
}

LinkSession::~LinkSession() { mailbox_->close(); }

Timestamp LinkSession::next_time() {
  last_time_ = std::max(context_.clock.now(), last_time_ + Duration(1));
  return last_time_;
}

net::Task<Result<>> LinkSession::run(std::stop_token stop) {
  stop_ = stop;
  KZ_CO_CHECK(co_await follow_map(stop));
  while (!stop.stop_requested()) {
    context_.observer.link_state(LinkState::connecting, nullptr);
    auto ended = co_await run_once(stop);
    const bool was_ready = std::exchange(ready_, false);
    connection_.reset();
    book_.disconnected();
    // Best effort when we are stopping: the lane may not take it any more.
    (void)co_await with_codec([&](Timestamp now, Effects& out) { codec_->disconnected(now, out); }, stop);
    if (stop.stop_requested()) break;
    show_devices(false);
    const auto now = context_.clock.monotonic();
    if (was_ready) counters_.reconnects.add();
    counters_.error(ended.error(), context_.clock.now());
    context_.observer.link_state(LinkState::backoff, &ended.error());
    if (const auto rested = co_await context_.loop.sleep(back_off_.failed(now), stop); !rested) break;
    KZ_CO_CHECK(co_await follow_map(stop));
  }
  mailbox_->close();
  co_return fail(Errc::cancelled, "net.cancelled");
}

net::Task<Result<>> LinkSession::run_once(std::stop_token stop) {
  const auto deadline = net::Deadline::after(kConnectTimeout);
  Connection::Options options{settings_.endpoint, settings_.connect, settings_.max_packet, kAnswerTimeout};
  if (host_ != nullptr) options.connect.will = host_->make_will(next_time());
  KZ_CO_TRY(auto stream, co_await Connection::dial(context_.loop, settings_.endpoint, deadline, stop));
  connection_ = std::make_shared<Connection>(context_.loop, counters_, std::move(stream), std::move(options));
  {
    const std::stop_callback on_stop(stop, [this] { connection_->end(Error(Errc::cancelled, "net.cancelled")); });
    KZ_CO_CHECK(co_await connection_->handshake(deadline));
  }
  if (!connection_->limits().session_present) {
    book_.session_lost();
    subscribed_.clear();
  }
  co_await Join<4>(connection_->reader(*this), connection_->writer(), connection_->keeper(), attend(stop));
  co_return std::unexpected(*connection_->ended());
}

net::Task<Result<>> LinkSession::attend(std::stop_token stop) {
  // Before we are online there is nothing to take leave of.
  const std::stop_callback on_stop(stop, [this] {
    if (!ready_) connection_->end(Error(Errc::cancelled, "net.cancelled"));
  });
  auto outcome = co_await attend_loop(stop);
  if (stop.stop_requested() && connection_->open()) (void)co_await farewell();
  connection_->end(outcome ? Error(Errc::cancelled, "net.cancelled") : outcome.error());
  co_return outcome;
}

net::Task<Result<>> LinkSession::attend_loop(std::stop_token stop) {
  // A resumed session has them still, but only asking again brings the retained messages, which tell of
  // points that held still while we were away.
  auto subscribed = co_await change_subscriptions(true);
  if (!subscribed && subscribed.error().slug() != "mqtt.subscribe_refused") co_return subscribed;
  ready_ = true;
  back_off_.connected(context_.clock.monotonic());
  KZ_CO_CHECK(co_await with_codec([this](Timestamp now, Effects& out) { codec_->connected(now, out); }, stop));
  const bool refused = !subscribed.has_value();
  if (refused) counters_.error(subscribed.error(), context_.clock.now());
  context_.observer.link_state(refused ? LinkState::degraded : LinkState::online,
                               refused ? &subscribed.error() : nullptr);
  while (connection_->open()) {
    show_devices(true);
    KZ_CO_CHECK(co_await connection_->pause(kTick, stop));
    if (!connection_->open()) break;
    KZ_CO_CHECK(co_await follow_map(stop));
    KZ_CO_CHECK(co_await with_codec([this](Timestamp now, Effects& out) { codec_->tick(now, out); }, stop));
  }
  co_return Result<>{};
}

net::Task<Result<>> LinkSession::follow_map(std::stop_token stop) {
  auto newest = context_.points();
  if (map_ && newest->revision == map_->revision) co_return Result<>{};
  map_ = std::move(newest);
  KZ_CO_CHECK(co_await with_codec([this](Timestamp now, Effects& out) { codec_->set_points(map_, now, out); }, stop));
  if (ready_) {
    auto changed = co_await change_subscriptions(false);
    if (!changed) counters_.error(changed.error(), context_.clock.now());
  }
  co_return Result<>{};
}

net::Task<Result<>> LinkSession::change_subscriptions(bool all) {
  auto wanted = codec_->subscriptions();
  std::vector<std::string> gone;
  for (const auto& filter : subscribed_) {
    if (std::ranges::find(wanted, filter, &Subscription::filter) == wanted.end()) gone.push_back(filter);
  }
  for (const auto& filter : gone) subscribed_.erase(filter);
  if (!all) std::erase_if(wanted, [&](const auto& s) { return subscribed_.contains(s.filter); });
  if (!gone.empty()) {
    KZ_CO_CHECK(co_await connection_->unsubscribe(std::move(gone), net::Deadline::after(kAnswerTimeout)));
  }
  if (wanted.empty()) co_return Result<>{};
  for (const auto& s : wanted) subscribed_.insert(s.filter);
  auto outcome = co_await connection_->subscribe(std::move(wanted), net::Deadline::after(kAnswerTimeout));
  if (!outcome) subscribed_.clear();  // some are not there: ask for all of them with the next connection
  co_return outcome;
}

net::Task<Result<>> LinkSession::farewell() {
  draining_ = true;  // what comes now is not acknowledged, so the broker keeps it
  {
    KZ_CO_TRY(const auto turn, co_await codec_turn_.take(net::Deadline::after(kTick)));
    KZ_CO_CHECK(co_await writer_.flush({}));
  }
  if (host_ != nullptr) {
    if (auto offline = host_->farewell(next_time())) {
      (void)co_await connection_->publish(std::move(*offline), net::Deadline::after(kTick));
    }
  }
  const auto deadline = net::Deadline::after(2 * kTick);
  while (connection_->open() && book_.waiting() > 0 && !deadline.passed()) {
    (void)co_await connection_->pause(std::chrono::milliseconds(5), {});
  }
  send_due_acks();
  co_return co_await connection_->goodbye(net::Deadline::after(kTick));
}

net::Task<Result<>> LinkSession::with_codec(std::move_only_function<void(Timestamp, Effects&)> call,
                                            std::stop_token stop) {
  KZ_CO_TRY(const auto turn, co_await codec_turn_.take(no_deadline()));
  effects_.clear();
  call(next_time(), effects_);
  KZ_CO_CHECK(co_await store(stop));
  KZ_CO_CHECK(co_await writer_.flush(stop));
  publish_effects();
  count_codec();
  co_return Result<>{};
}

net::Task<Result<>> LinkSession::store(std::stop_token stop) {
  auto& readings = effects_.readings;
  for (const auto& sample : readings.samples) {
    const auto text = sample.type == model::ValueType::text ? readings.text(sample) : std::string_view();
    if (!writer_.add(sample, last_time_, text)) {
      KZ_CO_CHECK(co_await writer_.put(sample, last_time_, text, stop));
    }
  }
  if (context_.seen && !effects_.seen.empty()) context_.seen(effects_.seen, last_time_);
  co_return Result<>{};
}

void LinkSession::publish_effects() {
  if (!connection_ || !connection_->open()) return;
  for (const auto& publication : effects_.publish) {
    if (auto sent = connection_->send(publication); !sent) counters_.error(sent.error(), context_.clock.now());
  }
}

net::Task<Result<>> LinkSession::wait_for_room() {
  while (book_.full() && !draining_ && connection_->open()) {
    KZ_CO_CHECK(co_await drained());  // what they wait for must be on its way
    if (book_.full()) (void)co_await connection_->pause(std::chrono::milliseconds(5), {});
  }
  co_return Result<>{};
}

net::Task<Result<>> LinkSession::received(const Publish& message) {
  if (message.qos > 0 && connection_->version() == Version::v311 && book_.full()) KZ_CO_CHECK(co_await wait_for_room());
  if (draining_) co_return Result<>{};
  std::uint64_t print = 0;
  if (message.qos > 0) {
    print = fingerprint(message);
    switch (book_.arrived(message.id, message.qos, message.dup, print)) {
      case AckBook::Arrival::fresh: break;
      case AckBook::Arrival::known: counters_.late_dropped.add(); co_return Result<>{};
      case AckBook::Arrival::repeated: connection_->acknowledge(message.id, message.qos); co_return Result<>{};
      case AckBook::Arrival::overflow:
        co_return fail(Errc::protocol, "mqtt.receive_maximum", "the broker sent more messages than we allow in flight");
    }
  }
  KZ_CO_TRY(const auto turn, co_await codec_turn_.take(no_deadline()));
  effects_.clear();
  const Message handed{message.topic, message.payload, message.qos, message.retain, next_time(), message.dup};
  std::uint8_t code = 0;
  switch (message.fault) {
    case Publish::Fault::none: codec_->message(handed, effects_); break;
    case Publish::Fault::too_large:
      codec_->unreadable(handed, "the message is larger than the link takes and was skipped", effects_);
      break;
    case Publish::Fault::not_utf8:
      codec_->unreadable(handed, "the payload says that it is UTF-8, but it is not", effects_);
      code = kPayloadFormatInvalid;
      break;
  }
  KZ_CO_CHECK(co_await store(stop_));
  if (message.qos > 0) {
    const bool empty = effects_.readings.samples.empty();
    book_.stored(message.id, message.qos, print, empty ? 0 : submitted_ + 1, code);
  }
  publish_effects();
  co_return Result<>{};
}

net::Task<Result<>> LinkSession::drained() {
  if (writer_.pending() > 0) {
    KZ_CO_TRY(const auto turn, co_await codec_turn_.take(no_deadline()));
    KZ_CO_CHECK(co_await writer_.flush(stop_));
  }
  send_due_acks();
  count_codec();
  co_return Result<>{};
}

void LinkSession::settled(const AckMailbox::Outcomes& outcomes) {
  bool broken = false;
  for (const auto& [ticket, durable] : outcomes) broken |= !book_.settled(ticket, durable);
  if (broken && connection_) {
    connection_->end(Error(Errc::unavailable, "mqtt.not_stored")
                         .with("the store did not take what was received; the broker will send it again")
                         .cure("Look into the log of the store: is the disk full?"));
  }
  send_due_acks();
}

void LinkSession::send_due_acks() {
  if (!connection_ || !connection_->open()) return;
  while (const auto due = book_.next_due()) connection_->acknowledge(due->id, due->qos, due->code);
}

void LinkSession::count_codec() {
  const auto& now = codec_->stats();
  counters_.suppressed.add(now.suppressed - counted_.suppressed);
  counters_.lost.add(now.lost - counted_.lost);
  counters_.exceptions.add(now.malformed - counted_.malformed);
  if (now.last_error != counted_.last_error) {
    counters_.error(Error(Errc::protocol, "mqtt.payload").with(now.last_error), context_.clock.now());
    counted_.last_error = now.last_error;
  }
  counted_.suppressed = now.suppressed;
  counted_.lost = now.lost;
  counted_.malformed = now.malformed;
}

void LinkSession::show_devices(bool connected) {
  const auto reachable = codec_->reachable();
  for (std::size_t i = 0; i < map_->devices.size(); ++i) {
    const bool on = connected && reachable[i];
    const auto [shown, fresh] = shown_.try_emplace(map_->devices[i].id, on);
    if (!fresh && shown->second == on) continue;
    shown->second = on;
    const Error reason = Error(Errc::unavailable, connected ? "mqtt.node_offline" : "mqtt.not_connected")
                             .with(connected ? "the edge node or device has not announced itself, or said goodbye"
                                             : "the broker cannot be reached");
    context_.observer.device_state(map_->devices[i].id, on ? LinkState::online : LinkState::offline,
                                   on ? nullptr : &reason);
  }
}

}  // namespace karez::connect::mqtt
