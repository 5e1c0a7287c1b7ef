// SPDX-License-Identifier: Apache-2.0
#include "security/identity.h"

#include <sodium.h>

#include "base/format.h"
#include "security/detail/identity_impl.h"

namespace karez::security {
namespace {

using stores::SqlRow;
using stores::SqlSession;

constexpr std::string_view kSchema = R"sql(
CREATE TABLE auth_user (
  id {id},
  name TEXT NOT NULL UNIQUE, display TEXT NOT NULL, password TEXT NOT NULL,
  enabled INTEGER NOT NULL, must_change INTEGER NOT NULL, locale TEXT NOT NULL,
  version BIGINT NOT NULL, created BIGINT NOT NULL, last_login BIGINT NOT NULL);
CREATE TABLE auth_grant (
  user_id BIGINT NOT NULL REFERENCES auth_user(id) ON DELETE CASCADE,
  tenant BIGINT NOT NULL, role BIGINT NOT NULL, PRIMARY KEY (user_id, tenant));
CREATE TABLE auth_session (
  fingerprint TEXT PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES auth_user(id) ON DELETE CASCADE,
  created BIGINT NOT NULL, seen BIGINT NOT NULL);
CREATE INDEX auth_session_by_user ON auth_session(user_id);
CREATE TABLE auth_token (
  id {id},
  fingerprint TEXT NOT NULL UNIQUE, tenant BIGINT NOT NULL,
  user_id BIGINT NOT NULL REFERENCES auth_user(id) ON DELETE CASCADE,
  name TEXT NOT NULL, role BIGINT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL, last_used BIGINT NOT NULL);
)sql";

/// How many more failures what is shared by several (an address, a user from anywhere) bears.
constexpr unsigned kSharedFactor = 20;

std::int64_t ns(Timestamp t) { return to_ns(t); }
std::int64_t db(model::UserId id) { return static_cast<std::int64_t>(id.value); }

std::unexpected<Error> wrong_password() {
  return fail(
      Error(Errc::denied, "auth.wrong_password").with("User or password is wrong.").cure("Check both and try again."));
}
std::unexpected<Error> expired() {
  return fail(Error(Errc::denied, "auth.expired").with("The session has ended.").cure("Log in again."));
}

}  // namespace

model::Scope Caller::scope(model::TenantId tenant) const {
  model::Scope scope;
  scope.tenant = tenant;
  scope.user = user.id;
  if (!user.enabled || user.must_change_password || (token_tenant && *token_tenant != tenant)) return scope;
  for (const Grant& g : user.grants)
    if (g.tenant == tenant) scope.role = std::min(g.role, token_role);
  return scope;
}

