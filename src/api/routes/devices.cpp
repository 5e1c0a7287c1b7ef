// SPDX-License-Identifier: Apache-2.0
#include "api/form_schema.h"
#include "api/routes/bodies.h"
#include "api/routes/point_csv.h"
#include "api/routes/routes.h"
#include "api/views.h"
#include "base/format.h"
#include "base/number.h"

namespace karez::api::routes {
namespace {

Result<std::string> device_json(Call& call, const catalog::DeviceRow& row) {
  KZ_TRY(const auto plant, call.shared.live.plant(call.scope.tenant));
  States states(call.services);
  JsonWriter out;
  write_device(out, call, states, *plant, row);
  return out.take();
}

/// Who adds a device by hand means a real one unless it is said; `unknown` is for what sends on its own.
constexpr model::Origin kMadeByHand = model::Origin::real;
constexpr std::size_t kMaxPoints = 10'000;
constexpr std::size_t kMaxBody = 16u << 20;

/// States and classes the list is asked for; empty ones do not filter.
struct Wanted {
  std::vector<std::string> states;
  std::vector<model::DeviceClass> classes;
};

Result<Wanted> read_wanted(const Call& call) {
  Wanted wanted;
  KZ_TRY(wanted.states, call.query.list("state", 6));
  constexpr std::string_view kStates[] = {"disabled", "connecting", "online", "degraded", "offline", "backoff"};
  for (const std::string& s : wanted.states)
    if (std::ranges::find(kStates, s) == std::end(kStates))
      return fail(Error(Errc::invalid_argument, "request.choice").at("?state"));
  KZ_TRY(const auto classes, call.query.list("class", 5));
  for (const std::string& c : classes) {
    const auto parsed = model::parse_device_class(c);
    if (!parsed) return fail(Error(Errc::invalid_argument, "request.choice").at("?class"));
    wanted.classes.push_back(*parsed);
  }
  return wanted;
}

std::vector<model::DeviceId> matching(Call& call, const Plant& plant, const Wanted& wanted) {
  States states(call.services);
  std::vector<model::DeviceId> out;
  for (const auto& [id, device] : plant.devices) {
    if (!wanted.classes.empty() && std::ranges::find(wanted.classes, device.device_class) == wanted.classes.end())
      continue;
    if (!wanted.states.empty()) {
      const auto fresh = device.link ? LiveView::Freshness{} : call.shared.live.freshness(plant, id);
      const auto state = connect::to_string(states.of_device(device, fresh).state);
      if (std::ranges::find(wanted.states, state) == wanted.states.end()) continue;
    }
    out.push_back(id);
  }
  return out;
}

Answer list(Call& call) {
  KZ_TRY(auto query, list_query(call));
  KZ_TRY(query.sort, query_sort(call, {"name", "class", "driver", "link_name", "equipment_name"}));
  query.driver = call.query.text("driver");
  KZ_TRY(query.link, query_id<model::LinkId>(call, "link"));
  KZ_TRY(const auto equipment, query_id<model::EquipmentId>(call, "equipment"));
  if (equipment) query.equipment = equipment;
  KZ_TRY(const Wanted wanted, read_wanted(call));
  KZ_TRY(const auto plant, call.shared.live.plant(call.scope.tenant));
  if (!wanted.states.empty() || !wanted.classes.empty()) {
    query.only_devices = matching(call, *plant, wanted);
    if (query.only_devices.empty()) return page_response(catalog::Page<int>{}, [](JsonWriter&, int) {});
  }
  KZ_TRY(const auto page, call.services.registry.devices(call.scope, query));
  States states(call.services);
  return page_response(
      page, [&](JsonWriter& out, const catalog::DeviceRow& d) { write_device(out, call, states, *plant, d); });
}

Answer get(Call& call) {
  KZ_TRY(const auto id, call.id<model::DeviceId>());
  KZ_TRY(const auto row, call.services.registry.device(call.scope, id));
  KZ_TRY(std::string json, device_json(call, row));
  return json_response(std::move(json)).with("ETag", etag_of(row.version));
}

Result<> read_new_config(Call& call, ObjectReader& body, std::string_view driver, Faults& faults,
                         model::Device& device) {
  const JsonValue config = body.object("config", ObjectReader::kOptional);
  device.config = config ? config.dump() : "{}";
  if (driver.empty()) return {};
  KZ_TRY(const auto schema, JsonDocument::parse(device_schema(call.services, driver)));
  KZ_TRY(const auto document, JsonDocument::parse(device.config));
  check_form(schema.root(), document.root(), body.pointer_to("config"), faults);
  return {};
}

/// Where the registry's pointers lie in the body of the operation: what begins with the first begins with
/// the second there.
using Places = std::vector<std::pair<std::string_view, std::string_view>>;

std::string pointer_in_body(std::string_view pointer, const Places& places) {
  std::pair<std::string_view, std::string_view> best;
  for (const auto& place : places)
    if (pointer.starts_with(place.first) && place.first.size() > best.first.size()) best = place;
  return std::string(best.second).append(pointer.substr(best.first.size()));
}

/// Line of the file that the point of a pointer came from; 0 without a file.
std::size_t line_of(std::string_view pointer, std::span<const std::size_t> lines) {
  constexpr std::string_view kPoints = "/points/";
  if (!pointer.starts_with(kPoints)) return 0;
  pointer.remove_prefix(kPoints.size());
  const auto index = parse_number<std::size_t>(pointer.substr(0, pointer.find('/')));
  return index && *index < lines.size() ? lines[*index] : 0;
}

/// Creates the device with all that belongs to it, or says everything that is wrong with it. `lines`: of
/// the file with the points.
std::expected<catalog::DeviceRow, Problem> create_all(Call& call, const catalog::NewDevice& device,
                                                      const Places& places, std::span<const std::size_t> lines = {}) {
  std::vector<Error> errors;
  auto made = call.services.registry.create_device(call.scope, device, &errors);
  if (made) {
    call.shared.live.changed(call.scope.tenant);
    return std::move(*made);
  }
  Problem problem(std::move(made).error());
  problem.pointer = pointer_in_body(problem.pointer, places);
  Faults faults;
  for (const Error& e : errors)
    faults.add({.slug = std::string(e.slug()),
                .pointer = pointer_in_body(e.pointer(), places),
                .text = std::string(e.text()),
                .line = line_of(e.pointer(), lines)});
  if (faults.total() > 1 || (faults.total() == 1 && faults.items().front().line > 0)) {
    problem.errors = faults.items();
    problem.errors_total = faults.total();
  }
  return std::unexpected(std::move(problem));
}

Answer create(Call& call) {
  Faults faults;
  ObjectReader body(call.body, "", faults);
  catalog::NewDevice made;
  made.device.tenant = call.scope.tenant;
  made.device.origin = kMadeByHand;
  read_device(body, made.device, true);
  std::string driver;
  if (body.parsed("link", made.device.link, ObjectReader::kRequired, "id of a link", model::parse_id<model::LinkId>)) {
    const auto link = call.services.registry.link(call.scope, made.device.link);
    if (link) driver = link->driver;
    else body.fault(link.error(), "link");
  }
  KZ_CHECK(read_new_config(call, body, driver, faults, made.device));
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  const auto row = create_all(call, made, {{"/device", ""}});
  if (!row) return std::unexpected(row.error());
  KZ_TRY(std::string json, device_json(call, *row));
  return created(std::move(json), call.tenant_path("devices/" + to_string(row->id)), row->version);
}

/// The points of the wizard's body; faults of the registry's dry check come later, from the transaction.
void read_points(Call& call, const std::vector<JsonValue>& rows, std::string_view driver, Faults& faults,
                 std::vector<model::Point>& points) {
  points.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ObjectReader row(rows[i], karez::format("/points/{}", i), faults);
    model::Point point;
    point.tenant = call.scope.tenant;
    read_point(row, point, true);
    check_address(call, row, driver, point);
    row.finish();
    points.push_back(std::move(point));
  }
}

/// The points of `points_csv`: as if its rows were the members of `points`, with the line of the file.
std::vector<std::size_t> read_csv(Call& call, std::string_view text, std::string_view driver, ObjectReader& body,
                                  Faults& faults, std::vector<model::Point>& points) {
  model::Point base;
  base.tenant = call.scope.tenant;
  std::vector<std::size_t> lines;
  auto rows = read_point_csv(call, text, driver, base, kMaxPoints);
  if (!rows) {
    body.fault(rows.error(), "points_csv");
    return lines;
  }
  for (CsvPoint& row : *rows) {
    for (ProblemItem& fault : row.faults) {
      fault.pointer = karez::format("/points/{}{}", lines.size(), fault.pointer);
      fault.line = row.line;
      faults.add(std::move(fault));
    }
    lines.push_back(row.line);
    points.push_back(std::move(row.point));
  }
  return lines;
}

/// `link` of the wizard: a new one, or a saved one. Answers the driver.
Result<std::string> read_wizard_link(Call& call, JsonValue value, Faults& faults, catalog::NewDevice& made) {
  ObjectReader body(value, "/link", faults);
  const JsonValue fresh = body.object("new", ObjectReader::kOptional);
  std::string driver;
  if (body.has("new") == body.has("id")) {
    (void)body.any("id");
    if (body.usable()) body.fault("request.one_of", "id", {}, "new or id");
  } else if (fresh) {
    made.new_link.emplace();
    made.new_link->tenant = call.scope.tenant;
    KZ_CHECK(read_new_link(call, fresh, "/link/new", faults, *made.new_link));
    driver = made.new_link->driver;
    if (!find_driver(call.services, driver)) driver.clear();
  } else if (body.parsed("id", made.device.link, ObjectReader::kRequired, "id of a link",
                         model::parse_id<model::LinkId>)) {
    const auto link = call.services.registry.link(call.scope, made.device.link);
    if (link) driver = link->driver;
    else body.fault(link.error(), "id");
  }
  body.finish();
  return driver;
}

Answer wizard(Call& call) {
  Faults faults;
  ObjectReader body(call.body, "", faults);
  catalog::NewDevice made;
  made.device.tenant = call.scope.tenant;
  made.device.origin = kMadeByHand;
  std::string driver;
  if (const JsonValue link = body.object("link", ObjectReader::kRequired)) {
    KZ_TRY(driver, read_wizard_link(call, link, faults, made));
  }
  if (const JsonValue device = body.object("device", ObjectReader::kRequired)) {
    ObjectReader reader(device, "/device", faults);
    read_device(reader, made.device, true);
    KZ_CHECK(read_new_config(call, reader, driver, faults, made.device));
    reader.finish();
  }
  if (const auto rows = body.array("points", ObjectReader::kRequired, 0, kMaxPoints))
    read_points(call, *rows, driver, faults, made.points);
  std::vector<std::size_t> lines;
  if (std::string csv; body.text("points_csv", csv, ObjectReader::kOptional, 1, kMaxBody)) {
    if (made.points.empty()) lines = read_csv(call, csv, driver, body, faults, made.points);
    else body.fault("request.one_of", "points_csv", {}, "points or points_csv");
  }
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  const auto row = create_all(call, made, {{"/link", "/link/new"}, {"/device/link", "/link/id"}}, lines);
  if (!row) return std::unexpected(row.error());
  KZ_TRY(const auto link, call.services.registry.link(call.scope, row->link));
  KZ_TRY(const auto plant, call.shared.live.plant(call.scope.tenant));
  States states(call.services);
  JsonWriter out;
  out.begin_object();
  write_link(out.key("link"), call, states, *plant, link);
  write_device(out.key("device"), call, states, *plant, *row);
  out.field("points_created", made.points.size()).end_object();
  return json_response(out.take(), 201).with("Location", call.tenant_path("devices/" + to_string(row->id)));
}

Answer update(Call& call) {
  KZ_TRY(const auto id, call.id<model::DeviceId>());
  KZ_TRY(const auto row, call.services.registry.device(call.scope, id));
  const auto device =
      patched(call, model::Device(row), [&](ObjectReader& body, Faults& faults, model::Device& d) -> Result<> {
        read_device(body, d, false);
        if (const JsonValue config = body.object("config", ObjectReader::kOptional)) {
          KZ_TRY(d.config,
                 merged_config(device_schema(call.services, row.driver), d.config, config, "/config", faults));
        }
        return {};
      });
  if (!device) return std::unexpected(device.error());
  KZ_TRY(const auto updated, call.services.registry.update_device(call.scope, *device));
  call.shared.live.changed(call.scope.tenant);
  KZ_TRY(std::string json, device_json(call, updated));
  return json_response(std::move(json)).with("ETag", etag_of(updated.version));
}

Answer remove(Call& call) {
  KZ_TRY(const auto id, call.id<model::DeviceId>());
  KZ_TRY(const auto row, call.services.registry.device(call.scope, id));
  KZ_TRY(const auto gone, call.services.registry.remove_device(call.scope, id, call.expected(row.version)));
  call.shared.live.changed(call.scope.tenant);
  KZ_CHECK(forget_points(call, gone));
  return no_content();
}

}  // namespace

std::vector<Route> devices() {
  constexpr std::string_view kAll = "/api/v1/t/{tenant}/devices", kOne = "/api/v1/t/{tenant}/devices/{id}";
  return {
      {.method = Method::get, .path = kAll, .need = Need::viewer, .handler = list},
      {.method = Method::post, .path = kAll, .need = Need::engineer, .handler = create, .body = Body::json},
      {.method = Method::post,
       .path = "/api/v1/t/{tenant}/devices/wizard",
       .need = Need::engineer,
       .handler = wizard,
       .body = Body::json,
       .max_body = kMaxBody},
      {.method = Method::get, .path = kOne, .need = Need::viewer, .handler = get},
      {.method = Method::patch,
       .path = kOne,
       .need = Need::engineer,
       .handler = update,
       .body = Body::json,
       .if_match = true},
      {.method = Method::del, .path = kOne, .need = Need::engineer, .handler = remove, .if_match = true},
  };
}

}  // namespace karez::api::routes
