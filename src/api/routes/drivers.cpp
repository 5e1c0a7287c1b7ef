// SPDX-License-Identifier: Apache-2.0
#include "api/form_schema.h"
#include "api/routes/routes.h"
#include "api/views.h"
#include "base/format.h"

namespace karez::api::routes {
namespace {

constexpr Duration kTryFor = std::chrono::seconds(15);

/// The driver's own advice knows more of the case, but is English.
std::string cure_for(const Error& error, Lang lang) {
  const std::string_view known = cure_of(error.slug(), lang);
  return std::string(known.empty() || (lang == Lang::en && !error.cure_text().empty()) ? error.cure_text() : known);
}

std::string short_reason(const Error& error, Lang lang) {
  std::string all = explain(error.slug(), error.text(), lang);
  return all.size() <= 500 ? all : std::string(title_of(error.slug(), lang));
}

Answer list(Call& call) {
  KZ_TRY(const auto query, list_query(call));
  const auto& drivers = call.services.drivers;
  KZ_TRY(const auto page, page_of(std::vector<const connect::DriverInfo*>(drivers.begin(), drivers.end()), query));
  return page_response(page, [](JsonWriter& out, const connect::DriverInfo* d) {
    out.begin_object().field("id", d->id).key("name").begin_object();
    out.field("zh", d->name_zh).field("en", d->name_en).end_object().key("capabilities").begin_array();
    out.string("test");
    if (d->can_browse) out.string("browse");
    out.string(d->subscribes ? "subscribe" : "poll");
    if (d->can_write) out.string("write");
    out.end_array().key("link_schema").raw(d->link_schema).key("device_schema").raw(d->device_schema);
    out.key("address_schema").raw(d->address_schema).end_object();
  });
}

Result<const connect::DriverInfo*> driver_of(const Call& call) {
  if (const auto* d = find_driver(call.services, call.path[0])) return d;
  return fail(Errc::not_found, "registry.not_found", "No such driver.");
}

/// The link to try: a filled-in form, or a saved link with its secrets.
Result<connect::LinkConfig> link_to_try(Call& call, ObjectReader& body, Faults& faults,
                                        const connect::DriverInfo& driver) {
  connect::LinkConfig link{.id = {}, .tenant = call.scope.tenant, .name = {}, .config = "{}"};
  const JsonValue form = body.object("link", ObjectReader::kOptional);
  model::LinkId id;
  const bool saved =
      body.parsed("link_id", id, ObjectReader::kOptional, "id of a link", model::parse_id<model::LinkId>);
  if (body.has("link") == body.has("link_id")) {
    body.fault("request.one_of", "link", {}, "link or link_id");
    return link;
  }
  if (form) {
    KZ_TRY(const auto schema, JsonDocument::parse(driver.link_schema));
    check_form(schema.root(), form, "/link", faults);
    link.config = form.dump();
  } else if (saved) {
    KZ_TRY(const model::Link row, call.services.registry.link(call.scope, id));
    if (row.driver != driver.id)
      return fail(Error(Errc::invalid_argument, "request.choice").with("The link has another driver.").at("/link_id"));
    link.name = row.name;
    link.config = row.config;
  }
  return link;
}

Answer test(Call& call) {
  KZ_TRY(const connect::DriverInfo* driver, driver_of(call));
  Faults faults;
  ObjectReader body(call.body, "", faults);
  KZ_TRY(const auto link, link_to_try(call, body, faults, *driver));
  auto points = std::make_shared<connect::PointMap>();
  points->tenant = call.scope.tenant;
  connect::PointMap::Device device{.id = {}, .name = "test", .config = "{}"};
  if (const JsonValue form = body.object("device", ObjectReader::kOptional)) {
    KZ_TRY(const auto schema, JsonDocument::parse(driver->device_schema));
    check_form(schema.root(), form, "/device", faults);
    device.config = form.dump();
  }
  points->devices.push_back(std::move(device));
  if (const auto addresses = body.array("addresses", ObjectReader::kOptional, 0, 200))
    for (std::size_t i = 0; i < addresses->size(); ++i) {
      const auto text = (*addresses)[i].string();
      const auto parsed = text ? call.services.links.validate(driver->id, *text)
                               : Result<connect::Address>(fail(Errc::invalid_argument, "request.type"));
      if (!parsed) {
        faults.add({.slug = std::string(parsed.error().slug()),
                    .pointer = karez::format("/addresses/{}", i),
                    .text = std::string(parsed.error().text()),
                    .value = std::string(text.value_or("")),
                    .expected = {}});
        continue;
      }
      points->points.push_back({.id = {}, .device = 0, .address = parsed->canonical, .type = parsed->type});
    }
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  KZ_TRY(const auto report, call.services.links.test(driver->id, link, points, kTryFor));

  const Lang lang = call.request.lang;
  JsonWriter out;
  out.begin_object().field("ok", report.ok()).key("steps").begin_array();
  for (const connect::TestStep& s : report.steps) {
    out.begin_object().field("name", s.name).field("ok", s.ok);
    out.field("ms", std::chrono::duration<double, std::milli>(s.took).count());
    out.field("text", s.error ? explain(s.error->slug(), s.error->text(), lang) : s.text).key("slug");
    write_or_null(out, s.error ? s.error->slug() : std::string_view{});
    write_or_null(out.key("cure"), s.error ? cure_for(*s.error, lang) : std::string{});
    out.end_object();
  }
  out.end_array().key("identity").begin_object();
  for (const auto& [name, value] : report.identity) out.field(name, value);
  out.end_object().key("values").begin_array();
  for (const connect::TestValue& v : report.values) {
    out.begin_object().field("address", v.address);
    write_or_null(out.key("value"), v.text);
    write_quality(out.key("quality"), v.quality, lang, v.error ? short_reason(*v.error, lang) : std::string{});
    out.end_object();
  }
  out.end_array().key("limits").begin_object();
  for (const auto& [name, value] : report.limits) out.field(name, value);
  out.end_object().end_object();
  return json_response(out.take());
}

void write_browse_node(JsonWriter& out, const connect::BrowseNode& n, Lang lang) {
  constexpr std::string_view kKinds[] = {"folder", "object", "variable"};
  out.begin_object().field("id", n.id).field("name", n.name).field("display", n.display);
  out.field("description", n.description).field("kind", kKinds[static_cast<std::size_t>(n.kind)]).key("type");
  if (n.type == model::ValueType::none) out.null();
  else out.string(model::to_string(n.type));
  write_or_null(out.key("unit"), n.unit);
  out.field("native_type", n.native_type);
  write_or_null(out.key("value"), n.value);
  out.key("quality");
  if (n.value.empty()) out.null();
  else write_quality(out, n.quality, lang);
  out.field("has_children", n.has_children).key("child_count").null();
  write_or_null(out.key("address"), n.address);
  out.field("writable", n.writable).end_object();
}

Answer browse(Call& call) {
  KZ_TRY(const connect::DriverInfo* driver, driver_of(call));
  if (!driver->can_browse) return std::unexpected(Problem(501, "connect.unsupported"));
  Faults faults;
  ObjectReader body(call.body, "", faults);
  KZ_TRY(const auto link, link_to_try(call, body, faults, *driver));
  connect::BrowseRequest request;
  body.nullable_text("node", request.node, 2048);
  body.nullable_text("continuation", request.continuation, 4096);
  std::int64_t limit = 200;
  body.integer("limit", limit, ObjectReader::kOptional, 1, 1000);
  request.limit = static_cast<std::size_t>(limit);
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  KZ_TRY(const auto page, call.services.links.browse(driver->id, link, request, kTryFor));
  JsonWriter out;
  out.begin_object().key("nodes").begin_array();
  for (const connect::BrowseNode& n : page.nodes) write_browse_node(out, n, call.request.lang);
  out.end_array().key("continuation");
  write_or_null(out, page.continuation);
  out.end_object();
  return json_response(out.take());
}

/// "/12" of an address error is its column.
std::size_t column_of(std::string_view pointer) {
  std::size_t column = 0;
  if (pointer.starts_with('/')) (void)std::from_chars(pointer.data() + 1, pointer.data() + pointer.size(), column);
  return column;
}

Answer validate(Call& call) {
  KZ_TRY(const connect::DriverInfo* driver, driver_of(call));
  Faults faults;
  ObjectReader body(call.body, "", faults);
  const auto addresses = body.array("addresses", ObjectReader::kRequired, 1, 10'000);
  if (addresses)
    for (std::size_t i = 0; i < addresses->size(); ++i)
      if (const auto s = (*addresses)[i].string(); !s || s->size() > 1024)
        faults.add({.slug = s ? "request.length" : "request.type",
                    .pointer = karez::format("/addresses/{}", i),
                    .expected = "text of at most 1024 bytes"});
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  JsonWriter out;
  std::uint64_t bad = 0;
  out.begin_object().key("items").begin_array();
  for (const JsonValue a : *addresses) {
    const auto parsed = call.services.links.validate(driver->id, *a.string());
    out.begin_object().field("ok", parsed.has_value());
    if (parsed) {
      out.field("address", parsed->canonical).field("type", model::to_string(parsed->type));
      out.field("writable", parsed->writable);
    } else {
      ++bad;
      const std::size_t column = column_of(parsed.error().pointer());
      out.key("column");
      if (column > 0) out.unsigned_integer(column);
      else out.null();
      out.field("slug", parsed.error().slug());
      out.field("text", explain(parsed.error().slug(), parsed.error().text(), call.request.lang));
    }
    out.end_object();
  }
  out.end_array().field("bad", bad).end_object();
  return json_response(out.take());
}

}  // namespace

std::vector<Route> drivers() {
  return {
      {.method = Method::get, .path = "/api/v1/t/{tenant}/drivers", .need = Need::viewer, .handler = list},
      {.method = Method::post,
       .path = "/api/v1/t/{tenant}/drivers/{driver}/test",
       .need = Need::engineer,
       .handler = test,
       .body = Body::json,
       .waits = Waits::device},
      {.method = Method::post,
       .path = "/api/v1/t/{tenant}/drivers/{driver}/browse",
       .need = Need::engineer,
       .handler = browse,
       .body = Body::json,
       .waits = Waits::device},
      {.method = Method::post,
       .path = "/api/v1/t/{tenant}/drivers/{driver}/validate",
       .need = Need::engineer,
       .handler = validate,
       .body = Body::json,
       .max_body = 16u << 20},
  };
}

}  // namespace karez::api::routes
