// SPDX-License-Identifier: Apache-2.0
#include "api/routes/routes.h"
#include "api/views.h"
#include "base/text.h"

namespace karez::api::routes {
namespace {

using security::UserWithGrants;

model::Role role_in(const UserWithGrants& user, model::TenantId tenant) {
  for (const security::Grant& g : user.grants)
    if (g.tenant == tenant) return g.role;
  return model::Role::none;
}

void write_user(JsonWriter& out, const UserWithGrants& u, model::TenantId tenant) {
  out.begin_object().field("id", to_string(u.id)).field("name", u.name).field("display_name", u.display);
  out.field("locale", u.locale).field("role", model::to_string(role_in(u, tenant))).field("enabled", u.enabled);
  out.field("must_change_password", u.must_change_password);
  write_time(out.key("last_login_at"), u.last_login);
  write_time(out.key("created_at"), u.created);
  out.end_object();
}

Response user_response(const Call& call, const UserWithGrants& user) {
  JsonWriter out;
  write_user(out, user, call.scope.tenant);
  return json_response(out.take()).with("ETag", etag_of(user.version));
}

std::string with_password(const Call& call, const UserWithGrants& user, std::string_view password) {
  JsonWriter out;
  out.begin_object().key("user");
  write_user(out, user, call.scope.tenant);
  out.field("one_time_password", password).end_object();
  return out.take();
}

Answer list_users(Call& call) {
  KZ_TRY(const auto query, list_query(call));
  KZ_TRY(const auto sort, query_sort(call, {"name", "role", "last_login_at"}));
  KZ_TRY(auto users, call.services.identity.users(call.scope));
  const std::string q = to_lower(query.q);
  std::erase_if(users, [&](const UserWithGrants& u) {
    const std::string all = to_lower(u.name + " " + u.display);
    return std::ranges::any_of(split(q, ' '),
                               [&](std::string_view f) { return !f.empty() && f != "*" && !all.contains(f); });
  });
  const bool down = sort.starts_with('-');
  const std::string_view by = std::string_view(sort).substr(down ? 1 : 0);
  std::ranges::sort(users, [&](const UserWithGrants& a, const UserWithGrants& b) {
    const UserWithGrants &x = down ? b : a, &y = down ? a : b;
    if (by == "role")
      return std::pair(role_in(x, call.scope.tenant), x.name) < std::pair(role_in(y, call.scope.tenant), y.name);
    if (by == "last_login_at") return std::pair(x.last_login, x.name) < std::pair(y.last_login, y.name);
    return x.name < y.name;
  });
  KZ_TRY(const auto page, page_of(std::move(users), query));
  return page_response(page, [&](JsonWriter& out, const UserWithGrants& u) { write_user(out, u, call.scope.tenant); });
}

std::optional<std::string> parse_locale(std::string_view text) {
  if (text == "zh" || text == "en" || text.empty()) return std::string(text);
  return std::nullopt;
}

void read_user(ObjectReader& body, security::User& user, model::Role& role, bool creating) {
  body.text("display_name", user.display, ObjectReader::kOptional, 0, 200);
  body.parsed("locale", user.locale, ObjectReader::kOptional, "zh, en or empty", parse_locale);
  body.parsed("role", role, creating ? ObjectReader::kRequired : ObjectReader::kOptional,
              "owner, engineer, operator or viewer", [](std::string_view s) {
                const auto parsed = model::parse_role(s);
                return parsed == model::Role::none ? std::nullopt : parsed;
              });
}

Answer create_user(Call& call) {
  Faults faults;
  ObjectReader body(call.body, "", faults);
  security::User user;
  model::Role role = model::Role::none;
  if (body.text("name", user.name, ObjectReader::kRequired, 1, 64) && std::ranges::any_of(user.name, [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-');
      }))
    body.fault("request.format", "name", user.name, "a-z, 0-9, dot, dash, underscore");
  read_user(body, user, role, true);
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  KZ_TRY(const auto made, call.services.identity.create_user(call.scope, user, role));
  return created(with_password(call, made.first, made.second), call.tenant_path("users/" + to_string(made.first.id)),
                 made.first.version);
}

Answer get_user(Call& call) {
  KZ_TRY(const auto id, call.id<model::UserId>());
  KZ_TRY(const auto user, call.services.identity.user(call.scope, id));
  return user_response(call, user);
}

Answer update_user(Call& call) {
  KZ_TRY(const auto id, call.id<model::UserId>());
  KZ_TRY(const auto current, call.services.identity.user(call.scope, id));
  security::User user = current;
  model::Role role = role_in(current, call.scope.tenant);
  Faults faults;
  ObjectReader body(call.body, "", faults);
  read_user(body, user, role, false);
  body.boolean("enabled", user.enabled);
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  user.version = call.expected(user.version);
  KZ_TRY(const auto updated, call.services.identity.update_user(call.scope, user, role));
  return user_response(call, updated);
}

Answer remove_user(Call& call) {
  KZ_TRY(const auto id, call.id<model::UserId>());
  KZ_TRY(const auto user, call.services.identity.user(call.scope, id));
  KZ_CHECK(call.services.identity.remove_user(call.scope, id, call.expected(user.version)));
  return no_content();
}

Answer reset_password(Call& call) {
  KZ_TRY(const auto id, call.id<model::UserId>());
  KZ_TRY(const auto password, call.services.identity.reset_password(call.scope, id));
  KZ_TRY(const auto user, call.services.identity.user(call.scope, id));
  return json_response(with_password(call, user, password)).with("ETag", etag_of(user.version));
}

void write_token(JsonWriter& out, const security::Token& t, std::string_view owner_name) {
  out.begin_object().field("id", to_string(t.id)).field("name", t.name).field("role", model::to_string(t.role));
  out.field("owner", to_string(t.owner)).field("owner_name", owner_name);
  write_time(out.key("created_at"), t.created);
  write_time(out.key("expires_at"), t.expires);
  write_time(out.key("last_used_at"), t.last_used);
  out.end_object();
}

Answer list_tokens(Call& call) {
  KZ_TRY(const auto query, list_query(call));
  KZ_TRY(auto tokens, call.services.identity.tokens(call.scope));
  // Only an owner may see users, and others see no tokens but their own.
  std::vector<UserWithGrants> users{call.caller->user};
  if (call.scope.at_least(model::Role::owner)) {
    KZ_TRY(users, call.services.identity.users(call.scope));
  }
  KZ_TRY(const auto page, page_of(std::move(tokens), query));
  return page_response(page, [&](JsonWriter& out, const security::Token& t) {
    const auto owner = std::ranges::find(users, t.owner, &UserWithGrants::id);
    write_token(out, t, owner == users.end() ? std::string_view{} : std::string_view(owner->name));
  });
}

Answer create_token(Call& call) {
  Faults faults;
  ObjectReader body(call.body, "", faults);
  std::string name;
  model::Role role = model::Role::none;
  Timestamp expires = kMaxTime;
  body.name("name", name, ObjectReader::kRequired);
  body.parsed("role", role, ObjectReader::kRequired, "owner, engineer, operator or viewer", [](std::string_view s) {
    const auto parsed = model::parse_role(s);
    return parsed == model::Role::none ? std::nullopt : parsed;
  });
  if (body.is_null("expires_at")) (void)body.any("expires_at");
  else if (body.time("expires_at", expires, ObjectReader::kOptional) && expires <= call.services.clock.now())
    body.fault("request.range", "expires_at", {}, "a time to come");
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  KZ_TRY(const auto made, call.services.identity.create_token(call.scope, name, role, expires));
  JsonWriter out;
  out.begin_object().key("token");
  write_token(out, made.token, call.caller->user.name);
  out.field("secret", made.secret).end_object();
  return json_response(out.take(), 201).with("Location", call.tenant_path("tokens/" + to_string(made.token.id)));
}

Answer remove_token(Call& call) {
  KZ_TRY(const auto id, call.id<model::TokenId>());
  KZ_CHECK(call.services.identity.remove_token(call.scope, id));
  return no_content();
}

}  // namespace

std::vector<Route> access() {
  constexpr std::string_view kUsers = "/api/v1/t/{tenant}/users", kUser = "/api/v1/t/{tenant}/users/{id}";
  constexpr std::string_view kTokens = "/api/v1/t/{tenant}/tokens";
  return {
      {.method = Method::get, .path = kUsers, .need = Need::owner, .handler = list_users},
      {.method = Method::post, .path = kUsers, .need = Need::owner, .handler = create_user, .body = Body::json},
      {.method = Method::get, .path = kUser, .need = Need::owner, .handler = get_user},
      {.method = Method::patch,
       .path = kUser,
       .need = Need::owner,
       .handler = update_user,
       .body = Body::json,
       .if_match = true},
      {.method = Method::del, .path = kUser, .need = Need::owner, .handler = remove_user, .if_match = true},
      {.method = Method::post,
       .path = "/api/v1/t/{tenant}/users/{id}/reset-password",
       .need = Need::owner,
       .handler = reset_password},
      {.method = Method::get, .path = kTokens, .need = Need::viewer, .handler = list_tokens},
      {.method = Method::post, .path = kTokens, .need = Need::viewer, .handler = create_token, .body = Body::json},
      {.method = Method::del, .path = "/api/v1/t/{tenant}/tokens/{id}", .need = Need::viewer, .handler = remove_token},
  };
}

}  // namespace karez::api::routes
