// SPDX-License-Identifier: Apache-2.0
#include "api/views.h"

#include <cmath>

#include "api/form_schema.h"

namespace karez::api {
namespace {

double to_ms(Duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

void write_config(JsonWriter& out, std::string_view schema, std::string_view config) {
  std::vector<std::string> secrets;
  out.key("config").raw(public_config(schema, config, &secrets)).key("secrets_set").begin_array();
  for (const std::string& s : secrets) out.string(s);
  out.end_array();
}

void write_state(JsonWriter& out, const ConnState& state, Lang lang) {
  out.field("state", connect::to_string(state.state)).key("reason");
  write_reason(out, state.slug, state.text, lang);
  write_time(out.key("since"), state.since);
}

}  // namespace

std::string_view quality_class(model::Quality q) { return q.good() ? "good" : q.uncertain() ? "uncertain" : "bad"; }

void write_quality(JsonWriter& out, model::Quality q, Lang lang, std::string_view text) {
  constexpr std::string_view kText[][2] = {{"The value can be trusted", "数值可信"},
                                           {"The value is uncertain", "数值不确定"},
                                           {"The value is bad", "数值无效"}};
  const std::size_t i = q.good() ? 0 : q.uncertain() ? 1 : 2;
  out.begin_object().field("code", q.code).field("class", quality_class(q)).field("name", model::quality_name(q));
  if (text.empty()) text = kText[i][lang == Lang::zh ? 1 : 0];
  out.field("text", text).end_object();
}

void write_time(JsonWriter& out, Timestamp time) {
  if (time == kMinTime || time == kMaxTime) out.null();
  else out.string(to_rfc3339(time));
}

void write_or_null(JsonWriter& out, std::string_view text) {
  if (text.empty()) out.null();
  else out.string(text);
}

void write_value(JsonWriter& out, model::ValueType type, std::uint64_t bits, std::string_view text,
                 std::uint8_t flags) {
  if ((flags & model::flag::kGap) != 0) {
    out.null();
    return;
  }
  switch (type) {
    case model::ValueType::none: out.null(); break;
    case model::ValueType::boolean: out.boolean(bits != 0); break;
    case model::ValueType::int64: out.integer_string(model::as_int64(bits)); break;
    case model::ValueType::float64: out.number(model::as_double(bits)); break;
    case model::ValueType::text: out.string(text); break;
  }
}

void write_tenant(JsonWriter& out, const model::Tenant& t) {
  out.begin_object().field("id", to_string(t.id)).field("name", t.name);
  write_or_null(out.key("uscc"), t.uscc);
  write_or_null(out.key("industry"), t.industry);
  write_or_null(out.key("region"), t.region);
  out.field("time_zone", t.time_zone).field("needs_enterprise", t.industry.empty()).end_object();
}

const connect::DriverInfo* find_driver(const Services& services, std::string_view id) {
  const auto it = std::ranges::find_if(services.drivers, [&](const auto* d) { return d->id == id; });
  return it == services.drivers.end() ? nullptr : *it;
}
std::string_view link_schema(const Services& services, std::string_view driver) {
  const auto* d = find_driver(services, driver);
  return d ? d->link_schema : "{}";
}
std::string_view device_schema(const Services& services, std::string_view driver) {
  const auto* d = find_driver(services, driver);
  return d ? d->device_schema : "{}";
}

void write_link_stats(JsonWriter& out, const connect::LinkStats& s) {
  out.begin_object();
  out.field("requests", s.requests).field("responses", s.responses).field("bytes_in", s.bytes_in);
  out.field("bytes_out", s.bytes_out).field("retries", s.retries).field("timeouts", s.timeouts);
  out.field("exceptions", s.exceptions).field("framing_errors", s.framing_errors).field("resyncs", s.resyncs);
  out.field("late_dropped", s.late_dropped).field("reconnects", s.reconnects);
  out.field("breaker_openings", s.breaker_openings).field("overruns", s.overruns);
  out.field("samples_good", s.samples_good).field("samples_bad", s.samples_bad).field("suppressed", s.suppressed);
  out.field("lost", s.lost).field("writes_done", s.writes_done).field("writes_refused", s.writes_refused);
  out.field("writes_failed", s.writes_failed).field("writes_unknown", s.writes_unknown);
  for (const auto& [name, value] : {std::pair("rtt_p50_ms", s.rtt_p50), std::pair("rtt_p95_ms", s.rtt_p95)}) {
    out.key(name);
    if (s.responses == 0 && value == Duration{0}) out.null();
    else out.number(to_ms(value));
  }
  write_or_null(out.key("last_error"), s.last_error);
  write_time(out.key("last_error_at"), s.last_error_at);
  write_time(out.key("last_sample_at"), s.last_sample_at);
  out.end_object();
}

void write_link(JsonWriter& out, Call& call, States& states, const Plant& plant, const model::Link& link) {
  std::uint64_t devices = 0, points = 0;
  for (const auto& [id, device] : plant.devices)
    if (device.link == link.id) {
      ++devices;
      points += device.count;
    }
  out.begin_object().field("id", to_string(link.id)).field("name", link.name).field("driver", link.driver);
  write_config(out, link_schema(call.services, link.driver), link.config);
  out.field("enabled", link.enabled);
  write_state(out, states.of_link(link), call.request.lang);
  out.field("device_count", devices).field("point_count", points);
  write_link_stats(out.key("stats"), states.link(link.id).stats);
  out.end_object();
}

void write_device(JsonWriter& out, Call& call, States& states, const Plant& plant, const catalog::DeviceRow& d) {
  const LiveView::Freshness fresh = call.shared.live.freshness(plant, d.id);
  const DeviceInfo info{.id = d.id, .link = d.link, .enabled = d.enabled};
  out.begin_object().field("id", to_string(d.id)).field("name", d.name).field("description", d.description);
  out.field("class", model::to_string(d.device_class));
  write_or_null(out.key("link"), d.link ? to_string(d.link) : std::string());
  write_or_null(out.key("link_name"), d.link_name);
  write_or_null(out.key("driver"), d.driver);
  write_or_null(out.key("equipment"), d.equipment ? to_string(d.equipment) : std::string());
  write_or_null(out.key("equipment_name"), d.equipment_name);
  write_config(out, device_schema(call.services, d.driver), d.config);
  out.field("manufacturer", d.manufacturer).field("model", d.model).field("enabled", d.enabled);
  out.field("origin", model::to_string(d.origin));
  write_state(out, states.of_device(info, fresh), call.request.lang);
  out.field("good_points", fresh.good).field("total_points", d.points);
  write_time(out.key("last_value_at"), fresh.last);
  out.end_object();
}

std::string_view access_name(model::Access access) {
  switch (access) {
    case model::Access::read: return "read";
    case model::Access::write: return "write";
    case model::Access::read_write: return "read_write";
  }
  return "read";
}

void write_point(JsonWriter& out, const catalog::PointRow& p) {
  const auto optional_number = [&](std::string_view name, const std::optional<double>& v) {
    out.key(name);
    if (v) out.number(*v);
    else out.null();
  };
  out.begin_object().field("id", to_string(p.id)).field("device", to_string(p.device));
  out.field("device_name", p.device_name).field("name", p.name).field("description", p.description);
  out.field("address", p.address).field("type", model::to_string(p.type));
  write_or_null(out.key("unit"), p.unit);
  out.field("scale", p.scale).field("offset", p.offset).key("precision");
  if (p.precision < 0) out.null();
  else out.integer(p.precision);
  out.field("deadband", p.deadband);
  out.field("period_ms", std::chrono::duration_cast<std::chrono::milliseconds>(p.period).count());
  out.field("access", access_name(p.access));
  optional_number("display_low", p.display.low);
  optional_number("display_high", p.display.high);
  optional_number("normal_low", p.normal.low);
  optional_number("normal_high", p.normal.high);
  optional_number("limit_low", p.limit.low);
  optional_number("limit_high", p.limit.high);
  out.field("interpolation", p.interpolation == model::Interpolation::linear ? "linear" : "step");
  out.field("origin", model::to_string(p.origin)).key("expected_interval_ms");
  if (p.expected_interval > Duration{0})
    out.integer(std::chrono::duration_cast<std::chrono::milliseconds>(p.expected_interval).count());
  else out.null();
  out.field("history", p.history).field("enabled", p.enabled).end_object();
}

Response created(std::string body, std::string location, std::uint64_t version) {
  return json_response(std::move(body), 201).with("Location", std::move(location)).with("ETag", etag_of(version));
}

}  // namespace karez::api