Identity::Identity(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Identity::~Identity() = default;

Result<std::unique_ptr<Identity>> Identity::open(stores::SqlStore& sql, Clock& clock, Options options) {
  if (::sodium_init() < 0) return fail(Errc::internal, "auth.no_random", "The random generator cannot be used.");
  KZ_CHECK(sql.migrate({"security", {kSchema}}));
  auto impl = std::make_unique<Impl>(sql, clock, options);
  KZ_TRY(impl->dummy_hash, impl->hasher.hash(new_secret()));
  return std::unique_ptr<Identity>(new Identity(std::move(impl)));
}

Result<std::vector<UserWithGrants>> Identity::Impl::load_users(
    SqlSession& s, std::string_view where, std::initializer_list<stores::SqlValue> parameters) const {
  std::vector<UserWithGrants> out;
  KZ_CHECK(s.query(
      karez::format("SELECT u.id,u.name,u.display,u.enabled,u.must_change,u.locale,u.version,u.created,u.last_login,"
                    "g.tenant,g.role FROM auth_user u LEFT JOIN auth_grant g ON g.user_id=u.id WHERE {} "
                    "ORDER BY u.name, g.tenant",
                    where),
      parameters, [&](const SqlRow& r) {
        const model::UserId id{static_cast<std::uint64_t>(r.integer(0))};
        if (out.empty() || out.back().id != id) {
          UserWithGrants u;
          u.id = id;
          u.name = r.text(1);
          u.display = r.text(2);
          u.enabled = r.integer(3) != 0;
          u.must_change_password = r.integer(4) != 0;
          u.locale = r.text(5);
          u.version = static_cast<std::uint64_t>(r.integer(6));
          u.created = from_ns(r.integer(7));
          u.last_login = from_ns(r.integer(8));
          out.push_back(std::move(u));
        }
        if (!r.is_null(9))
          out.back().grants.push_back(
              {model::TenantId{static_cast<std::uint32_t>(r.integer(9))}, static_cast<model::Role>(r.integer(10))});
      }));
  return out;
}

Result<UserWithGrants> Identity::Impl::load_user(SqlSession& s, model::UserId id) const {
  KZ_TRY(auto users, load_users(s, "u.id=?1", {db(id)}));
  if (users.empty()) return fail(Errc::not_found, "auth.not_found", "There is no such user.");
  return std::move(users.front());
}

bool Identity::Impl::should_touch(const std::string& key, Timestamp now) {
  const std::lock_guard lock(touch_mutex);
  if (touched.size() > 10'000) touched.clear();
  auto& last = touched.try_emplace(key, kMinTime).first->second;
  if (last != kMinTime && now - last < std::chrono::minutes(1)) return false;
  last = now;
  return true;
}

Result<std::optional<std::string>> Identity::ensure_first_user(model::TenantId tenant) {
  bool none = true, untouched = false;
  KZ_CHECK(impl_->sql.read([&](SqlSession& s) {
    return s.query("SELECT COUNT(*), MAX(last_login), MAX(must_change) FROM auth_user", {}, [&](const SqlRow& r) {
      none = r.integer(0) == 0;
      untouched = r.integer(0) == 1 && r.integer(1) == ns(kMinTime) && r.integer(2) == 1;
    });
  }));
  if (!none && !untouched) return std::optional<std::string>{};
  const std::string password = new_one_time_password();
  KZ_TRY(const std::string hash, impl_->hasher.hash(password));
  KZ_CHECK(impl_->sql.write("", [&](SqlSession& s) -> Result<> {
    if (untouched) {
      KZ_CHECK(s.execute("UPDATE auth_user SET password=?1", {hash}));
      return {};
    }
    KZ_CHECK(
        s.execute("INSERT INTO auth_user(name,display,password,enabled,must_change,locale,version,created,last_login) "
                  "VALUES('admin','',?1,1,1,'',1,?2,?3)",
                  {hash, ns(impl_->clock.now()), ns(kMinTime)}));
    KZ_CHECK(s.execute("INSERT INTO auth_grant(user_id,tenant,role) SELECT id,?1,?2 FROM auth_user WHERE name='admin'",
                       {std::int64_t{tenant.value}, static_cast<std::int64_t>(model::Role::owner)}));
    return {};
  }));
  return std::optional(password);
}

Result<Identity::Impl::Attempt> Identity::Impl::begin_attempt(std::string_view name, std::string_view address) {
  Attempt a{karez::format("u {} {}", name, address), karez::format("u {}", name), karez::format("a {}", address)};
  const unsigned shared = options.max_failures * kSharedFactor;
  KZ_CHECK(lockout.begin(a.mine, options.max_failures));
  if (auto ok = lockout.begin(a.user, shared); !ok) {
    lockout.forgive(a.mine);
    return fail(std::move(ok).error());
  }
  if (auto ok = lockout.begin(a.address, shared); !ok) {
    lockout.forgive(a.mine);
    lockout.forgive(a.user);
    return fail(std::move(ok).error());
  }
  return a;
}

void Identity::Impl::right(const Attempt& attempt) {
  lockout.succeeded(attempt.mine);
  // Somebody else may be guessing the same user, or from the same address: only this attempt is taken back.
  lockout.forgive(attempt.user);
  lockout.forgive(attempt.address);
}

void Identity::Impl::not_judged(const Attempt& attempt) {
  lockout.forgive(attempt.mine);
  lockout.forgive(attempt.user);
  lockout.forgive(attempt.address);
}

Result<Session> Identity::log_in(std::string_view name, std::string_view password, std::string_view address) {
  Impl& p = *impl_;
  if (name.size() > 64 || password.size() > 256) return wrong_password();
  KZ_TRY(const Impl::Attempt attempt, p.begin_attempt(name, address));
  model::UserId id;
  std::string encoded;
  bool enabled = false;
  auto looked_up = p.sql.read([&](SqlSession& s) {
    return s.query("SELECT id,password,enabled FROM auth_user WHERE name=?1", {std::string(name)},
                   [&](const SqlRow& r) {
                     id = {static_cast<std::uint64_t>(r.integer(0))};
                     encoded = r.text(1);
                     enabled = r.integer(2) != 0;
                   });
  });
  Result<bool> right = looked_up ? p.hasher.verify(password, id ? encoded : p.dummy_hash)
                                 : Result<bool>(fail(std::move(looked_up).error()));
  if (!right) {
    p.not_judged(attempt);
    return fail(std::move(right).error());
  }
  if (!*right || !id || !enabled) return wrong_password();
  p.right(attempt);
  Session session;
  session.secret = new_secret();
  const Timestamp now = p.clock.now();
  session.expires = now + p.options.session_max;
  KZ_CHECK(p.sql.write("", [&](SqlSession& s) -> Result<> {
    KZ_CHECK(s.execute("DELETE FROM auth_session WHERE seen < ?1 OR created < ?2",
                       {ns(now - p.options.session_idle), ns(now - p.options.session_max)}));
    // Only as long as the password is the one that was verified: a change in between ends all sessions.
    KZ_TRY(const std::int64_t made,
           s.execute("INSERT INTO auth_session(fingerprint,user_id,created,seen) SELECT ?1,id,?3,?3 FROM auth_user "
                     "WHERE id=?2 AND password=?4 AND enabled=1",
                     {fingerprint(session.secret), db(id), ns(now), encoded}));
    if (made == 0) return wrong_password();
    KZ_CHECK(s.execute("UPDATE auth_user SET last_login=?2 WHERE id=?1", {db(id), ns(now)}));
    KZ_TRY(session.caller.user, p.load_user(s, id));
    return {};
  }));
  session.caller.csrf = csrf_of(session.secret);
  session.caller.expires = session.expires;
  return session;
}

Result<Caller> Identity::by_session(std::string_view secret) {
  Impl& p = *impl_;
  if (secret.size() != 43) return expired();
  const std::string key = fingerprint(secret);
  const Timestamp now = p.clock.now();
  Caller caller;
  bool found = false;
  KZ_CHECK(p.sql.read([&](SqlSession& s) -> Result<> {
    model::UserId id;
    KZ_CHECK(s.query("SELECT user_id,created FROM auth_session WHERE fingerprint=?1 AND seen>=?2 AND created>=?3",
                     {key, ns(now - p.options.session_idle), ns(now - p.options.session_max)}, [&](const SqlRow& r) {
                       id = {static_cast<std::uint64_t>(r.integer(0))};
                       caller.expires = from_ns(r.integer(1)) + p.options.session_max;
                     }));
    if (!id) return {};
    KZ_TRY(caller.user, p.load_user(s, id));
    found = caller.user.enabled;
    return {};
  }));
  if (!found) return expired();
  if (p.should_touch(key, now))
    KZ_CHECK(p.sql.write("", [&](SqlSession& s) -> Result<> {
      KZ_CHECK(s.execute("UPDATE auth_session SET seen=?2 WHERE fingerprint=?1", {key, ns(now)}));
      return {};
    }));
  caller.csrf = csrf_of(secret);
  return caller;
}

Result<> Identity::log_out(std::string_view session_secret) {
  return impl_->sql.write("", [&](SqlSession& s) -> Result<> {
    KZ_CHECK(s.execute("DELETE FROM auth_session WHERE fingerprint=?1", {fingerprint(session_secret)}));
    return {};
  });
}

Result<> Identity::change_password(std::string_view session_secret, std::string_view old_password,
                                   std::string_view new_password) {
  Impl& p = *impl_;
  KZ_TRY(const Caller caller, by_session(session_secret));
  if (old_password.size() > 256) return wrong_password();
  // A guess with a stolen session counts for the session alone: it must not lock the user out.
  const std::string key = karez::format("s {}", fingerprint(session_secret));
  KZ_CHECK(p.lockout.begin(key, p.options.max_failures));
  std::string encoded;
  auto looked_up = p.sql.read([&](SqlSession& s) {
    return s.query("SELECT password FROM auth_user WHERE id=?1", {db(caller.user.id)},
                   [&](const SqlRow& r) { encoded = r.text(0); });
  });
  Result<bool> right =
      looked_up ? p.hasher.verify(old_password, encoded) : Result<bool>(fail(std::move(looked_up).error()));
  if (!right) {
    p.lockout.forgive(key);
    return fail(std::move(right).error());
  }
  if (!*right) return wrong_password();
  p.lockout.succeeded(key);
  KZ_CHECK(check_strength(new_password, caller.user.name));
  if (old_password == new_password)
    return fail(Error(Errc::invalid_argument, "auth.weak_password")
                    .with("The new password is the old one.")
                    .cure("Choose another."));
  KZ_TRY(const std::string hash, p.hasher.hash(new_password));
  return p.sql.write("", [&](SqlSession& s) -> Result<> {
    // Somebody else may have changed it since it was verified.
    KZ_TRY(const std::int64_t changed,
           s.execute("UPDATE auth_user SET password=?2, must_change=0, version=version+1 WHERE id=?1 AND password=?3",
                     {db(caller.user.id), hash, encoded}));
    if (changed == 0) return wrong_password();
    KZ_CHECK(s.execute("DELETE FROM auth_session WHERE user_id=?1 AND fingerprint<>?2",
                       {db(caller.user.id), fingerprint(session_secret)}));
    return {};
  });
}

}  // namespace karez::security
