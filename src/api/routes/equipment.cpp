// SPDX-License-Identifier: Apache-2.0
#include "api/routes/routes.h"
#include "api/views.h"

namespace karez::api::routes {
namespace {

void write_node(JsonWriter& out, const catalog::EquipmentRow& e, const std::vector<model::Equipment>* path) {
  out.begin_object().field("id", to_string(e.id));
  write_or_null(out.key("parent"), e.parent ? to_string(e.parent) : std::string());
  out.field("level", model::to_string(e.level)).field("name", e.name).field("description", e.description);
  if (path) {
    out.key("path").begin_array();
    for (const model::Equipment& step : *path) {
      if (step.id == e.id) continue;
      out.begin_object().field("id", to_string(step.id)).field("name", step.name);
      out.field("level", model::to_string(step.level)).end_object();
    }
    out.end_array();
  }
  out.field("child_count", e.children).field("device_count", e.devices).end_object();
}

Result<std::string> node_json(Call& call, const catalog::EquipmentRow& row) {
  KZ_TRY(const auto path, call.services.registry.equipment_path(call.scope, row.id));
  JsonWriter out;
  write_node(out, row, &path);
  return out.take();
}

Answer list(Call& call) {
  KZ_TRY(auto query, list_query(call));
  KZ_TRY(const auto parent, query_id<model::EquipmentId>(call, "parent"));
  // With a search everything below the node counts, else its children.
  if (query.q.empty()) query.parent = parent;
  else if (parent) query.equipment = parent;
  KZ_TRY(const auto page, call.services.registry.equipment(call.scope, query));
  return page_response(page, [](JsonWriter& out, const catalog::EquipmentRow& e) { write_node(out, e, nullptr); });
}

Answer get(Call& call) {
  KZ_TRY(const auto id, call.id<model::EquipmentId>());
  KZ_TRY(const auto row, call.services.registry.equipment(call.scope, id));
  KZ_TRY(std::string json, node_json(call, row));
  return json_response(std::move(json)).with("ETag", etag_of(row.version));
}

void read_common(ObjectReader& body, model::Equipment& e, ObjectReader::Presence presence) {
  body.parsed("parent", e.parent, presence, "id of a node", model::parse_id<model::EquipmentId>);
  body.name("name", e.name, presence);
  body.text("description", e.description, ObjectReader::kOptional, 0, 4000);
}

Answer create(Call& call) {
  Faults faults;
  ObjectReader body(call.body, "", faults);
  model::Equipment node;
  node.tenant = call.scope.tenant;
  read_common(body, node, ObjectReader::kRequired);
  body.parsed("level", node.level, ObjectReader::kRequired, "level of ISA-95", model::parse_equipment_level);
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  KZ_TRY(const auto made, call.services.registry.create_equipment(call.scope, node));
  KZ_TRY(const auto row, call.services.registry.equipment(call.scope, made.id));
  KZ_TRY(std::string json, node_json(call, row));
  return created(std::move(json), call.tenant_path("equipment/" + to_string(made.id)), row.version);
}

Answer update(Call& call) {
  KZ_TRY(const auto id, call.id<model::EquipmentId>());
  KZ_TRY(const model::Equipment now, call.services.registry.equipment(call.scope, id));
  const auto node = patched(call, now, [](ObjectReader& body, Faults&, model::Equipment& e) -> Result<> {
    read_common(body, e, ObjectReader::kOptional);
    return {};
  });
  if (!node) return std::unexpected(node.error());
  KZ_CHECK(call.services.registry.update_equipment(call.scope, *node));
  KZ_TRY(const auto row, call.services.registry.equipment(call.scope, id));
  KZ_TRY(std::string json, node_json(call, row));
  return json_response(std::move(json)).with("ETag", etag_of(row.version));
}

Answer remove(Call& call) {
  KZ_TRY(const auto id, call.id<model::EquipmentId>());
  KZ_TRY(const auto row, call.services.registry.equipment(call.scope, id));
  KZ_CHECK(call.services.registry.remove_equipment(call.scope, id, call.expected(row.version)));
  return no_content();
}

}  // namespace

std::vector<Route> equipment() {
  constexpr std::string_view kAll = "/api/v1/t/{tenant}/equipment", kOne = "/api/v1/t/{tenant}/equipment/{id}";
  return {
      {.method = Method::get, .path = kAll, .need = Need::viewer, .handler = list},
      {.method = Method::post, .path = kAll, .need = Need::engineer, .handler = create, .body = Body::json},
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
