// SPDX-License-Identifier: Apache-2.0
#include "api/routes/bodies.h"
#include "api/routes/routes.h"
#include "api/views.h"

namespace karez::api::routes {
namespace {

Result<std::string> link_json(Call& call, const model::Link& link) {
  KZ_TRY(const auto plant, call.shared.live.plant(call.scope.tenant));
  States states(call.services);
  JsonWriter out;
  write_link(out, call, states, *plant, link);
  return out.take();
}

Answer link_answer(Call& call, const model::Link& link) {
  KZ_TRY(std::string json, link_json(call, link));
  return json_response(std::move(json)).with("ETag", etag_of(link.version));
}

Answer list(Call& call) {
  KZ_TRY(auto query, list_query(call));
  KZ_TRY(query.sort, query_sort(call, {"name", "driver"}));
  query.driver = call.query.text("driver");
  KZ_TRY(const auto page, call.services.registry.links(call.scope, query));
  KZ_TRY(const auto plant, call.shared.live.plant(call.scope.tenant));
  States states(call.services);
  return page_response(page, [&](JsonWriter& out, const model::Link& l) { write_link(out, call, states, *plant, l); });
}

Answer get(Call& call) {
  KZ_TRY(const auto id, call.id<model::LinkId>());
  KZ_TRY(const auto link, call.services.registry.link(call.scope, id));
  return link_answer(call, link);
}

Answer create(Call& call) {
  Faults faults;
  model::Link link;
  link.tenant = call.scope.tenant;
  KZ_CHECK(read_new_link(call, call.body, "", faults, link));
  if (!faults.empty()) return std::unexpected(faults.problem());
  KZ_TRY(const auto made, call.services.registry.create_link(call.scope, link));
  call.shared.live.changed(call.scope.tenant);
  KZ_TRY(std::string json, link_json(call, made));
  return created(std::move(json), call.tenant_path("links/" + to_string(made.id)), made.version);
}

Answer update(Call& call) {
  KZ_TRY(const auto id, call.id<model::LinkId>());
  KZ_TRY(const model::Link now, call.services.registry.link(call.scope, id));
  const auto link = patched(call, now, [&](ObjectReader& body, Faults& faults, model::Link& l) -> Result<> {
    body.name("name", l.name, ObjectReader::kOptional);
    body.boolean("enabled", l.enabled);
    if (const JsonValue config = body.object("config", ObjectReader::kOptional)) {
      KZ_TRY(l.config, merged_config(link_schema(call.services, l.driver), l.config, config, "/config", faults));
    }
    return {};
  });
  if (!link) return std::unexpected(link.error());
  KZ_TRY(const auto updated, call.services.registry.update_link(call.scope, *link));
  call.shared.live.changed(call.scope.tenant);
  return link_answer(call, updated);
}

Answer remove(Call& call) {
  KZ_TRY(const auto id, call.id<model::LinkId>());
  KZ_TRY(const auto link, call.services.registry.link(call.scope, id));
  KZ_CHECK(call.services.registry.remove_link(call.scope, id, call.expected(link.version)));
  call.shared.live.changed(call.scope.tenant);
  return no_content();
}

Answer set_enabled(Call& call, bool enabled) {
  KZ_TRY(const auto id, call.id<model::LinkId>());
  // Somebody may change the link in between; what is wanted here does not depend on that.
  for (int attempt = 0;; ++attempt) {
    KZ_TRY(model::Link link, call.services.registry.link(call.scope, id));
    if (link.enabled == enabled) return link_answer(call, link);
    link.enabled = enabled;
    auto updated = call.services.registry.update_link(call.scope, link);
    if (!updated && updated.error().slug() == "registry.stale" && attempt < 5) continue;
    if (!updated) return std::unexpected(std::move(updated).error());
    call.shared.live.changed(call.scope.tenant);
    return link_answer(call, *updated);
  }
}
Answer enable(Call& call) { return set_enabled(call, true); }
Answer disable(Call& call) { return set_enabled(call, false); }

Answer stats(Call& call) {
  KZ_TRY(const auto id, call.id<model::LinkId>());
  KZ_CHECK(call.services.registry.link(call.scope, id));
  JsonWriter out;
  write_link_stats(out, call.services.links.status(id).stats);
  return json_response(out.take());
}

}  // namespace

std::vector<Route> links() {
  constexpr std::string_view kAll = "/api/v1/t/{tenant}/links", kOne = "/api/v1/t/{tenant}/links/{id}";
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
      {.method = Method::post,
       .path = "/api/v1/t/{tenant}/links/{id}/enable",
       .need = Need::engineer,
       .handler = enable},
      {.method = Method::post,
       .path = "/api/v1/t/{tenant}/links/{id}/disable",
       .need = Need::engineer,
       .handler = disable},
      {.method = Method::get, .path = "/api/v1/t/{tenant}/links/{id}/stats", .need = Need::viewer, .handler = stats},
  };
}

}  // namespace karez::api::routes
