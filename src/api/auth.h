// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <optional>

#include "api/http.h"
#include "api/router.h"
#include "security/identity.h"

namespace karez::api {

/// Who asks: by `Authorization: Bearer` (or `Token`, when `token_scheme`) or by the cookie. A header that
/// is there decides alone. Errors: auth.required, auth.expired.
Result<security::Caller> authenticate(security::Identity& identity, const Request& request, bool token_scheme);

/// Requests that change something by cookie must carry the session's CSRF value.
Result<> check_csrf(const security::Caller& caller, const Request& request);
/// A request by cookie must come from our own pages: `Origin` names our `Host`.
Result<> check_origin(const Request& request);

/// Tenant an operation without {tenant} works in: the token's, or the user's only one (the first by id).
model::TenantId own_tenant(const security::Caller& caller);
/// auth.role with the role that is needed.
std::expected<void, Problem> check_role(const model::Scope& scope, Need need);

/// Value of `Set-Cookie`. `secret` empty clears it.
std::string session_cookie(std::string_view secret, Duration lifetime, bool secure);
/// Compares without telling by time where they differ.
bool equal_secrets(std::string_view a, std::string_view b) noexcept;

/// Version that If-Match names; nothing inside for `*`. Errors: request.precondition (absent),
/// registry.stale (a tag we never gave).
Result<std::optional<std::uint64_t>> if_match(const Request& request);

}  // namespace karez::api
