// SPDX-License-Identifier: Apache-2.0
#include "server/demo_import.h"

#include <map>

#include "base/format.h"
#include "base/json.h"

namespace karez::server {
namespace {

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

/// What was imported, by its key in the description; 0 for what is not there any more.
struct Marks {
  using Ids = std::map<std::string, std::uint64_t, std::less<>>;
  Ids links, equipment, devices;
  std::map<std::string, std::string, std::less<>> written;  ///< configuration of a link as it was last written
  bool fresh = true;                                        ///< there was no file
};

Result<Marks> read_marks(const Path& file) {
  Marks marks;
  if (!std::filesystem::exists(file)) return marks;
  marks.fresh = false;
  KZ_TRY(const std::string bytes, read_file(file));
  KZ_TRY(const auto doc, JsonDocument::parse(bytes));
  const auto read = [&](std::string_view name, Marks::Ids& ids) {
    for (const auto& [key, id] : doc[name].members())
      ids[std::string(key)] = static_cast<std::uint64_t>(id.integer().value_or(0));
  };
  read("links", marks.links);
  read("equipment", marks.equipment);
  read("devices", marks.devices);
  for (const auto& [key, config] : doc["written"].members()) marks.written[std::string(key)] = config.dump();
  return marks;
}

Result<> write_marks(const Path& file, const Marks& marks) {
  JsonWriter out;
  out.begin_object();
  const auto write = [&](std::string_view name, const Marks::Ids& ids) {
    out.key(name).begin_object();
    for (const auto& [key, id] : ids) out.field(key, id);
    out.end_object();
  };
  write("links", marks.links);
  write("equipment", marks.equipment);
  write("devices", marks.devices);
  out.key("written").begin_object();
  for (const auto& [key, config] : marks.written) out.key(key).raw(config);
  out.end_object().end_object();
  return write_file_atomic(file, as_bytes(out.view()));
}

/// `now` with the ports of today. A member that is not what was last written was changed by somebody and stays.
Result<std::string> with_todays_ports(std::string_view now, std::string_view last, JsonValue description,
                                      std::string_view today) {
  KZ_TRY(const auto present, JsonDocument::parse(now));
  KZ_TRY(const auto fresh, JsonDocument::parse(today));
  KZ_TRY(const auto before, JsonDocument::parse(last.empty() ? "{}" : last));
  JsonWriter out;
  out.begin_object();
  for (const auto& [name, value] : present.root().members()) {
    const bool is_port = description[name].string().value_or("").contains("${");
    const bool ours = last.empty() || before[name].dump() == value.dump();
    out.key(name).raw(is_port && ours ? fresh[name].dump() : value.dump());
  }
  out.end_object();
  return out.take();
}

class Importer {
 public:
  Importer(catalog::PlantRegistry& registry, model::TenantId tenant, Marks& marks)
      : registry_(registry),
        scope_{.tenant = tenant, .role = model::Role::owner, .user = {}, .subtrees = {}},
        marks_(marks) {}

  Result<> look_for_older_import(JsonValue links);
  Result<> links(JsonValue list, const PlantPorts& ports);
  Result<> equipment(JsonValue list);
  Result<> devices(JsonValue list);
  const model::Scope& scope() const { return scope_; }
  std::vector<Backfill> backfills;

 private:
  Result<std::vector<model::Link>> all_links() const;
  Result<> link(JsonValue from, const std::string& config, const std::vector<model::Link>& present);
  Result<> node(JsonValue from);
  Result<> device(JsonValue from);

