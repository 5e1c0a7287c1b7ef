// SPDX-License-Identifier: Apache-2.0
#include "security/identity.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

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

TEST_F(IdentityTest, LocksAUserAtAnAddressAndOpensAgain) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(slug(identity->log_in("admin", "wrong password", "x")), "auth.wrong_password");
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "x")), "auth.locked");
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "y")), "ok") << "others at other addresses still get in";
  clock.advance(31s);
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "x")), "ok");
}

TEST_F(IdentityTest, AnAddressThatManyShareBearsMoreFailuresButNotAnyNumber) {
  for (int i = 0; i < 59; ++i) (void)identity->log_in("user" + std::to_string(i), "wrong password", "proxy");
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "proxy")), "ok");
  (void)identity->log_in("another", "wrong password", "proxy");
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "proxy")), "auth.locked");
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "z")), "ok");
}

TEST_F(IdentityTest, AUserIsLockedWhenVeryManyAddressesGuess) {
  for (int i = 0; i < 60; ++i) (void)identity->log_in("admin", "wrong password", std::to_string(i));
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "elsewhere")), "auth.locked");
}

TEST_F(IdentityTest, MoreAddressesThanCanBeRememberedLockNobodyOut) {
  for (int i = 0; i < 4'000; ++i) (void)identity->log_in("n" + std::to_string(i), "wrong password", std::to_string(i));
  EXPECT_EQ(slug(identity->log_in("admin", one_time, "new")), "ok");
}

TEST_F(IdentityTest, ParallelGuessesDoNotPassTogether) {
  std::atomic<int> judged = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back(
          [&] { judged += slug(identity->log_in("admin", "wrong password", "x")) == "auth.wrong_password"; });
  }
  EXPECT_LE(judged, 3);
}

/// Calls `before` once, between a caller's reads and its next write.
struct Between final : stores::SqlStore {
  explicit Between(stores::SqlStore& s) : inner(s) {}
  stores::SqlStore& inner;
  std::function<void()> before;
  Result<> write(std::string_view id, const Work& work) override {
    if (const auto now = std::exchange(before, {})) now();
    return inner.write(id, work);
  }
  Result<> read(const Work& work) override { return inner.read(work); }
  Result<> migrate(const stores::Migrations& m) override { return inner.migrate(m); }
  Result<> backup(const std::string& path) override { return inner.backup(path); }
};

TEST_F(IdentityTest, ALogInVerifiedWithTheOldPasswordGetsNoSessionAfterAChange) {
  const Session session = owner();
  Between between(*sql);
  const auto racing = *Identity::open(between, clock, {.argon2_memory_kib = 64, .argon2_passes = 1});
  between.before = [&] { ASSERT_TRUE(identity->change_password(session.secret, kPassword, "another good password")); };
  EXPECT_EQ(slug(racing->log_in("admin", kPassword, "x")), "auth.wrong_password");
  EXPECT_EQ(slug(racing->log_in("admin", "another good password", "x")), "ok");
}

TEST_F(IdentityTest, ResettingAPasswordOpensTheLock) {
  const auto scope = owner().caller.scope(kTenant);
  const auto made = identity->create_user(scope, {.name = "li.wei"}, model::Role::viewer);
  for (int i = 0; i < 3; ++i) (void)identity->log_in("li.wei", "wrong password", "x");
  const auto fresh = identity->reset_password(scope, made->first.id);
  EXPECT_EQ(slug(identity->log_in("li.wei", *fresh, "x")), "ok");
}

TEST_F(IdentityTest, NamesAreMeasuredInCharacters) {
  const auto scope = owner().caller.scope(kTenant);
  std::string name;
  for (int i = 0; i < 200; ++i) name += "温";
  EXPECT_TRUE(identity->create_token(scope, name, model::Role::viewer, kMaxTime));
  EXPECT_TRUE(identity->create_user(scope, {.name = "long", .display = name}, model::Role::viewer));
  EXPECT_EQ(slug(identity->create_token(scope, name + "温", model::Role::viewer, kMaxTime)), "auth.invalid");
}

TEST_F(IdentityTest, ACallerKnowsWhenItsLogInEnds) {
  const Timestamp start = clock.now();
  const Session session = owner();
  clock.advance(10min);
  EXPECT_EQ(identity->by_session(session.secret)->expires, start + 24h);
  const auto token = identity->create_token(session.caller.scope(kTenant), "t", model::Role::viewer, start + 2h);
  EXPECT_EQ(identity->by_token(token->secret)->expires, start + 2h);
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
  Lockout lockout(clock);
  EXPECT_TRUE(lockout.begin("a", 1));
  EXPECT_FALSE(lockout.begin("a", 1));
  clock.advance(31s);
  EXPECT_TRUE(lockout.begin("a", 1));
  clock.advance(31s);
  EXPECT_FALSE(lockout.begin("a", 1)) << "the second wait is longer";
  for (int i = 0; i < 12'000; ++i) EXPECT_TRUE(lockout.begin(std::to_string(i), 1)) << "unknown keys always may";
  EXPECT_FALSE(lockout.begin("11999", 1));
}

TEST(Lockout, TakesBackAnAttemptThatWasNone) {
  ManualClock clock;
  Lockout lockout(clock);
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(lockout.begin("a", 2));
    lockout.forgive("a");
  }
  EXPECT_TRUE(lockout.begin("a", 2));
  EXPECT_TRUE(lockout.begin("a", 2));
  EXPECT_FALSE(lockout.begin("a", 2));
}

TEST(Turns, RefusesWhenTooManyWaitOrPatienceEnds) {
  Turns turns(1, 1, 1ms);
  {
    const auto first = turns.take();
    ASSERT_TRUE(first);
    EXPECT_EQ(turns.take().error().slug(), "auth.busy") << "nobody gives the turn back in time";
  }
  EXPECT_TRUE(turns.take());
  Turns none(0, 0, 1h);
  EXPECT_EQ(none.take().error().slug(), "auth.busy") << "nobody may wait, so there is no waiting";
}

}  // namespace
}  // namespace karez::security
