// SPDX-License-Identifier: Apache-2.0
#include "server/demo_import.h"

#include <map>

#include "base/format.h"
#include "base/json.h"

namespace karez::server {
namespace {

using Keys = std::map<std::string, std::uint64_t, std::less<>>;

std::unexpected<Error> bad(std::string_view what) {
  return fail(Error(Errc::corrupt, "demo.bad_description").with(what).cure("Build the demonstration plant again."));
}

std::string text(JsonValue object, std::string_view name) { return std::string(object[name].string().value_or("")); }

/// `"${MODBUS_PORT}"` becomes the number, inside another text the digits.
std::string with_ports(std::string config, const PlantPorts& ports) {
  const std::pair<std::string_view, std::uint16_t> names[] = {
      {"${MODBUS_PORT}", ports.modbus}, {"${OPCUA_PORT}", ports.opcua}, {"${MQTT_PORT}", ports.mqtt}};
  for (const auto& [name, port] : names) {
    const std::string quoted = karez::format("\"{}\"", name), number = std::to_string(port);
    for (std::size_t at = 0; (at = config.find(quoted, at)) != std::string::npos;)
      config.replace(at, quoted.size(), number);
    for (std::size_t at = 0; (at = config.find(name, at)) != std::string::npos;)
      config.replace(at, name.size(), number);
  }
  return config;
}

Result<> import_enterprise(catalog::PlantRegistry& registry, const model::Scope& scope, JsonValue from) {
  KZ_TRY(model::Tenant tenant, registry.tenant(scope.tenant));
  if (!tenant.industry.empty()) return {};  // somebody gave it its data already
  tenant.name = text(from, "name");
  tenant.uscc = text(from, "uscc");
  tenant.industry = text(from, "industry");
  tenant.region = text(from, "region");
  if (const auto zone = text(from, "time_zone"); !zone.empty()) tenant.time_zone = zone;
  KZ_CHECK(registry.update_tenant(scope, tenant));
  return {};
}

Result<> import_equipment(catalog::PlantRegistry& registry, const model::Scope& scope, JsonValue list, Keys& keys) {
  catalog::ListQuery roots;
  roots.parent = model::EquipmentId{};
  KZ_TRY(const auto root, registry.equipment(scope, roots));
  if (root.items.empty()) return bad("The enterprise has no root in the equipment tree.");
  keys[""] = root.items.front().id.value;
  for (const JsonValue from : list.elements()) {
    const auto parent = keys.find(text(from, "parent"));
    const auto level = model::parse_equipment_level(text(from, "level"));
    if (parent == keys.end() || !level)
      return bad("An equipment node has no such parent or level: " + text(from, "key"));
    model::Equipment node;
    node.tenant = scope.tenant;
    node.parent = {parent->second};
    node.level = *level;
    node.name = text(from, "name");
    node.description = text(from, "description");
    KZ_TRY(const auto made, registry.create_equipment(scope, node));
    keys[text(from, "key")] = made.id.value;
  }
  return {};
}

Result<model::Point> read_point(JsonValue from, model::TenantId tenant) {
  model::Point p;
  p.tenant = tenant;
  p.name = text(from, "name");
  p.description = text(from, "description");
  p.address = text(from, "address");
  p.unit = text(from, "unit");
  const auto type = model::parse_value_type(text(from, "type"));
  if (!type || p.name.empty() || p.address.empty()) return bad("A point lacks name, address or type: " + p.name);
  p.type = *type;
  p.scale = from["scale"].number().value_or(1);
  p.offset = from["offset"].number().value_or(0);
  p.deadband = from["deadband"].number().value_or(0);
  p.precision = static_cast<int>(from["precision"].integer().value_or(-1));
  p.period = std::chrono::milliseconds(from["period_ms"].integer().value_or(1000));
  p.expected_interval = std::chrono::milliseconds(from["expected_interval_ms"].integer().value_or(0));
  if (text(from, "access") == "read_write") p.access = model::Access::read_write;
  if (text(from, "interpolation") == "step") p.interpolation = model::Interpolation::step;
  p.display = {from["display_low"].number(), from["display_high"].number()};
  p.normal = {from["normal_low"].number(), from["normal_high"].number()};
  p.limit = {from["limit_low"].number(), from["limit_high"].number()};
  return p;
}

/// The ids of the points just made whose description names a recording.
Result<> note_backfills(catalog::PlantRegistry& registry, const model::Scope& scope, model::DeviceId device,
                        JsonValue points, std::vector<Backfill>& out) {
  catalog::ListQuery query;
  query.device = device;
  query.limit = 1000;
  KZ_TRY(const auto made, registry.points(scope, query));
  for (const JsonValue point : points.elements()) {
    const JsonValue backfill = point["backfill"];
    const auto row = std::ranges::find(made.items, text(point, "name"), &model::Point::name);
    if (!backfill.is_object() || row == made.items.end()) continue;
    out.push_back({.point = row->id,
                   .file = text(backfill, "file"),
                   .step = std::chrono::milliseconds(backfill["step_ms"].integer().value_or(0))});
    if (out.back().file.empty() || out.back().file.contains('/') || out.back().step <= Duration{0})
      return bad("A backfill names no file or step: " + row->name);
  }
  return {};
}

Result<std::vector<Backfill>> import_devices(catalog::PlantRegistry& registry, const model::Scope& scope,
                                             JsonValue list, const Keys& links, const Keys& equipment) {
  std::vector<Backfill> backfills;
  for (const JsonValue from : list.elements()) {
    catalog::NewDevice device;
    model::Device& d = device.device;
    d.tenant = scope.tenant;
    d.name = text(from, "name");
    const auto link = links.find(text(from, "link"));
    const auto place = equipment.find(text(from, "equipment"));
    const auto device_class = model::parse_device_class(text(from, "class"));
    const auto origin = model::parse_origin(text(from, "origin"));
    if (link == links.end() || place == equipment.end() || !device_class || !origin)
      return bad("A device has no such link, equipment, class or origin: " + d.name);
    d.link = {link->second};
    d.equipment = {place->second};
    d.device_class = *device_class;
    d.origin = *origin;
    d.description = text(from, "description");
    d.manufacturer = text(from, "manufacturer");
    d.model = text(from, "model");
    d.config = from["config"] ? from["config"].dump() : "{}";
    for (const JsonValue point : from["points"].elements()) {
      KZ_TRY(auto read, read_point(point, scope.tenant));
      device.points.push_back(std::move(read));
    }
    KZ_TRY(const auto made, registry.create_device(scope, device));
    KZ_CHECK(note_backfills(registry, scope, made.id, from["points"], backfills));
  }
  return backfills;
}

}  // namespace

Result<std::vector<Backfill>> import_plant(catalog::PlantRegistry& registry, model::TenantId tenant,
                                           std::string_view description, const PlantPorts& ports) {
  KZ_TRY(const auto doc, JsonDocument::parse_config(description));
  const model::Scope scope{.tenant = tenant, .role = model::Role::owner, .user = {}, .subtrees = {}};
  catalog::ListQuery all;
  all.limit = 1000;
  KZ_TRY(const auto present, registry.links(scope, all));
  Keys links;
  bool first_time = false;
  for (const JsonValue from : doc["links"].elements()) {
    const std::string name = text(from, "name"), config = with_ports(from["config"].dump(), ports);
    const auto old = std::ranges::find(present.items, name, &model::Link::name);
    if (old != present.items.end()) {
      model::Link changed = *old;
      changed.config = config;
      KZ_CHECK(registry.update_link(scope, changed));
      continue;
    }
    first_time = true;
    model::Link link;
    link.tenant = tenant;
    link.name = name;
    link.driver = text(from, "driver");
    link.config = config;
    KZ_TRY(const auto made, registry.create_link(scope, link));
    links[text(from, "key")] = made.id.value;
  }
  if (!first_time) return std::vector<Backfill>{};
  KZ_CHECK(import_enterprise(registry, scope, doc["enterprise"]));
  Keys equipment;
  KZ_CHECK(import_equipment(registry, scope, doc["equipment"], equipment));
  return import_devices(registry, scope, doc["devices"], links, equipment);
}

}  // namespace karez::server