  catalog::PlantRegistry& registry_;
  const model::Scope scope_;
  Marks& marks_;
  bool gone_without_mark_ = false;
};

Result<std::vector<model::Link>> Importer::all_links() const {
  std::vector<model::Link> out;
  catalog::ListQuery query;
  query.limit = 1000;
  do {
    KZ_TRY(auto page, registry_.links(scope_, query));
    std::ranges::move(page.items, std::back_inserter(out));
    query.cursor = page.next_cursor;
  } while (!query.cursor.empty());
  return out;
}

/// A plant imported before there were marks: whatever of it is not there was deleted.
Result<> Importer::look_for_older_import(JsonValue links) {
  KZ_TRY(const auto present, all_links());
  for (const JsonValue from : links.elements())
    if (std::ranges::contains(present, text(from, "name"), &model::Link::name)) gone_without_mark_ = true;
  return {};
}

Result<> Importer::links(JsonValue list, const PlantPorts& ports) {
  KZ_TRY(const auto present, all_links());
  for (const JsonValue from : list.elements()) KZ_CHECK(link(from, with_ports(from["config"].dump(), ports), present));
  return {};
}

Result<> Importer::link(JsonValue from, const std::string& config, const std::vector<model::Link>& present) {
  const std::string key = text(from, "key"), name = text(from, "name");
  const auto mark = marks_.links.find(key);
  const auto old = mark != marks_.links.end()
                       ? std::ranges::find(present, model::LinkId{mark->second}, &model::Link::id)
                       : std::ranges::find(present, name, &model::Link::name);
  if (old != present.end()) {
    model::Link changed = *old;
    KZ_TRY(changed.config, with_todays_ports(old->config, marks_.written[key], from["config"], config));
    if (changed.config != old->config) KZ_CHECK(registry_.update_link(scope_, changed));
    marks_.links[key] = old->id.value;
    marks_.written[key] = config;
    return {};
  }
  if (mark != marks_.links.end() || gone_without_mark_) {
    marks_.links[key] = 0;
    return {};
  }
  model::Link link;
  link.tenant = scope_.tenant;
  link.name = name;
  link.driver = text(from, "driver");
  link.config = config;
  KZ_TRY(const auto made, registry_.create_link(scope_, link));
  marks_.links[key] = made.id.value;
  marks_.written[key] = config;
  return {};
}

Result<> Importer::equipment(JsonValue list) {
  catalog::ListQuery roots;
  roots.parent = model::EquipmentId{};
  KZ_TRY(const auto root, registry_.equipment(scope_, roots));
  if (root.items.empty()) return bad("The enterprise has no root in the equipment tree.");
  marks_.equipment[""] = root.items.front().id.value;
  for (const JsonValue from : list.elements()) KZ_CHECK(node(from));
  return {};
}

Result<> Importer::node(JsonValue from) {
  const std::string key = text(from, "key");
  if (const auto mark = marks_.equipment.find(key); mark != marks_.equipment.end()) {
    if (!registry_.equipment(scope_, model::EquipmentId{mark->second})) mark->second = 0;
    return {};
  }
  const auto parent = marks_.equipment.find(text(from, "parent"));
  const auto level = model::parse_equipment_level(text(from, "level"));
  if (parent == marks_.equipment.end() || !level) return bad("An equipment node has no such parent or level: " + key);
  std::uint64_t& id = marks_.equipment[key] = 0;
  if (parent->second == 0) return {};
  model::Equipment node;
  node.tenant = scope_.tenant;
  node.parent = {parent->second};
  node.level = *level;
  node.name = text(from, "name");
  node.description = text(from, "description");
  catalog::ListQuery siblings;
  siblings.parent = node.parent;
  siblings.limit = 1000;
  KZ_TRY(const auto present, registry_.equipment(scope_, siblings));
  if (const auto old = std::ranges::find(present.items, node.name, &model::Equipment::name);
      old != present.items.end()) {
    id = old->id.value;
    return {};
  }
  if (gone_without_mark_) return {};
  KZ_TRY(const auto made, registry_.create_equipment(scope_, node));
  id = made.id.value;
  return {};
}

Result<> Importer::devices(JsonValue list) {
  for (const JsonValue from : list.elements()) KZ_CHECK(device(from));
  return {};
}

Result<> Importer::device(JsonValue from) {
  catalog::NewDevice device;
  model::Device& d = device.device;
  d.tenant = scope_.tenant;
  d.name = text(from, "name");
  const auto link = marks_.links.find(text(from, "link"));
  const auto place = marks_.equipment.find(text(from, "equipment"));
  const auto device_class = model::parse_device_class(text(from, "class"));
  const auto origin = model::parse_origin(text(from, "origin"));
  if (link == marks_.links.end() || place == marks_.equipment.end() || !device_class || !origin)
    return bad("A device has no such link, equipment, class or origin: " + d.name);
  const std::string key = karez::format("{}/{}", text(from, "link"), d.name);
  if (marks_.devices.contains(key)) return {};
  if (link->second == 0 || place->second == 0) return {};  // somebody deleted what it stood on
  d.link = {link->second};
  d.equipment = {place->second};
  catalog::ListQuery of_link;
  of_link.link = d.link;
  of_link.limit = 1000;
  KZ_TRY(const auto present, registry_.devices(scope_, of_link));
  const auto old = std::ranges::find(present.items, d.name, &model::Device::name);
  if (old != present.items.end() || gone_without_mark_) {
    marks_.devices[key] = old != present.items.end() ? old->id.value : 0;
    return {};
  }
  d.device_class = *device_class;
  d.origin = *origin;
  d.description = text(from, "description");
  d.manufacturer = text(from, "manufacturer");
  d.model = text(from, "model");
  d.config = from["config"] ? from["config"].dump() : "{}";
  for (const JsonValue point : from["points"].elements()) {
    KZ_TRY(auto read, read_point(point, scope_.tenant));
    device.points.push_back(std::move(read));
  }
  KZ_TRY(const auto made, registry_.create_device(scope_, device));
  marks_.devices[key] = made.id.value;
  return note_backfills(registry_, scope_, made.id, from["points"], backfills);
}

}  // namespace

Result<std::vector<Backfill>> import_plant(catalog::PlantRegistry& registry, model::TenantId tenant,
                                           std::string_view description, const PlantPorts& ports, const Path& file) {
  KZ_TRY(const auto doc, JsonDocument::parse_config(description));
  KZ_TRY(Marks marks, read_marks(file));
  Importer importer(registry, tenant, marks);
  if (marks.fresh) KZ_CHECK(importer.look_for_older_import(doc["links"]));
  KZ_CHECK(write_marks(file, marks));  // from now on what is not there was never made, unless a mark says so
  const auto run = [&]() -> Result<> {
    KZ_CHECK(importer.links(doc["links"], ports));
    KZ_CHECK(import_enterprise(registry, importer.scope(), doc["enterprise"]));
    KZ_CHECK(importer.equipment(doc["equipment"]));
    return importer.devices(doc["devices"]);
  };
  auto done = run();
  // Also after a failure: the next start goes on from there.
  KZ_CHECK(write_marks(file, marks));
  if (!done) return fail(std::move(done).error());
  return std::move(importer.backfills);
}

}  // namespace karez::server
