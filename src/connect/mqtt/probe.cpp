// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/probe.h"

#include "base/format.h"
#include "connect/mqtt/json_codec.h"
#include "connect/value_text.h"

namespace karez::connect::mqtt {

net::Task<Result<>> Probe::dial(net::Deadline deadline) {
  KZ_CO_TRY(auto stream, co_await Connection::dial(loop_, settings_.endpoint, deadline, {}));
  connection_ = std::make_unique<Connection>(
      loop_, counters_, std::move(stream),
      Connection::Options{settings_.endpoint, settings_.connect, settings_.max_packet, std::chrono::seconds(10)});
  co_return Result<>{};
}

void Probe::send(Effects& effects) {
  for (const auto& publication : effects.publish)
    (void)connection_->send(publication);  // asked again with the next tick
  effects.clear();
}

net::Task<Result<>> Probe::received(const Publish& message) {
  if (!enough_ && message.fault == Publish::Fault::none) {
    enough_ = listener_.message({message.topic, message.payload, message.qos, message.retain, clock_.now()}, effects_);
    send(effects_);
  }
  if (message.qos > 0) connection_->acknowledge(message.id, message.qos);
  co_return Result<>{};
}

net::Task<Result<>> Probe::attend(std::vector<Subscription> subscriptions, net::Deadline until) {
  auto subscribed = co_await connection_->subscribe(std::move(subscriptions), until);
  if (!subscribed) {
    refused_ = subscribed.error();
    enough_ = true;
  }
  while (!enough_ && connection_->open() && !until.passed()) {
    if (listener_.tick) enough_ = listener_.tick(clock_.now(), effects_);
    send(effects_);
    (void)co_await connection_->pause(std::min<Duration>(until.left(), std::chrono::milliseconds(100)), {});
  }
  co_return co_await connection_->goodbye(net::Deadline::after(std::chrono::seconds(1)));
}

net::Task<Result<>> Probe::listen(std::vector<Subscription> subscriptions, Listener listener, net::Deadline until) {
  listener_ = std::move(listener);
  co_await Join<4>(connection_->reader(*this), connection_->writer(), connection_->keeper(),
                   attend(std::move(subscriptions), until));
  if (refused_) co_return std::unexpected(*refused_);
  if (connection_->ended()->code() != Errc::cancelled) co_return std::unexpected(*connection_->ended());
  co_return Result<>{};
}

namespace {

/// Adds a step and says whether to go on.
class Steps {
 public:
  explicit Steps(TestReport& report) : report_(report), begun_(std::chrono::steady_clock::now()) {}
  bool add(std::string name, const Result<>& outcome, std::string found) {
    const auto now = std::chrono::steady_clock::now();
    TestStep step{.name = std::move(name), .ok = outcome.has_value(), .took = now - begun_};
    begun_ = now;
    if (outcome) {
      step.text = std::move(found);
    } else {
      step.error = outcome.error();
      step.text = outcome.error().text();
    }
    report_.steps.push_back(std::move(step));
    return outcome.has_value();
  }

 private:
  TestReport& report_;
  Monotonic begun_;
};

void describe(const LinkSettings& settings, const ServerLimits& limits, TestReport& report) {
  report.identity.emplace_back("protocol", settings.connect.version == Version::v5 ? "MQTT 5.0" : "MQTT 3.1.1");
  report.limits.emplace_back("maximum_qos", std::to_string(limits.maximum_qos));
  report.limits.emplace_back("retain", limits.retain_available ? "yes" : "no");
  report.limits.emplace_back("receive_maximum", std::to_string(limits.receive_maximum));
  if (limits.maximum_packet != kLargestPacket) {
    report.limits.emplace_back("maximum_packet_bytes", std::to_string(limits.maximum_packet));
  }
}

std::string shown_value(const PointMap::Entry& entry, const Readings& readings, const model::Sample& sample) {
  if (sample.quality.bad()) return {};
  const RawValue value{entry.type, sample.bits, {}};
  return value_text(value, entry.type == model::ValueType::text ? readings.text(sample) : std::string_view());
}

}  // namespace

net::Task<Result<TestReport>> test_link(net::Loop& loop, Clock& clock, LinkConfig link,
                                        std::shared_ptr<const PointMap> points, net::Deadline deadline) {
  KZ_CO_TRY(auto settings, parse_link(link));
  TestReport report;
  Steps steps(report);
  Probe probe(loop, clock, settings);
  const auto dialled = co_await probe.dial(deadline);
  const bool unresolved = !dialled && dialled.error().slug() == "net.unresolved";
  const auto address = karez::format("{}:{}", settings.endpoint.host, settings.endpoint.port);
  if (!steps.add("resolve", unresolved ? dialled : Result<>{}, settings.endpoint.host)) co_return report;
  if (!steps.add("connect", dialled, address)) co_return report;
  if (!steps.add("handshake", co_await probe.handshake(deadline), "the broker accepted us")) co_return report;
  describe(settings, probe.connection().limits(), report);

  const bool sparkplug = settings.mode == LinkSettings::Mode::sparkplug;
  std::unique_ptr<PayloadCodec> codec;
  if (sparkplug) {
    codec = std::make_unique<SparkplugHost>(SparkplugHost::Options{.browse = points->points.empty()});
  } else {
    codec = std::make_unique<JsonCodec>(std::uint8_t{0});
  }
  Effects start;
  codec->set_points(points, clock.now(), start);
  auto wanted = codec->subscriptions();
  if (wanted.empty()) wanted.push_back({"#", 0, 0});
  std::size_t messages = 0;
  std::map<model::PointId, TestValue> seen;
  Probe::Listener listener;
  listener.message = [&](const Message& message, Effects& out) {
    ++messages;
    codec->message(message, out);
    for (const auto& sample : out.readings.samples) {
      const auto entry = std::ranges::find(points->points, sample.point, &PointMap::Entry::id);
      seen[sample.point] = {entry->address, shown_value(*entry, out.readings, sample), sample.quality};
    }
    return points->points.empty() || seen.size() == points->points.size();
  };
  listener.tick = [&, announced = false](Timestamp now, Effects& out) mutable {
    if (std::exchange(announced, true)) {
      codec->tick(now, out);
    } else {
      codec->connected(now, out);
    }
    return false;
  };
  // A test must not take all the time it is given just because nobody publishes.
  const net::Deadline until{std::min(deadline.at, std::chrono::steady_clock::now() + std::chrono::seconds(5))};
  const auto heard = co_await probe.listen(std::move(wanted), std::move(listener), until);
  if (!steps.add("subscribe", heard, "the broker took the subscription")) co_return report;
  Result<> read;
  if (messages == 0) {
    read = fail(Error(Errc::timeout, "mqtt.no_message")
                    .with("the broker works, but no message came within 5 s")
                    .cure("Check the topics, and that the device publishes now."));
  } else if (seen.empty() && !points->points.empty()) {
    read = fail(Error(Errc::not_found, "mqtt.no_value")
                    .with(karez::format("{} messages came, but none held a value of the points. {}", messages,
                                        codec->stats().last_error))
                    .cure("Check pointers and metric names; browse shows what there is."));
  }
  steps.add("read", read,
            karez::format("{} messages, values for {} of {} points", messages, seen.size(), points->points.size()));
  for (auto& [id, value] : seen) {
    if (report.values.size() < 100) report.values.push_back(std::move(value));
  }
  co_return report;
}

}  // namespace karez::connect::mqtt
