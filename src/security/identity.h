// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/scope.h"
#include "stores/sql_store.h"

/// Users, sessions, API tokens, roles per tenant. Passwords: Argon2id (RFC 9106). Sessions and tokens
/// are 256 random bits, stored as SHA-256 only.
namespace karez::security {

struct User {
  model::UserId id;
  std::string name;     ///< log-in name, [a-z0-9._-]{1,64}
  std::string display;  ///< for people
  bool enabled = true, must_change_password = false;
  std::string locale;  ///< "zh", "en", "" = by browser
  std::uint64_t version = 1;
  Timestamp created = kMinTime, last_login = kMinTime;
};
struct Grant {
  model::TenantId tenant;
  model::Role role = model::Role::none;
};
struct UserWithGrants : User {
  std::vector<Grant> grants;
};

/// Who asks: the outcome of looking at a cookie or token.
struct Caller {
  UserWithGrants user;
  std::string csrf;         ///< empty for tokens
  bool by_token = false;
  model::TokenId token;
  /// Scope in a tenant: role none when there is no grant (denied by default), when the password must
  /// be changed first, or beyond the token's own role.
  model::Scope scope(model::TenantId tenant) const;
  model::Role token_role = model::Role::owner;      ///< a token's upper limit
  std::optional<model::TenantId> token_tenant;      ///< a token belongs to one tenant
  Timestamp expires = kMaxTime;                     ///< the session or token ends then at the latest
};

struct Session {
  std::string secret;  ///< goes into the cookie, never stored
  Caller caller;
  Timestamp expires;
};
struct Token {
  model::TokenId id;
  model::TenantId tenant;
  model::UserId owner;
  std::string name;
  model::Role role = model::Role::viewer;
  Timestamp created = kMinTime, expires = kMaxTime, last_used = kMinTime;
};
struct NewToken {
  Token token;
  std::string secret;  ///< shown once; "kz_" + 43 characters base64url
};

/// Errors: auth.wrong_password (never says which part was wrong), auth.locked (text says for how
/// long), auth.busy (too many log-ins at once), auth.weak_password (text says the rule), auth.expired,
/// auth.denied, auth.stale, auth.duplicate, auth.last_owner, auth.not_found.
/// Thread: any worker (hashing takes tens of ms).
class Identity {
 public:
  struct Options {
    Duration session_idle = std::chrono::hours(12), session_max = std::chrono::hours(24 * 7);
    /// Wrong passwords of a user from one address; then it waits, longer each time. An address with any
    /// user, and a user from anywhere, bear twenty times as many.
    unsigned max_failures = 5;
    unsigned argon2_memory_kib = 19456, argon2_passes = 2;
  };
  static Result<std::unique_ptr<Identity>> open(stores::SqlStore& sql, Clock& clock, Options options);
  ~Identity();

  /// On an empty store: makes user "admin", owner of `tenant`, with a random one-time password, which is
  /// returned once. As long as nobody ever logged in, each call makes a new one, so that a password that
  /// was not noted down locks nobody out; afterwards nothing.
  Result<std::optional<std::string>> ensure_first_user(model::TenantId tenant);

  Result<Session> log_in(std::string_view name, std::string_view password, std::string_view address);
  Result<Caller> by_session(std::string_view secret);
  Result<Caller> by_token(std::string_view secret);
  Result<> log_out(std::string_view session_secret);
  /// Other sessions of the user end. At least 10 characters, not the name, not among the most common.
  Result<> change_password(std::string_view session_secret, std::string_view old_password,
                           std::string_view new_password);

  Result<std::vector<UserWithGrants>> users(const model::Scope& scope) const;
  Result<UserWithGrants> user(const model::Scope& scope, model::UserId id) const;
  /// The answer holds a one-time password.
  Result<std::pair<UserWithGrants, std::string>> create_user(const model::Scope& scope, const User& user,
                                                             model::Role role);
  Result<UserWithGrants> update_user(const model::Scope& scope, const User& user, model::Role role);
  Result<> remove_user(const model::Scope& scope, model::UserId id, std::uint64_t version);
  Result<std::string> reset_password(const model::Scope& scope, model::UserId id);

  Result<std::vector<Token>> tokens(const model::Scope& scope) const;
  Result<NewToken> create_token(const model::Scope& scope, std::string_view name, model::Role role, Timestamp expires);
  Result<> remove_token(const model::Scope& scope, model::TokenId id);

 private:
  struct Impl;
  explicit Identity(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::security
