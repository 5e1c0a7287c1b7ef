// SPDX-License-Identifier: Apache-2.0
#include "security/identity.h"

#include <gtest/gtest.h>

#include "security/detail/lockout.h"
#include "security/detail/password.h"
#include "stores/open.h"

namespace karez::security {
namespace {

using namespace std::chrono_literals;

constexpr model::TenantId kTenant{1}, kOther{2};
constexpr std::string_view kPassword = "correct horse battery";

struct IdentityTest : testing::Test {
  TempDir dir;
  ManualClock clock;
  std::unique_ptr<stores::SqlStore> sql = *stores::open_sql_store(dir.path() / "meta.db");
  std::unique_ptr<Identity> identity = open();
  std::string one_time = **identity->ensure_first_user(kTenant);

  // Cheap parameters: these tests are about rules, not about the hash.
  std::unique_ptr<Identity> open() {
    return *Identity::open(
        *sql, clock,
        {.session_idle = 1h, .session_max = 24h, .max_failures = 3, .argon2_memory_kib = 64, .argon2_passes = 1});
  }
  Session owner() {
    auto session = identity->log_in("admin", one_time, "x");
    EXPECT_TRUE(identity->change_password(session->secret, one_time, kPassword));
    one_time = kPassword;
    session->caller = *identity->by_session(session->secret);
    return *session;
  }
  std::string slug(auto&& result) { return std::string(result ? "ok" : result.error().slug()); }
};

TEST_F(IdentityTest, FirstUserMustChangeTheOneTimePasswordBeforeAnything) {
  const auto session = identity->log_in("admin", one_time, "x");
  ASSERT_TRUE(session);
  EXPECT_TRUE(session->caller.user.must_change_password);
  EXPECT_EQ(session->caller.scope(kTenant).role, model::Role::none);
  ASSERT_TRUE(identity->change_password(session->secret, one_time, kPassword));
  EXPECT_EQ(identity->by_session(session->secret)->scope(kTenant).role, model::Role::owner);
  EXPECT_EQ(identity->by_session(session->secret)->scope(kOther).role, model::Role::none);
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "x")), "auth.wrong_password");
  EXPECT_FALSE(identity->ensure_first_user(kTenant)->has_value());
}

TEST_F(IdentityTest, AOneTimePasswordThatNobodyUsedIsReplacedAtTheNextStart) {
  const std::string second = **identity->ensure_first_user(kTenant);
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "x")), "auth.wrong_password");
  EXPECT_EQ(slug(identity->log_in("admin", second, "x")), "ok");
  EXPECT_FALSE(identity->ensure_first_user(kTenant)->has_value());
}

TEST_F(IdentityTest, NothingSecretIsStored) {
  const Session session = owner();
  const auto token = identity->create_token(session.caller.scope(kTenant), "t", model::Role::viewer, kMaxTime);
  ASSERT_TRUE(token);
  ASSERT_TRUE(sql->backup((dir.path() / "copy.db").string()));
  const std::string bytes = *read_file(dir.path() / "copy.db");
  for (const std::string_view secret : {std::string_view(session.secret), std::string_view(token->secret), kPassword})
    EXPECT_EQ(bytes.find(secret), std::string::npos);
}

TEST_F(IdentityTest, UnknownUserAndWrongPasswordLookAlike) {
  EXPECT_EQ(slug(identity->log_in("nobody", "whatever it is", "x")), "auth.wrong_password");
  EXPECT_EQ(slug(identity->log_in("admin", "whatever it is", "x")), "auth.wrong_password");
  EXPECT_EQ(slug(identity->log_in("admin", std::string(1 << 20, 'a'), "x")), "auth.wrong_password");
}

TEST_F(IdentityTest, LocksAfterFailuresAndOpensAgain) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(slug(identity->log_in("admin", "wrong password", "x")), "auth.wrong_password");
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "y")), "auth.locked");
  clock.advance(31s);
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "y")), "ok");
}

TEST_F(IdentityTest, AnAddressIsLockedWhateverUserItTries) {
  for (int i = 0; i < 3; ++i) (void)identity->log_in("user" + std::to_string(i), "wrong password", "x");
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "x")), "auth.locked");
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "z")), "ok");
}

TEST_F(IdentityTest, SessionsEndByIdlenessAgeAndPasswordChange) {
  const Session a = owner();
  const auto b = identity->log_in("admin", one_time, "x");
  ASSERT_TRUE(identity->change_password(a.secret, kPassword, "another good password"));
  EXPECT_EQ(slug(identity->by_session(b->secret)), "auth.expired");
  EXPECT_EQ(slug(identity->by_session(a.secret)), "ok");
  clock.advance(61min);
  EXPECT_EQ(slug(identity->by_session(a.secret)), "auth.expired");
  const auto c = identity->log_in("admin", "another good password", "x");
  for (int i = 0; i < 25; ++i) {
    clock.advance(59min);
    (void)identity->by_session(c->secret);
  }
  EXPECT_EQ(slug(identity->by_session(c->secret)), "auth.expired");
}

