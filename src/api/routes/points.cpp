// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "api/routes/bodies.h"
#include "api/routes/point_rows.h"
#include "api/routes/routes.h"
#include "api/views.h"
#include "api/write_value.h"

namespace karez::api::routes {
namespace {

constexpr Duration kWriteWithin = std::chrono::seconds(10);

Answer list(Call& call) {
  KZ_TRY(auto query, point_filter(call));
  KZ_TRY(query.query.sort, query_sort(call, {"name", "address", "device_name", "type"}));
  if (query.nothing) return page_response(catalog::Page<int>{}, [](JsonWriter&, int) {});
  KZ_TRY(const auto page, call.services.registry.points(call.scope, query.query));
  return page_response(page, [](JsonWriter& out, const catalog::PointRow& p) { write_point(out, p); });
}

Answer create(Call& call) {
  KZ_TRY(const bool dry_run, call.query.boolean("dry_run", false));
  KZ_TRY(const bool skip_bad, call.query.boolean("skip_bad", false));
  if (!call.body.is_array() || call.body.size() == 0 || call.body.size() > 10'000)
    return std::unexpected(
        Error(Errc::invalid_argument, "request.too_many").with("An array of 1 to 10,000 points is expected."));
  PointRows rows(call);
  std::size_t i = 0;
  for (const JsonValue value : call.body.elements()) {
    Faults faults;
    ObjectReader body(value, "", faults);
    model::Point point;
    point.tenant = call.scope.tenant;
    body.parsed("device", point.device, ObjectReader::kRequired, "id of a device", model::parse_id<model::DeviceId>);
    read_point(body, point, true);
    if (point.device) {
      if (const auto driver = rows.driver_of(point.device)) check_address(call, body, *driver, point);
      else body.fault("registry.not_found", "device", to_string(point.device), "id of a device");
    }
    body.finish();
    rows.add(i++, std::move(point), faults.items());
  }
  KZ_CHECK(rows.create(dry_run, skip_bad));
  JsonWriter out;
  out.begin_object().field("rows_ok", rows.ok_count()).field("rows_bad", rows.rows().size() - rows.ok_count());
  out.field("created", rows.created()).key("results").begin_array();
  for (const PointRows::Row& row : rows.rows()) {
    out.begin_object().field("row", row.index).field("ok", row.faults.empty());
    write_or_null(out.key("id"), row.id ? to_string(row.id) : std::string());
    out.key("errors").begin_array();
    for (std::size_t k = 0; k < std::min<std::size_t>(row.faults.size(), 30); ++k)
      write_item(out, row.faults[k], call.request.lang);
    out.end_array().end_object();
  }
  out.end_array().end_object();
  return json_response(out.take());
}

Answer point_answer(const catalog::PointRow& row) {
  JsonWriter out;
  write_point(out, row);
  return json_response(out.take()).with("ETag", etag_of(row.version));
}

Answer get(Call& call) {
  KZ_TRY(const auto id, call.id<model::PointId>());
  KZ_TRY(const auto row, call.services.registry.point(call.scope, id));
  return point_answer(row);
}

Answer update(Call& call) {
  KZ_TRY(const auto id, call.id<model::PointId>());
  KZ_TRY(const auto row, call.services.registry.point(call.scope, id));
  auto point = patched(call, model::Point(row), [&](ObjectReader& body, Faults&, model::Point& p) -> Result<> {
    read_point(body, p, false);
    if (body.has("address")) {
      PointRows rows(call);
      if (const auto driver = rows.driver_of(p.device)) check_address(call, body, *driver, p);
    }
    return {};
  });
  if (!point) return std::unexpected(std::move(point).error());
  KZ_CHECK(call.services.registry.update_point(call.scope, *point));
  call.shared.live.changed(call.scope.tenant);
  KZ_TRY(const auto updated, call.services.registry.point(call.scope, id));
  return point_answer(updated);
}

Answer remove(Call& call) {
  KZ_TRY(const auto id, call.id<model::PointId>());
  KZ_TRY(const auto row, call.services.registry.point(call.scope, id));
  KZ_CHECK(call.services.registry.remove_point(call.scope, id, call.expected(row.version)));
  call.shared.live.changed(call.scope.tenant);
  KZ_CHECK(forget_points(call, std::span(&id, 1)));
  return no_content();
}

/// A JSON value as a value of the point's type; nothing when it does not fit.
std::optional<connect::Write> to_write(const model::Point& point, JsonValue value) {
  connect::Write w{.entry = 0, .point = point.id, .type = point.type, .bits = 0, .text = {}};
  switch (point.type) {
    case model::ValueType::boolean:
      if (!value.boolean()) return std::nullopt;
      w.bits = model::bits_of(*value.boolean());
      return w;
    case model::ValueType::int64: {
      if (const auto n = value.integer()) {
        w.bits = model::bits_of(*n);
        return w;
      }
      const auto s = value.string();
      std::int64_t n = 0;
      if (!s || s->empty()) return std::nullopt;
      const auto [end, ec] = std::from_chars(s->data(), s->data() + s->size(), n);
      if (ec != std::errc{} || end != s->data() + s->size()) return std::nullopt;
      w.bits = model::bits_of(n);
      return w;
    }
    case model::ValueType::float64:
      if (!value.number() || !std::isfinite(*value.number())) return std::nullopt;
      w.bits = model::bits_of(*value.number());
      return w;
    case model::ValueType::text:
      if (!value.string()) return std::nullopt;
      w.text = *value.string();
      return w;
    case model::ValueType::none: break;
  }
  return std::nullopt;
}

Answer write_answer(std::string_view result, std::string_view read_back, std::string_view slug, std::string_view text,
                    Lang lang) {
  JsonWriter out;
  out.begin_object().field("result", result);
  write_or_null(out.key("read_back"), read_back);
  out.field("text", slug.empty() ? std::string(text) : explain(slug, text, lang));
  write_or_null(out.key("slug"), slug);
  out.end_object();
  return json_response(out.take());
}

/// Whether the latest value is the one the writer saw.
bool is_present(const Call& call, const connect::Write& expected) {
  const stream::Latest now = call.services.latest.get(expected.point);
  if (!now.known() || now.type != expected.type) return false;
  if (expected.type == model::ValueType::text) return now.text == expected.text;
  if (expected.type == model::ValueType::float64)
    return std::abs(model::as_double(now.bits) - model::as_double(expected.bits)) <=
           1e-9 * std::max(1.0, std::abs(model::as_double(expected.bits)));
  return now.bits == expected.bits;
}

Answer write(Call& call) {
  KZ_TRY(const auto id, call.id<model::PointId>());
  KZ_TRY(const auto point, call.services.registry.point(call.scope, id));
  Faults faults;
  ObjectReader body(call.body, "", faults);
  const JsonValue value = body.any("value", ObjectReader::kRequired), expected = body.any("expected");
  auto wanted = to_write(point, value);
  if (value && !wanted) body.fault("request.type", "value", value.dump().substr(0, 100), model::to_string(point.type));
  const auto before = expected ? to_write(point, expected) : std::nullopt;
  if (expected && !before)
    body.fault("request.type", "expected", expected.dump().substr(0, 100), model::to_string(point.type));
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  const Lang lang = call.request.lang;
  if (point.access == model::Access::read)
    return write_answer("refused", {}, "point.read_only", "The point cannot be written.", lang);
  if (!point.link)
    return write_answer("refused", {}, "point.no_driver", "The point has no driver that could write it.", lang);
  if (auto problem = out_of_limits(point, *wanted, lang)) return std::unexpected(std::move(*problem));
  if (before && !is_present(call, *before))
    return write_answer("refused", {}, "point.changed", "The present value is another one.", lang);
  auto results = call.services.links.write(point.link, {std::move(*wanted)}, kWriteWithin);
  if (!results)
    return write_answer(results.error().code() == Errc::timeout ? "unknown" : "refused", {}, results.error().slug(),
                        results.error().text(), lang);
  if (results->empty()) return std::unexpected(Problem(500, "connect.no_result"));
  const connect::WriteResult& r = results->front();
  if (r.outcome == connect::WriteResult::Outcome::done)
    call.services.evidence.add(evidence::Kind::writes_done, call.scope.tenant, point.origin);
  return write_answer(connect::to_string(r.outcome), engineering_text(point, r.read_back),
                      r.error ? r.error->slug() : std::string_view{},
                      r.error ? r.error->text() : std::string_view{"Written."}, lang);
}

}  // namespace

std::vector<Route> points() {
  constexpr std::string_view kAll = "/api/v1/t/{tenant}/points", kOne = "/api/v1/t/{tenant}/points/{id}";
  return {
      {.method = Method::get, .path = kAll, .need = Need::viewer, .handler = list},
      {.method = Method::post,
       .path = kAll,
       .need = Need::engineer,
       .handler = create,
       .body = Body::json,
       .max_body = 16u << 20},
      {.method = Method::get, .path = kOne, .need = Need::viewer, .handler = get},
      {.method = Method::patch,
       .path = kOne,
       .need = Need::engineer,
       .handler = update,
       .body = Body::json,
       .if_match = true},
      {.method = Method::del, .path = kOne, .need = Need::engineer, .handler = remove, .if_match = true},
      {.method = Method::post,
       .path = "/api/v1/t/{tenant}/points/{id}/write",
       .need = Need::operator_,
       .handler = write,
       .body = Body::json,
       .waits = Waits::device},
  };
}

}  // namespace karez::api::routes
