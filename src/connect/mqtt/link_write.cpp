// SPDX-License-Identifier: Apache-2.0
// Writing: Sparkplug commands and JSON command topics.
#include <cmath>

#include "base/format.h"
#include "base/json.h"
#include "connect/mqtt/link_session.h"
#include "connect/value_text.h"

namespace karez::connect::mqtt {

using Outcome = WriteResult::Outcome;
using model::ValueType;

struct LinkSession::Answer {
  explicit Answer(net::Loop& loop) : signal(loop) {}
  net::Signal signal;
  bool arrived = false, ok = false;
  std::string error;
};

namespace {

WriteResult refused(const char* slug, std::string_view text, std::string_view cure = {}) {
  Error error = Error(Errc::invalid_argument, slug).with(text);
  if (!cure.empty()) error = std::move(error).cure(cure);
  return {Outcome::refused, std::move(error), {}};
}

/// Whether the command left us decides between "failed" and "unknown".
WriteResult not_done(Error error, bool sent) {
  return {sent ? Outcome::unknown : Outcome::failed, std::move(error), {}};
}

Result<RawValue> raw_value(const PointMap::Entry& entry, const Write& write) {
  if (write.type == ValueType::text) return RawValue::of(std::string_view(write.text));
  if (write.type == ValueType::boolean) return RawValue::of(write.bits != 0);
  if (write.type == ValueType::int64 && entry.scale == 1 && entry.offset == 0) {
    return RawValue::of(model::as_int64(write.bits));
  }
  KZ_TRY(const auto value, to_raw(entry, model::numeric(write.type, write.bits)));
  return RawValue::of(value);
}

void write_json_value(JsonWriter& json, const RawValue& value) {
  switch (value.type) {
    case ValueType::boolean: json.boolean(value.bits != 0); return;
    case ValueType::int64: json.integer(model::as_int64(value.bits)); return;
    case ValueType::float64: json.number(model::as_double(value.bits)); return;
    case ValueType::text: json.string(value.text); return;
    case ValueType::none: json.null();
  }
}

bool same(const RawValue& wanted, const SpbTag& tag) {
  if (wanted.type == ValueType::text) return wanted.text.substr(0, 256) == tag.last_text;
  const double a = model::numeric(wanted.type, wanted.bits), b = model::numeric(tag.last.type, tag.last.bits);
  if (tag.last.type == ValueType::boolean) return (a != 0) == (b != 0);
  return std::abs(a - b) <= 1e-6 * std::max(1.0, std::abs(a));  // a Float keeps seven digits
}

}  // namespace

std::optional<std::size_t> LinkSession::entry_of(const Write& write) const {
  const auto& points = map_->points;
  if (write.entry < points.size() && points[write.entry].id == write.point) return write.entry;
  const auto found = std::ranges::find(points, write.point, &PointMap::Entry::id);
  if (found == points.end()) return std::nullopt;
  return static_cast<std::size_t>(found - points.begin());
}

net::Task<Result<std::vector<WriteResult>>> LinkSession::write(std::vector<Write> writes, net::Deadline deadline) {
  std::vector<WriteResult> out;
  for (auto& write : writes) {
    out.push_back(co_await write_one(std::move(write), deadline));
    counters_.written(out.back().outcome);
  }
  co_return out;
}

net::Task<WriteResult> LinkSession::write_one(Write write, net::Deadline deadline) {
  if (!online()) {
    co_return not_done(
        Error(Errc::unavailable, "mqtt.not_connected").with("the broker is not connected; nothing was sent"), false);
  }
  const auto entry = entry_of(write);
  if (!entry)
    co_return refused("point.unknown", "the point is not in the running configuration yet", "Try again in a second.");
  if (map_->points[*entry].access == model::Access::read)
    co_return refused("point.read_only", "the point may only be read");
  auto raw = raw_value(map_->points[*entry], write);
  if (!raw) co_return WriteResult{Outcome::refused, raw.error(), {}};
  if (host_ != nullptr) co_return co_await write_sparkplug(*entry, *raw, deadline);
  co_return co_await write_json(*entry, *raw, deadline);
}

net::Task<WriteResult> LinkSession::write_sparkplug(std::size_t entry, RawValue value, net::Deadline deadline) {
  const auto id = map_->points[entry].id;
  const auto* tag = host_->tag(entry);
  const auto before = tag != nullptr ? tag->updates : 0;
  auto command = host_->command(entry, value, context_.clock.now());
  if (!command) co_return WriteResult{Outcome::refused, command.error(), {}};
  const auto connection = connection_;
  if (auto sent = connection->send(*command); !sent) co_return not_done(sent.error(), false);
  // Sparkplug acknowledges no commands: done is when the node reports the new value.
  while (!deadline.passed() && connection->open()) {
    const auto rested = co_await connection->pause(std::chrono::milliseconds(10), stop_);
    // A birth, or a new map, may have replaced it meanwhile.
    const bool still = entry < map_->points.size() && map_->points[entry].id == id;
    tag = still ? host_->tag(entry) : nullptr;
    if (!rested || !still) break;
    if (tag != nullptr && tag->updates != before && same(value, *tag)) {
      co_return WriteResult{Outcome::done, std::nullopt, value_text(tag->last, tag->last_text)};
    }
  }
  auto out = not_done(Error(Errc::timeout, "spb.no_report")
                          .with("the command was sent, but the node did not report the new value in time")
                          .cure("Read the point again before repeating the command."),
                      true);
  if (tag != nullptr && tag->updates != before) out.read_back = value_text(tag->last, tag->last_text);
  co_return out;
}

net::Task<WriteResult> LinkSession::write_json(std::size_t entry, RawValue value, net::Deadline deadline) {
  const auto* const address = json_->address(entry);
  const auto device = json_->device(map_->points[entry].device);
  if (address == nullptr || device.command_topic.empty()) {
    co_return refused("mqtt.not_writable", "the device has no command topic",
                      "Set the command topic in the device's settings.");
  }
  const auto now = context_.clock.now();
  const auto id = new_ulid(to_ns(now) / 1'000'000);
  JsonWriter json;
  json.begin_object().field("id", id).field("topic", address->topic).field("pointer", address->pointer).key("value");
  write_json_value(json, value);
  json.field("time", to_rfc3339(now)).end_object();
  const auto bytes = as_bytes(json.view());
  const auto connection = connection_;
  Answer answer(context_.loop);
  if (!device.answer_topic.empty()) waiting_answers_[id] = &answer;
  auto sent = co_await connection->publish({device.command_topic, {bytes.begin(), bytes.end()}, 1, false}, deadline);
  if (sent && *sent != 0x10 && !device.answer_topic.empty() && !answer.arrived) {
    (void)co_await answer.signal.wait(deadline, stop_);
  }
  waiting_answers_.erase(id);
  if (!sent) co_return not_done(sent.error(), sent.error().slug() != "mqtt.publish_refused");
  if (*sent == 0x10) {  // MQTT 5 brokers say so
    co_return not_done(Error(Errc::unavailable, "mqtt.nobody_listens")
                           .with(karez::format("no client subscribes to {}", device.command_topic)),
                       false);
  }
  if (device.answer_topic.empty()) co_return WriteResult{Outcome::done, std::nullopt, {}};
  if (!answer.arrived) {
    co_return not_done(Error(Errc::timeout, "mqtt.no_answer_to_command")
                           .with("the command was sent, but the device did not answer in time")
                           .cure("Read the point again before repeating the command."),
                       true);
  }
  if (answer.ok) co_return WriteResult{Outcome::done, std::nullopt, {}};
  co_return refused("mqtt.refused_by_device", answer.error.empty() ? "the device refused the command" : answer.error);
}

void LinkSession::on_answer(ByteView payload) {
  if (waiting_answers_.empty()) return;
  const auto document = JsonDocument::parse(as_text(payload));
  if (!document) return;
  const auto found = waiting_answers_.find(std::string((*document)["id"].string().value_or("")));
  if (found == waiting_answers_.end()) return;
  auto& answer = *found->second;
  answer.arrived = true;
  answer.ok = (*document)["ok"].boolean().value_or(false);
  answer.error = (*document)["error"].string().value_or("").substr(0, 500);
  answer.signal.notify();
}

}  // namespace karez::connect::mqtt