TEST_F(IdentityTest, SurvivesAReopen) {
  const Session session = owner();
  identity.reset();
  identity = open();
  EXPECT_EQ(slug(identity->by_session(session.secret)), "ok");
  ASSERT_TRUE(identity->log_out(session.secret));
  EXPECT_EQ(slug(identity->by_session(session.secret)), "auth.expired");
}

TEST_F(IdentityTest, WeakPasswordsAreRefusedWithTheRule) {
  const auto session = identity->log_in("admin", one_time, "x");
  for (const std::string& weak :
       {std::string("short"), std::string("1234567890"), std::string(12, 'a'), std::string("Password123"),
        std::string("adminadmin"), std::string("bad \xff utf-8 text"), std::string(300, 'x')})
    EXPECT_EQ(slug(identity->change_password(session->secret, one_time, weak)), "auth.weak_password") << weak;
  EXPECT_EQ(slug(identity->change_password(session->secret, one_time, "灌装机生产线一号车间密码")), "ok");
}

TEST_F(IdentityTest, OnlyOwnersManageUsersAndTheLastOwnerStays) {
  const Session session = owner();
  const auto scope = session.caller.scope(kTenant);
  const auto made = identity->create_user(scope, {.name = "li.wei"}, model::Role::engineer);
  ASSERT_TRUE(made);
  EXPECT_EQ(slug(identity->create_user(scope, {.name = "li.wei"}, model::Role::viewer)), "auth.duplicate");
  EXPECT_EQ(slug(identity->create_user(scope, {.name = "Li Wei"}, model::Role::viewer)), "auth.invalid");
  auto li = identity->log_in("li.wei", made->second, "x");
  ASSERT_TRUE(identity->change_password(li->secret, made->second, "engineer of line 2"));
  const auto engineer = identity->by_session(li->secret)->scope(kTenant);
  EXPECT_EQ(engineer.role, model::Role::engineer);
  EXPECT_EQ(slug(identity->users(engineer)), "auth.denied");
  EXPECT_EQ(slug(identity->create_token(engineer, "t", model::Role::owner, kMaxTime)), "auth.denied");

  auto admin = session.caller.user;
  admin.version = identity->user(scope, admin.id)->version;
  EXPECT_EQ(slug(identity->update_user(scope, admin, model::Role::viewer)), "auth.last_owner");
  EXPECT_EQ(slug(identity->remove_user(scope, admin.id, admin.version)), "auth.last_owner");
  EXPECT_EQ(identity->users(scope)->size(), 2u);

  auto user = identity->user(scope, made->first.id);
  EXPECT_EQ(slug(identity->update_user(scope, made->first, model::Role::viewer)), "auth.stale");
  ASSERT_TRUE(identity->update_user(scope, *user, model::Role::viewer));
  EXPECT_EQ(slug(identity->by_session(li->secret)), "auth.expired") << "a changed role ends the sessions";
}

TEST_F(IdentityTest, AnOwnerCannotTakeOverAUserOfAnotherEnterprise) {
  const Session session = owner();
  const auto made = identity->create_user(session.caller.scope(kTenant), {.name = "shared"}, model::Role::viewer);
  ASSERT_TRUE(sql->write("", [&](stores::SqlSession& s) -> Result<> {
    KZ_CHECK(s.execute("INSERT INTO auth_grant VALUES(?1,2,4)", {static_cast<std::int64_t>(made->first.id.value)}));
    return {};
  }));
  EXPECT_EQ(slug(identity->reset_password(session.caller.scope(kTenant), made->first.id)), "auth.shared_user");
  model::Scope stranger{.tenant = model::TenantId{3}, .role = model::Role::owner, .user = {}, .subtrees = {}};
  EXPECT_EQ(slug(identity->reset_password(stranger, made->first.id)), "auth.not_found");
}

TEST_F(IdentityTest, TokensAreBoundToTenantRoleOwnerAndEnd) {
  const Session session = owner();
  const auto scope = session.caller.scope(kTenant);
  const auto token = identity->create_token(scope, "line protocol", model::Role::operator_, clock.now() + 1h);
  ASSERT_TRUE(token);
  auto caller = identity->by_token(token->secret);
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->scope(kTenant).role, model::Role::operator_);
  EXPECT_EQ(caller->scope(kOther).role, model::Role::none);
  EXPECT_EQ(slug(identity->by_token(token->secret + "x")), "auth.bad_token");
  clock.advance(2h);
  EXPECT_EQ(slug(identity->by_token(token->secret)), "auth.bad_token");
  const auto second = identity->create_token(scope, "b", model::Role::viewer, kMaxTime);
  ASSERT_TRUE(identity->remove_token(scope, second->token.id));
  EXPECT_EQ(slug(identity->by_token(second->secret)), "auth.bad_token");
}

TEST(Lockout, DoublesTheWaitAndStaysBounded) {
  ManualClock clock;
  Lockout lockout(1, clock);
  lockout.failed("a");
  EXPECT_FALSE(lockout.check("a"));
  clock.advance(31s);
  EXPECT_TRUE(lockout.check("a"));
  lockout.failed("a");
  clock.advance(31s);
  EXPECT_FALSE(lockout.check("a"));
  for (int i = 0; i < 20'000; ++i) lockout.failed(std::to_string(i));
  EXPECT_FALSE(lockout.check("19999"));
}

}  // namespace
}  // namespace karez::security
