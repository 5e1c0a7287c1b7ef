// SPDX-License-Identifier: Apache-2.0
#include "api/auth.h"

#include "base/format.h"
#include "base/text.h"

namespace karez::api {

Result<security::Caller> authenticate(security::Identity& identity, const Request& request, bool token_scheme) {
  const std::string_view header = request.header("authorization");
  if (!header.empty()) {
    const auto space = header.find(' ');
    const std::string scheme = to_lower(header.substr(0, space));
    const std::string_view secret = space == std::string_view::npos ? std::string_view{} : trim(header.substr(space));
    if (scheme != "bearer" && !(token_scheme && scheme == "token"))
      return fail(Error(Errc::denied, "auth.required").with("Use the scheme Bearer."));
    if (secret.empty() || secret.size() > 256) return fail(Errc::denied, "auth.required");
    auto caller = identity.by_token(secret);
    if (!caller && caller.error().code() == Errc::not_found) return fail(Errc::denied, "auth.expired");
    return caller;
  }
  if (request.session.empty() || request.session.size() > 256) return fail(Errc::denied, "auth.required");
  auto caller = identity.by_session(request.session);
  if (!caller && caller.error().code() == Errc::not_found) return fail(Errc::denied, "auth.expired");
  return caller;
}

bool equal_secrets(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

Result<> check_csrf(const security::Caller& caller, const Request& request) {
  if (caller.by_token) return {};
  const std::string_view given = request.header("x-karez-csrf");
  if (caller.csrf.empty() || !equal_secrets(given, caller.csrf))
    return fail(Error(Errc::denied, "auth.csrf").cure("Send the member csrf of GET /api/v1/session."));
  return {};
}

Result<> check_origin(const Request& request) {
  const std::string_view origin = request.header("origin"), host = request.header("host");
  const auto scheme = origin.find("://");
  if (scheme == std::string_view::npos || host.empty() || origin.substr(scheme + 3) != host)
    return fail(Errc::denied, "auth.origin");
  return {};
}

model::TenantId own_tenant(const security::Caller& caller) {
  if (caller.token_tenant) return *caller.token_tenant;
  model::TenantId first;
  for (const security::Grant& g : caller.user.grants)
    if (!first || g.tenant < first) first = g.tenant;
  return first;
}

std::expected<void, Problem> check_role(const model::Scope& scope, Need need) {
  if (scope.at_least(role_of(need))) return {};
  Problem problem(403, "auth.role");
  problem.needs_role = role_of(need);
  return std::unexpected(std::move(problem));
}

std::string session_cookie(std::string_view secret, Duration lifetime, bool secure) {
  const auto seconds = secret.empty() ? 0 : std::chrono::duration_cast<std::chrono::seconds>(lifetime).count();
  return karez::format("karez_session={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", secret, seconds,
                       secure ? "; Secure" : "");
}

Result<std::optional<std::uint64_t>> if_match(const Request& request) {
  std::string_view tag = trim(request.header("if-match"));
  if (tag.empty())
    return fail(
        Error(Errc::invalid_argument, "request.precondition").cure("Send the ETag of the resource in If-Match."));
  if (tag == "*") return std::optional<std::uint64_t>();
  if (tag.starts_with("W/")) tag.remove_prefix(2);  // proxies weaken tags when they compress
  std::uint64_t version = 0;
  if (tag.size() < 4 || !tag.starts_with("\"v") || !tag.ends_with('"')) return fail(Errc::conflict, "registry.stale");
  const std::string_view digits = tag.substr(2, tag.size() - 3);
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), version);
  if (ec != std::errc{} || end != digits.data() + digits.size() || version == 0)
    return fail(Errc::conflict, "registry.stale");
  return std::optional(version);
}

}  // namespace karez::api
