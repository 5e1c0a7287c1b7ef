// SPDX-License-Identifier: Apache-2.0
#include "api/auth.h"
#include "api/routes/routes.h"
#include "api/views.h"

namespace karez::api::routes {
namespace {

constexpr Duration kCookieLifetime = std::chrono::hours(24 * 7);

bool is_secure(const Request& request) { return request.header("x-forwarded-proto") == "https"; }

Result<std::string> session_json(Call& call, const security::Caller& caller) {
  JsonWriter out;
  bool needs_enterprise = false;
  const security::UserWithGrants& user = caller.user;
  out.begin_object().field("kind", caller.by_token ? "token" : "session").key("user").begin_object();
  out.field("id", to_string(user.id)).field("name", user.name).field("display_name", user.display);
  out.field("locale", user.locale).end_object().key("tenants").begin_array();
  for (const security::Grant& grant : user.grants) {
    if (caller.token_tenant && *caller.token_tenant != grant.tenant) continue;
    KZ_TRY(const model::Tenant tenant, call.services.registry.tenant(grant.tenant));
    const model::Role role = caller.by_token ? std::min(grant.role, caller.token_role) : grant.role;
    const bool needs = tenant.industry.empty();
    needs_enterprise = needs_enterprise || (needs && role == model::Role::owner);
    out.begin_object().field("id", to_string(tenant.id)).field("name", tenant.name);
    out.field("role", model::to_string(role)).field("needs_enterprise", needs).end_object();
  }
  out.end_array().field("must_change_password", user.must_change_password && !caller.by_token);
  out.field("needs_enterprise", needs_enterprise);
  write_or_null(out.key("csrf"), caller.csrf);
  write_time(out.key("expires_at"), caller.expires);
  out.end_object();
  return out.take();
}

Answer who_am_i(Call& call) {
  KZ_TRY(std::string json, session_json(call, *call.caller));
  return json_response(std::move(json));
}

Answer log_in(Call& call) {
  Faults faults;
  ObjectReader body(call.body, "", faults);
  std::string user, password;
  body.text("user", user, ObjectReader::kRequired, 1, 100);
  body.text("password", password, ObjectReader::kRequired, 1, 256);
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  KZ_TRY(const security::Session session, call.services.identity.log_in(user, password, call.request.peer));
  for (const security::Grant& grant : session.caller.user.grants)
    call.services.evidence.add(evidence::Kind::logins, grant.tenant, model::Origin::unknown);
  KZ_TRY(std::string json, session_json(call, session.caller));
  return json_response(std::move(json))
      .with("Set-Cookie", session_cookie(session.secret, kCookieLifetime, is_secure(call.request)));
}

Answer log_out(Call& call) {
  if (!call.caller->by_token) KZ_CHECK(call.services.identity.log_out(call.request.session));
  return no_content().with("Set-Cookie", session_cookie("", {}, is_secure(call.request)));
}

Answer change_password(Call& call) {
  if (call.caller->by_token) return std::unexpected(Problem(403, "auth.session_only"));
  Faults faults;
  ObjectReader body(call.body, "", faults);
  std::string old_password, new_password;
  body.text("old", old_password, ObjectReader::kRequired, 1, 256);
  body.text("new", new_password, ObjectReader::kRequired, 10, 256);
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  auto changed = call.services.identity.change_password(call.request.session, old_password, new_password);
  if (!changed) {
    Problem problem(changed.error());
    // The caller is logged in; 401 would send the console to its log-in page.
    if (problem.slug == "auth.wrong_password") problem.status = 403, problem.pointer = "/old";
    if (problem.slug == "auth.weak_password") problem.pointer = "/new";
    return std::unexpected(std::move(problem));
  }
  KZ_TRY(const security::Caller caller, call.services.identity.by_session(call.request.session));
  KZ_TRY(std::string json, session_json(call, caller));
  return json_response(std::move(json));
}

}  // namespace

std::vector<Route> session() {
  constexpr std::string_view kSession = "/api/v1/session";
  return {
      {.method = Method::get, .path = kSession, .need = Need::session, .handler = who_am_i, .before_password = true},
      {.method = Method::post, .path = kSession, .need = Need::open, .handler = log_in, .body = Body::json},
      {.method = Method::del, .path = kSession, .need = Need::session, .handler = log_out, .before_password = true},
      {.method = Method::post,
       .path = "/api/v1/session/password",
       .need = Need::session,
       .handler = change_password,
       .body = Body::json,
       .before_password = true},
  };
}

}  // namespace karez::api::routes
