// SPDX-License-Identifier: Apache-2.0
#include "api/routes/bodies.h"

#include "api/form_schema.h"
#include "api/ingest.h"
#include "api/views.h"
#include "model/unit.h"

namespace karez::api::routes {

Result<> read_new_link(Call& call, JsonValue value, const std::string& pointer, Faults& faults, model::Link& link) {
  ObjectReader body(value, pointer, faults);
  body.name("name", link.name, ObjectReader::kRequired);
  body.boolean("enabled", link.enabled);
  const connect::DriverInfo* driver = nullptr;
  if (body.text("driver", link.driver, ObjectReader::kRequired, 1, 64)) {
    driver = find_driver(call.services, link.driver);
    if (!driver) body.fault("request.choice", "driver", link.driver, "id of a driver");
  }
  if (const JsonValue config = body.object("config", ObjectReader::kRequired)) {
    link.config = config.dump();
    if (driver) {
      KZ_TRY(const auto schema, JsonDocument::parse(driver->link_schema));
      check_form(schema.root(), config, body.pointer_to("config"), faults);
    }
  }
  body.finish();
  return {};
}

Result<std::string> merged_config(std::string_view schema, std::string_view config, JsonValue patch,
                                  const std::string& pointer, Faults& faults) {
  const auto old = JsonDocument::parse(config.empty() ? "{}" : config);
  std::string merged = merge_patch(old ? old->root() : JsonValue{}, patch);
  KZ_TRY(const auto form, JsonDocument::parse(schema));
  KZ_TRY(const auto document, JsonDocument::parse(merged));
  check_form(form.root(), document.root(), pointer, faults);
  return merged;
}

namespace {

std::optional<model::Access> parse_access(std::string_view text) {
  if (text == "read") return model::Access::read;
  if (text == "write") return model::Access::write;
  if (text == "read_write") return model::Access::read_write;
  return std::nullopt;
}

std::optional<model::Interpolation> parse_interpolation(std::string_view text) {
  if (text == "linear") return model::Interpolation::linear;
  if (text == "step") return model::Interpolation::step;
  return std::nullopt;
}

void check_range(ObjectReader& body, std::string_view name, const model::Range& range) {
  if (range.low && range.high && *range.low > *range.high)
    body.fault("request.range", name, {}, "the low end below the high end");
}

}  // namespace

void read_point(ObjectReader& body, model::Point& p, bool creating) {
  const auto presence = creating ? ObjectReader::kRequired : ObjectReader::kOptional;
  body.name("name", p.name, presence);
  body.text("description", p.description, ObjectReader::kOptional, 0, 4000);
  body.text("address", p.address, presence, 1, 1024);
  if (creating) {
    body.parsed("type", p.type, presence, "bool, int64, double or string", [](std::string_view s) {
      auto type = model::parse_value_type(s);
      return type == model::ValueType::none ? std::nullopt : type;
    });
    p.interpolation = p.type == model::ValueType::float64 ? model::Interpolation::linear : model::Interpolation::step;
  }
  if (body.nullable_text("unit", p.unit, 64) && !p.unit.empty())
    if (auto unit = model::parse_unit(p.unit); !unit) body.fault(unit.error(), "unit");
  if (body.number("scale", p.scale) && p.scale == 0) body.fault("request.range", "scale", "0", "not 0");
  body.number("offset", p.offset);
  if (body.is_null("precision")) {
    (void)body.any("precision");
    p.precision = -1;
  } else if (std::int64_t n = 0; body.integer("precision", n, ObjectReader::kOptional, 0, 15)) {
    p.precision = static_cast<int>(n);
  }
  if (body.number("deadband", p.deadband) && p.deadband < 0) body.fault("request.range", "deadband", {}, "0 or more");
  if (std::int64_t ms = 0; body.integer("period_ms", ms, ObjectReader::kOptional, 10, 86'400'000))
    p.period = std::chrono::milliseconds(ms);
  body.parsed("access", p.access, ObjectReader::kOptional, "read, read_write or write", parse_access);
  body.nullable_number("display_low", p.display.low);
  body.nullable_number("display_high", p.display.high);
  body.nullable_number("normal_low", p.normal.low);
  body.nullable_number("normal_high", p.normal.high);
  body.nullable_number("limit_low", p.limit.low);
  body.nullable_number("limit_high", p.limit.high);
  check_range(body, "display_high", p.display);
  check_range(body, "normal_high", p.normal);
  check_range(body, "limit_high", p.limit);
  body.parsed("interpolation", p.interpolation, ObjectReader::kOptional, "linear or step", parse_interpolation);
  if (body.is_null("expected_interval_ms")) {
    (void)body.any("expected_interval_ms");
    p.expected_interval = Duration{0};
  } else if (std::int64_t ms = 0; body.integer("expected_interval_ms", ms, ObjectReader::kOptional, 1, 2'678'400'000)) {
    p.expected_interval = std::chrono::milliseconds(ms);
  }
  body.boolean("history", p.history);
  body.boolean("enabled", p.enabled);
}

void check_address(Call& call, ObjectReader& body, std::string_view driver, model::Point& point) {
  if (driver.empty() || point.address.empty()) return;
  auto parsed = call.services.links.validate(std::string(driver), point.address);
  if (!parsed) body.fault(parsed.error(), "address");
  else point.address = std::move(parsed->canonical);
}

void read_device(ObjectReader& body, model::Device& d, bool creating) {
  const auto presence = creating ? ObjectReader::kRequired : ObjectReader::kOptional;
  body.name("name", d.name, presence);
  body.text("description", d.description, ObjectReader::kOptional, 0, 4000);
  body.parsed("class", d.device_class, presence, "class of a device", model::parse_device_class);
  body.parsed("equipment", d.equipment, presence, "id of a node", model::parse_id<model::EquipmentId>);
  body.text("manufacturer", d.manufacturer, ObjectReader::kOptional, 0, 200);
  body.text("model", d.model, ObjectReader::kOptional, 0, 200);
  body.boolean("enabled", d.enabled);
  body.parsed("origin", d.origin, ObjectReader::kOptional, "real, replayed, simulated or unknown", model::parse_origin);
}

Result<> forget_points(Call& call, std::span<const model::PointId> points) {
  for (const model::PointId id : points) call.services.latest.forget(id);
  call.shared.ingest.forget(call.scope.tenant);
  if (points.empty()) return {};
  return call.services.history.remove(points, {.from = kMinTime, .to = kMaxTime});
}

}  // namespace karez::api::routes
