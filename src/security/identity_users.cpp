// SPDX-License-Identifier: Apache-2.0

#include "base/format.h"
#include "base/text.h"
#include "security/detail/identity_impl.h"

namespace karez::security {
namespace {

using stores::SqlRow;
using stores::SqlSession;

std::int64_t db(model::UserId id) { return static_cast<std::int64_t>(id.value); }
std::int64_t db(model::TenantId id) { return std::int64_t{id.value}; }
std::int64_t db(model::Role role) { return static_cast<std::int64_t>(role); }

Result<> check_user(const User& user, model::Role role) {
  const auto wrong = [](std::string_view pointer, std::string_view what) {
    return fail(Error(Errc::invalid_argument, "auth.invalid").with(what).at(pointer));
  };
  if (user.name.empty() || user.name.size() > 64 ||
      user.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") != std::string::npos)
    return wrong("/name", "A log-in name has 1 to 64 characters out of a-z, 0-9, dot, underscore and hyphen.");
  if (!user.display.empty() && !is_shown_name(user.display))
    return wrong("/display_name", "The shown name has at most 200 characters and no control characters.");
  if (user.locale != "" && user.locale != "zh" && user.locale != "en")
    return wrong("/locale", "The language is zh, en or empty.");
  if (role == model::Role::none || role > model::Role::owner)
    return wrong("/role", "The role is owner, engineer, operator or viewer.");
  return {};
}

std::unexpected<Error> not_found() {
  return fail(Errc::not_found, "auth.not_found", "There is no such user in this enterprise.");
}

bool belongs(const UserWithGrants& user, model::TenantId tenant) {
  return std::ranges::any_of(user.grants, [&](const Grant& g) { return g.tenant == tenant; });
}

/// An owner of one enterprise must not be able to take over an account that other enterprises trust.
Result<> only_here(const UserWithGrants& user, model::TenantId tenant) {
  if (std::ranges::all_of(user.grants, [&](const Grant& g) { return g.tenant == tenant; })) return {};
  return fail(Error(Errc::denied, "auth.shared_user")
                  .with("This user also belongs to another enterprise; only its role here can be changed.")
                  .cure("Let the user change it, or an operator of the platform."));
}

}  // namespace

Result<> Identity::Impl::last_owner_stays(SqlSession& s, model::TenantId tenant) {
  std::int64_t owners = 0;
  KZ_CHECK(
      s.query("SELECT COUNT(*) FROM auth_grant g JOIN auth_user u ON u.id=g.user_id WHERE g.tenant=?1 AND g.role=?2 "
              "AND u.enabled=1",
              {db(tenant), db(model::Role::owner)}, [&](const SqlRow& r) { owners = r.integer(0); }));
  if (owners > 0) return {};
  return fail(Error(Errc::conflict, "auth.last_owner")
                  .with("The enterprise would have no owner left.")
                  .cure("Make somebody else an owner first."));
}

Result<std::vector<UserWithGrants>> Identity::users(const model::Scope& scope) const {
  KZ_CHECK(need_owner(scope));
  std::vector<UserWithGrants> out;
  KZ_CHECK(impl_->sql.read([&](SqlSession& s) -> Result<> {
    KZ_TRY(out, impl_->load_users(s, "u.id IN (SELECT user_id FROM auth_grant WHERE tenant=?1)", {db(scope.tenant)}));
    return {};
  }));
  return out;
}

Result<UserWithGrants> Identity::user(const model::Scope& scope, model::UserId id) const {
  if (id != scope.user) KZ_CHECK(need_owner(scope));
  UserWithGrants out;
  KZ_CHECK(impl_->sql.read([&](SqlSession& s) -> Result<> {
    KZ_TRY(out, impl_->load_user(s, id));
    return {};
  }));
  if (!belongs(out, scope.tenant)) return not_found();
  return out;
}

Result<std::pair<UserWithGrants, std::string>> Identity::create_user(const model::Scope& scope, const User& user,
                                                                     model::Role role) {
  KZ_CHECK(need_owner(scope));
  KZ_CHECK(check_user(user, role));
  const std::string password = new_one_time_password();
  KZ_TRY(const std::string hash, impl_->hasher.hash(password));
  UserWithGrants made;
  KZ_CHECK(impl_->sql.write("", [&](SqlSession& s) -> Result<> {
    bool taken = false;
    KZ_CHECK(s.query("SELECT 1 FROM auth_user WHERE name=?1", {user.name}, [&](const SqlRow&) { taken = true; }));
    if (taken)
      return fail(Error(Errc::conflict, "auth.duplicate")
                      .with(karez::format("The name '{}' is taken.", user.name))
                      .at("/name")
                      .cure("Choose another."));
    KZ_CHECK(
        s.execute("INSERT INTO auth_user(name,display,password,enabled,must_change,locale,version,created,last_login) "
                  "VALUES(?1,?2,?3,?4,1,?5,1,?6,?7)",
                  {user.name, user.display, hash, std::int64_t{user.enabled}, user.locale, to_ns(impl_->clock.now()),
                   to_ns(kMinTime)}));
    KZ_CHECK(s.execute("INSERT INTO auth_grant(user_id,tenant,role) SELECT id,?2,?3 FROM auth_user WHERE name=?1",
                       {user.name, db(scope.tenant), db(role)}));
    KZ_TRY(auto users, impl_->load_users(s, "u.name=?1", {user.name}));
    made = std::move(users.front());
    return {};
  }));
  return std::pair(std::move(made), password);
}

Result<UserWithGrants> Identity::update_user(const model::Scope& scope, const User& user, model::Role role) {
  KZ_CHECK(need_owner(scope));
  KZ_CHECK(check_user(user, role));
  UserWithGrants after;
  KZ_CHECK(impl_->sql.write("", [&](SqlSession& s) -> Result<> {
    KZ_TRY(const UserWithGrants before, impl_->load_user(s, user.id));
    if (!belongs(before, scope.tenant)) return not_found();
    if (before.version != user.version)
      return fail(Error(Errc::conflict, "auth.stale")
                      .with("Somebody changed this user in between.")
                      .cure("Look at the newer state and change it again."));
    const bool account_changed = before.name != user.name || before.display != user.display ||
                                 before.enabled != user.enabled || before.locale != user.locale;
    if (account_changed) KZ_CHECK(only_here(before, scope.tenant));
    if (before.name != user.name) {
      bool taken = false;
      KZ_CHECK(s.query("SELECT 1 FROM auth_user WHERE name=?1 AND id<>?2", {user.name, db(user.id)},
                       [&](const SqlRow&) { taken = true; }));
      if (taken)
        return fail(Error(Errc::conflict, "auth.duplicate")
                        .with(karez::format("The name '{}' is taken.", user.name))
                        .at("/name")
                        .cure("Choose another."));
    }
    KZ_CHECK(s.execute("UPDATE auth_user SET name=?2, display=?3, enabled=?4, locale=?5, version=version+1 WHERE id=?1",
                       {db(user.id), user.name, user.display, std::int64_t{user.enabled}, user.locale}));
    KZ_CHECK(s.execute("UPDATE auth_grant SET role=?3 WHERE user_id=?1 AND tenant=?2",
                       {db(user.id), db(scope.tenant), db(role)}));
    KZ_CHECK(Impl::last_owner_stays(s, scope.tenant));
    const bool role_changed =
        std::ranges::none_of(before.grants, [&](const Grant& g) { return g.tenant == scope.tenant && g.role == role; });
    if (role_changed || !user.enabled) KZ_CHECK(s.execute("DELETE FROM auth_session WHERE user_id=?1", {db(user.id)}));
    KZ_TRY(after, impl_->load_user(s, user.id));
    return {};
  }));
  return after;
}

Result<> Identity::remove_user(const model::Scope& scope, model::UserId id, std::uint64_t version) {
  KZ_CHECK(need_owner(scope));
  return impl_->sql.write("", [&](SqlSession& s) -> Result<> {
    KZ_TRY(const UserWithGrants before, impl_->load_user(s, id));
    if (!belongs(before, scope.tenant)) return not_found();
    if (before.version != version)
      return fail(Error(Errc::conflict, "auth.stale")
                      .with("Somebody changed this user in between.")
                      .cure("Look at the newer state and delete again."));
    KZ_CHECK(s.execute("DELETE FROM auth_grant WHERE user_id=?1 AND tenant=?2", {db(id), db(scope.tenant)}));
    KZ_CHECK(s.execute("DELETE FROM auth_token WHERE user_id=?1 AND tenant=?2", {db(id), db(scope.tenant)}));
    KZ_CHECK(s.execute("DELETE FROM auth_session WHERE user_id=?1", {db(id)}));
    // Nobody trusts the account any more: it goes.
    KZ_CHECK(s.execute("DELETE FROM auth_user WHERE id=?1 AND NOT EXISTS (SELECT 1 FROM auth_grant WHERE user_id=?1)",
                       {db(id)}));
    return Impl::last_owner_stays(s, scope.tenant);
  });
}

Result<std::string> Identity::reset_password(const model::Scope& scope, model::UserId id) {
  KZ_CHECK(need_owner(scope));
  const std::string password = new_one_time_password();
  KZ_TRY(const std::string hash, impl_->hasher.hash(password));
  std::string name;
  KZ_CHECK(impl_->sql.write("", [&](SqlSession& s) -> Result<> {
    KZ_TRY(const UserWithGrants user, impl_->load_user(s, id));
    if (!belongs(user, scope.tenant)) return not_found();
    KZ_CHECK(only_here(user, scope.tenant));
    name = user.name;
    KZ_CHECK(
        s.execute("UPDATE auth_user SET password=?2, must_change=1, version=version+1 WHERE id=?1", {db(id), hash}));
    KZ_CHECK(s.execute("DELETE FROM auth_session WHERE user_id=?1", {db(id)}));
    return {};
  }));
  impl_->lockout.reset("u " + name);
  return password;
}

}  // namespace karez::security
