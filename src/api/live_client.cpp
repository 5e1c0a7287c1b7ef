// SPDX-License-Identifier: Apache-2.0
#include "api/live_client.h"

#include "api/body.h"
#include "api/live_view.h"
#include "api/views.h"
#include "base/format.h"

namespace karez::api {

namespace {
constexpr Duration kLookAtAges = std::chrono::seconds(1);
}

Result<> LiveClient::subscribe(std::span<const Point> asked, std::size_t most) {
  std::vector<model::PointId> points;
  for (const Point& p : asked) points.push_back(p.id);
  std::ranges::sort(points);
  const auto [first, last] = std::ranges::unique(points);
  points.erase(first, last);
  const std::lock_guard lock(mutex_);
  std::vector<model::PointId> all;
  std::ranges::set_union(points_, points, std::back_inserter(all));
  if (all.size() > most)
    return fail(Errc::invalid_argument, "live.too_many_points",
                karez::format("At most {} points for each connection.", most));
  std::vector<model::PointId> added, fresh;
  std::ranges::set_difference(points, points_, std::back_inserter(added));
  std::ranges::set_union(fresh_, added, std::back_inserter(fresh));
  points_ = std::move(all);
  fresh_ = std::move(fresh);
  for (const Point& p : asked)
    if (p.stale_after > Duration{0}) ages_[p.id].stale_after = p.stale_after;
    else ages_.erase(p.id);
  return {};
}

void LiveClient::unsubscribe(const std::vector<model::PointId>& points) {
  const std::lock_guard lock(mutex_);
  const auto gone = [&](model::PointId p) { return std::ranges::find(points, p) != points.end(); };
  std::erase_if(points_, gone);
  std::erase_if(fresh_, gone);
  for (const model::PointId p : points) ages_.erase(p);
}

void LiveClient::set_interval(Duration interval) {
  const std::lock_guard lock(mutex_);
  interval_ = interval;
}

bool LiveClient::ack(std::uint64_t seq) {
  const std::lock_guard lock(mutex_);
  if (!in_flight_ || seq != seq_) return false;
  in_flight_ = false;
  unasked_ = 0;
  return true;
}

bool LiveClient::may_answer() {
  const std::lock_guard lock(mutex_);
  return ++unasked_ <= kMaxUnasked;
}

bool LiveClient::is_stale(const stream::Latest& value, Timestamp wall) const {
  const auto age = ages_.find(value.point);
  return age != ages_.end() && is_old(value, age->second.stale_after, wall);
}

/// Growing old, and being said to hold by the source, changes no value in the table: it has to be looked for.
void LiveClient::add_aged(Monotonic now, Timestamp wall, const stream::LatestTable& latest,
                          std::vector<stream::Latest>& values) {
  if (now < next_ages_) return;
  next_ages_ = now + kLookAtAges;
  for (const auto& [point, age] : ages_) {
    stream::Latest value = latest.get(point);
    value.point = point;
    if (is_old(value, age.stale_after, wall) == age.stale) continue;
    if (std::ranges::find(values, point, &stream::Latest::point) == values.end()) values.push_back(std::move(value));
  }
}

LiveClient::Step LiveClient::next(Monotonic now, Timestamp wall, const stream::LatestTable& latest, std::string& out) {
  const std::lock_guard lock(mutex_);
  if (in_flight_) return now - last_sent_ > kAckWithin ? Step::close : Step::nothing;
  if (now - last_sent_ < interval_) return Step::nothing;
  // A change between these two reads is told twice, never lost.
  const std::uint64_t revision = latest.revision();
  std::vector<stream::Latest> values = latest.changed_since(points_, revision_);
  if (!fresh_.empty()) {
    std::erase_if(values, [&](const stream::Latest& v) { return std::ranges::binary_search(fresh_, v.point); });
    for (const model::PointId p : fresh_) {
      values.push_back(latest.get(p));
      values.back().point = p;
    }
  }
  revision_ = revision;
  add_aged(now, wall, latest, values);
  if (values.empty() && started_ && now - last_sent_ < kKeepAlive) return Step::nothing;
  fresh_.clear();
  started_ = in_flight_ = true;
  last_sent_ = now;
  JsonWriter json;
  seq_ += 1 + random_() % 65'536;
  json.begin_object().field("seq", seq_).key("values").begin_array();
  for (const stream::Latest& v : values) {
    json.begin_array().string(to_string(v.point));
    write_time(json, v.time);
    write_value(json, v.type, v.bits, v.text, v.flags);
    json.unsigned_integer((v.known() ? v.quality : model::quality::kBadWaitingForInitialData).code);
    const bool stale = is_stale(v, wall);
    if (const auto age = ages_.find(v.point); age != ages_.end()) age->second.stale = stale;
    json.unsigned_integer(v.flags).boolean(stale).end_array();
  }
  json.end_array().end_object();
  out = json.take();
  return Step::send;
}

std::expected<LiveMessage, Problem> parse_live_message(std::string_view text) {
  KZ_TRY(const auto document, JsonDocument::parse(text, {.max_bytes = 64u << 10, .max_depth = 4}));
  Faults faults;
  ObjectReader body(document.root(), "", faults);
  LiveMessage message;
  std::string op;
  body.text("op", op, ObjectReader::kRequired, 1, 20);
  if (op == "ack") {
    std::int64_t seq = 0;
    body.integer("seq", seq, ObjectReader::kRequired, 1, 9'007'199'254'740'991);
    message.seq = static_cast<std::uint64_t>(seq);
  } else if (op == "subscribe" || op == "unsubscribe") {
    message.op = op == "subscribe" ? LiveMessage::Op::subscribe : LiveMessage::Op::unsubscribe;
    if (const auto items = body.array("points", ObjectReader::kRequired, 0, 1000))
      for (std::size_t i = 0; i < items->size(); ++i) {
        const auto id = model::parse_id<model::PointId>((*items)[i].string().value_or(""));
        if (id) message.points.push_back(*id);
        else faults.add({.slug = "request.id", .pointer = karez::format("/points/{}", i), .expected = "id of a point"});
      }
    std::int64_t ms = 0;
    if (message.op == LiveMessage::Op::subscribe &&
        body.integer("interval_ms", ms, ObjectReader::kOptional, 100, 60'000))
      message.interval = std::chrono::milliseconds(ms);
  } else if (!op.empty()) {
    body.fault("request.choice", "op", op, "subscribe, unsubscribe or ack");
  }
  if (faults.empty()) body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  return message;
}

}  // namespace karez::api
