// SPDX-License-Identifier: Apache-2.0
#include "api/routes/routes.h"
#include "api/views.h"
#include "model/enterprise.h"

namespace karez::api::routes {
namespace {

Response tenant_response(const model::Tenant& tenant) {
  JsonWriter out;
  write_tenant(out, tenant);
  return json_response(out.take()).with("ETag", etag_of(tenant.version));
}

Answer list(Call& call) {
  KZ_TRY(const auto query, list_query(call));
  KZ_TRY(auto all, call.services.registry.tenants());
  std::erase_if(all, [&](const model::Tenant& t) { return call.caller->scope(t.id).role == model::Role::none; });
  KZ_TRY(const auto page, page_of(std::move(all), query));
  return page_response(page, [](JsonWriter& out, const model::Tenant& t) { write_tenant(out, t); });
}

Answer get(Call& call) {
  KZ_TRY(const auto tenant, call.services.registry.tenant(call.scope.tenant));
  return tenant_response(tenant);
}

void read_tenant(ObjectReader& body, model::Tenant& t, ObjectReader::Presence presence) {
  const auto check = [&](std::string_view name, Result<> good) {
    if (!good) body.fault(good.error(), name);
  };
  body.name("name", t.name, presence);
  if (body.nullable_text("uscc", t.uscc, 18) && !t.uscc.empty()) check("uscc", model::check_uscc(t.uscc));
  if (body.text("industry", t.industry, presence, 1, 5)) check("industry", model::check_industry(t.industry));
  if (body.text("region", t.region, presence, 6, 6)) check("region", model::check_region(t.region));
  if (body.text("time_zone", t.time_zone, presence, 1, 64) && std::ranges::any_of(t.time_zone, [](char c) {
        return !(std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '+' || c == '/' || c == '-');
      }))
    body.fault("request.format", "time_zone", t.time_zone, "Asia/Shanghai");
}

Answer set_up(Call& call) {
  KZ_TRY(model::Tenant tenant, call.services.registry.tenant(call.scope.tenant));
  if (!tenant.industry.empty()) return std::unexpected(Problem(409, "tenant.already_set_up"));
  Faults faults;
  ObjectReader body(call.body, "", faults);
  read_tenant(body, tenant, ObjectReader::kRequired);
  model::Equipment site{
      .id = {}, .tenant = tenant.id, .parent = {}, .level = model::EquipmentLevel::site, .name = {}, .description = {}};
  body.name("site_name", site.name, ObjectReader::kRequired);
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  tenant.version = call.expected(tenant.version);
  auto done = call.services.registry.set_up_tenant(call.scope, tenant, site);
  if (!done) {
    Problem problem(std::move(done).error());
    if (problem.slug == "registry.duplicate_name") problem.pointer = "/site_name";
    return std::unexpected(std::move(problem));
  }
  const model::Tenant& updated = *done;
  call.services.evidence.set_industry(updated.id, updated.industry);
  return tenant_response(updated);
}

Answer update(Call& call) {
  KZ_TRY(const model::Tenant now, call.services.registry.tenant(call.scope.tenant));
  const auto tenant = patched(call, now, [](ObjectReader& body, Faults&, model::Tenant& t) -> Result<> {
    read_tenant(body, t, ObjectReader::kOptional);
    return {};
  });
  if (!tenant) return std::unexpected(tenant.error());
  KZ_TRY(const model::Tenant updated, call.services.registry.update_tenant(call.scope, *tenant));
  call.services.evidence.set_industry(updated.id, updated.industry);
  return tenant_response(updated);
}

}  // namespace

std::vector<Route> tenants() {
  constexpr std::string_view kOne = "/api/v1/t/{tenant}";
  return {
      {.method = Method::get, .path = "/api/v1/tenants", .need = Need::session, .handler = list},
      {.method = Method::get, .path = kOne, .need = Need::viewer, .handler = get},
      {.method = Method::put,
       .path = kOne,
       .need = Need::owner,
       .handler = set_up,
       .body = Body::json,
       .if_match = true},
      {.method = Method::patch,
       .path = kOne,
       .need = Need::owner,
       .handler = update,
       .body = Body::json,
       .if_match = true},
  };
}

}  // namespace karez::api::routes
