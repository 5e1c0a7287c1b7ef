// SPDX-License-Identifier: Apache-2.0

#include "base/format.h"
#include "base/text.h"
#include "security/detail/identity_impl.h"

namespace karez::security {
namespace {

using stores::SqlRow;
using stores::SqlSession;

constexpr std::int64_t kMaxTokens = 1000;  // of one tenant
constexpr std::string_view kPrefix = "kz_";
constexpr std::string_view kColumns = "id,tenant,user_id,name,role,created,expires,last_used";

Token read_token(const SqlRow& r) {
  Token t;
  t.id = {static_cast<std::uint64_t>(r.integer(0))};
  t.tenant = {static_cast<std::uint32_t>(r.integer(1))};
  t.owner = {static_cast<std::uint64_t>(r.integer(2))};
  t.name = r.text(3);
  t.role = static_cast<model::Role>(r.integer(4));
  t.created = from_ns(r.integer(5));
  t.expires = from_ns(r.integer(6));
  t.last_used = from_ns(r.integer(7));
  return t;
}

}  // namespace

Result<Caller> Identity::by_token(std::string_view secret) {
  Impl& p = *impl_;
  const auto refused = [] {
    return fail(
        Error(Errc::denied, "auth.bad_token").with("The API token is unknown or has expired.").cure("Make a new one."));
  };
  if (secret.size() != kPrefix.size() + 43 || !secret.starts_with(kPrefix)) return refused();
  const std::string key = fingerprint(secret);
  const Timestamp now = p.clock.now();
  Caller caller;
  Token token;
  KZ_CHECK(p.sql.read([&](SqlSession& s) -> Result<> {
    KZ_CHECK(s.query(karez::format("SELECT {} FROM auth_token WHERE fingerprint=?1 AND expires>?2", kColumns),
                     {key, to_ns(now)}, [&](const SqlRow& r) { token = read_token(r); }));
    if (!token.id) return {};
    KZ_TRY(caller.user, p.load_user(s, token.owner));
    return {};
  }));
  if (!token.id || !caller.user.enabled) return refused();
  if (p.should_touch(key, now))
    KZ_CHECK(p.sql.write("", [&](SqlSession& s) -> Result<> {
      KZ_CHECK(s.execute("UPDATE auth_token SET last_used=?2 WHERE id=?1",
                         {static_cast<std::int64_t>(token.id.value), to_ns(now)}));
      return {};
    }));
  caller.by_token = true;
  caller.token = token.id;
  caller.token_role = token.role;
  caller.token_tenant = token.tenant;
  caller.expires = token.expires;
  return caller;
}

/// An owner sees all tokens of the enterprise, others their own.
Result<std::vector<Token>> Identity::tokens(const model::Scope& scope) const {
  if (!scope.at_least(model::Role::viewer)) return fail(Errc::denied, "auth.denied");
  std::vector<Token> out;
  KZ_CHECK(impl_->sql.read([&](SqlSession& s) {
    return s.query(
        karez::format("SELECT {} FROM auth_token WHERE tenant=?1 AND (?2=1 OR user_id=?3) ORDER BY id", kColumns),
        {std::int64_t{scope.tenant.value}, std::int64_t{scope.at_least(model::Role::owner)},
         static_cast<std::int64_t>(scope.user.value)},
        [&](const SqlRow& r) { out.push_back(read_token(r)); });
  }));
  return out;
}

Result<NewToken> Identity::create_token(const model::Scope& scope, std::string_view name, model::Role role,
                                        Timestamp expires) {
  const auto wrong = [](std::string_view pointer, std::string_view what) {
    return fail(Error(Errc::invalid_argument, "auth.invalid").with(what).at(pointer));
  };
  if (!scope.at_least(model::Role::viewer)) return fail(Errc::denied, "auth.denied");
  if (!is_shown_name(name)) return wrong("/name", "A token needs a name of at most 200 characters.");
  if (role == model::Role::none) return wrong("/role", "The role is owner, engineer, operator or viewer.");
  if (role > scope.role)
    return fail(Error(Errc::denied, "auth.denied").with("A token cannot have more rights than its maker.").at("/role"));
  const Timestamp now = impl_->clock.now();
  if (expires <= now) return wrong("/expires_at", "The end lies in the past.");
  NewToken made;
  made.secret = std::string(kPrefix) + new_secret();
  KZ_CHECK(impl_->sql.write("", [&](SqlSession& s) -> Result<> {
    std::int64_t count = 0;
    KZ_CHECK(s.query("SELECT COUNT(*) FROM auth_token WHERE tenant=?1", {std::int64_t{scope.tenant.value}},
                     [&](const SqlRow& r) { count = r.integer(0); }));
    if (count >= kMaxTokens)
      return fail(Error(Errc::exhausted, "auth.too_many_tokens")
                      .with(karez::format("The enterprise has {} tokens, the most it can have.", count))
                      .cure("Delete unused ones."));
    KZ_CHECK(s.execute(
        "INSERT INTO auth_token(fingerprint,tenant,user_id,name,role,created,expires,last_used) "
        "VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
        {fingerprint(made.secret), std::int64_t{scope.tenant.value}, static_cast<std::int64_t>(scope.user.value),
         std::string(name), static_cast<std::int64_t>(role), to_ns(now), to_ns(expires), to_ns(kMinTime)}));
    return s.query(karez::format("SELECT {} FROM auth_token WHERE fingerprint=?1", kColumns),
                   {fingerprint(made.secret)}, [&](const SqlRow& r) { made.token = read_token(r); });
  }));
  return made;
}

Result<> Identity::remove_token(const model::Scope& scope, model::TokenId id) {
  KZ_TRY(const auto visible, tokens(scope));
  if (std::ranges::none_of(visible, [&](const Token& t) { return t.id == id; }))
    return fail(Errc::not_found, "auth.not_found", "There is no such token.");
  return impl_->sql.write("", [&](SqlSession& s) -> Result<> {
    KZ_CHECK(s.execute("DELETE FROM auth_token WHERE id=?1", {static_cast<std::int64_t>(id.value)}));
    return {};
  });
}

}  // namespace karez::security
