// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <limits>
#include <thread>

#include "base/format.h"
#include "stores/sql_store.h"

/// What every SqlStore must do. An implementation instantiates the suite with a fixture type that has
/// `SqlStore& store()` and `void reopen()` (closes it, and opens the same data again):
///   INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, SqlStoreConformance, SqliteFixture);
namespace karez::stores {

template <class Fixture>
class SqlStoreConformance : public testing::Test {
 protected:
  SqlStore& store() { return fixture_.store(); }
  void reopen() { fixture_.reopen(); }
  void make_table() {
    const auto made = store().migrate(
        {"suite", {"CREATE TABLE thing (id {id}, name TEXT NOT NULL UNIQUE, t BIGINT, x DOUBLE PRECISION)"}});
    ASSERT_TRUE(made) << made.error().message();
  }
  Result<> insert(SqlSession& session, const std::string& name, std::int64_t t = 0) {
    return session.execute("INSERT INTO thing (name, t) VALUES (?1, ?2)", {name, t}).transform([](auto) {});
  }
  std::int64_t number(std::string_view sql) {
    std::int64_t out = -1;
    const auto read =
        store().read([&](SqlSession& s) { return s.query(sql, {}, [&](const SqlRow& row) { out = row.integer(0); }); });
    EXPECT_TRUE(read) << read.error().message();
    return out;
  }
  std::int64_t count() { return number("SELECT count(*) FROM thing"); }

  Fixture fixture_;
};
TYPED_TEST_SUITE_P(SqlStoreConformance);

TYPED_TEST_P(SqlStoreConformance, KeepsWhatWasCommitted) {
  this->make_table();
  ASSERT_TRUE(this->store().write({}, [&](SqlSession& s) { return this->insert(s, "a"); }));
  this->reopen();
  EXPECT_EQ(this->count(), 1);
}

TYPED_TEST_P(SqlStoreConformance, RollsBackOnError) {
  this->make_table();
  const auto done = this->store().write({}, [&](SqlSession& s) -> Result<> {
    KZ_CHECK(this->insert(s, "a"));
    return fail(Errc::invalid_argument, "suite.no");
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().slug(), "suite.no");
  EXPECT_EQ(this->count(), 0);
  EXPECT_TRUE(this->store().write({}, [&](SqlSession& s) { return this->insert(s, "a"); }));
}

TYPED_TEST_P(SqlStoreConformance, RunsACommandOnceUnderRetries) {
  this->make_table();
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(this->store().write("cmd-1", [&](SqlSession& s) { return this->insert(s, "a"); }));
  this->reopen();
  ASSERT_TRUE(this->store().write("cmd-1", [&](SqlSession& s) { return this->insert(s, "a"); }));
  EXPECT_EQ(this->count(), 1);
}

TYPED_TEST_P(SqlStoreConformance, ForgetsTheCommandIdOfAWorkThatFailed) {
  this->make_table();
  ASSERT_FALSE(this->store().write("cmd-1", [&](SqlSession&) -> Result<> { return fail(Errc::timeout, "suite.no"); }));
  ASSERT_TRUE(this->store().write("cmd-1", [&](SqlSession& s) { return this->insert(s, "a"); }));
  EXPECT_EQ(this->count(), 1);
}

TYPED_TEST_P(SqlStoreConformance, RunsACommandOnceUnderRaces) {
  this->make_table();
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        if (!this->store().write("cmd-race", [&](SqlSession& s) { return this->insert(s, "a"); })) ++failures;
      });
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(this->count(), 1);
}

TYPED_TEST_P(SqlStoreConformance, RefusesCommandIdsBeyondBounds) {
  const auto nothing = [](SqlSession&) -> Result<> { return {}; };
  EXPECT_FALSE(this->store().write(std::string(129, 'x'), nothing));
  EXPECT_FALSE(this->store().write("\xff\xfe", nothing));
}

TYPED_TEST_P(SqlStoreConformance, KeepsTimesToTheNanosecond) {
  this->make_table();
  const std::vector<std::int64_t> times = {std::numeric_limits<std::int64_t>::min(), -1, 0, 1'752'471'728'412'345'679,
                                           std::numeric_limits<std::int64_t>::max()};
  ASSERT_TRUE(this->store().write({}, [&](SqlSession& s) -> Result<> {
    for (const std::int64_t t : times) KZ_CHECK(this->insert(s, std::to_string(t), t));
    return {};
  }));
  std::vector<std::int64_t> read;
  ASSERT_TRUE(this->store().read([&](SqlSession& s) {
    return s.query("SELECT t FROM thing ORDER BY t", {}, [&](const SqlRow& row) { read.push_back(row.integer(0)); });
  }));
  EXPECT_EQ(read, times);
}

TYPED_TEST_P(SqlStoreConformance, KeepsTextsAndNullsAsTheyAre) {
  this->make_table();
  const std::string hostile = "'; DROP TABLE thing; -- %_\\ \" 压力\n";
  ASSERT_TRUE(this->store().write({}, [&](SqlSession& s) -> Result<> {
    KZ_CHECK(s.execute("INSERT INTO thing (name, t, x) VALUES (?1, ?2, ?3)", {hostile, std::monostate{}, 0.1}));
    return {};
  }));
  int rows = 0;
  ASSERT_TRUE(this->store().read([&](SqlSession& s) {
    return s.query("SELECT name, t, x FROM thing WHERE name = ?1", {hostile}, [&](const SqlRow& row) {
      ++rows;
      EXPECT_EQ(row.text(0), hostile);
      EXPECT_TRUE(row.is_null(1));
      EXPECT_EQ(row.real(2), 0.1);
    });
  }));
  EXPECT_EQ(rows, 1);
}

TYPED_TEST_P(SqlStoreConformance, TellsConstraintsApart) {
  this->make_table();
  ASSERT_TRUE(this->store().write({}, [&](SqlSession& s) { return this->insert(s, "a"); }));
  const auto twice = this->store().write({}, [&](SqlSession& s) { return this->insert(s, "a"); });
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().slug(), "sql.constraint");
  EXPECT_EQ(twice.error().code(), Errc::conflict);
  const auto wrong = this->store().read([](SqlSession& s) { return s.query("SELEC 1", {}, [](const SqlRow&) {}); });
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().slug(), "sql.syntax");
}

TYPED_TEST_P(SqlStoreConformance, RefusesToWriteInARead) {
  this->make_table();
  EXPECT_FALSE(this->store().read([&](SqlSession& s) { return this->insert(s, "a"); }));
  EXPECT_EQ(this->count(), 0);
}

TYPED_TEST_P(SqlStoreConformance, ReadsOneSnapshotWhileOthersWrite) {
  this->make_table();
  std::vector<std::int64_t> seen;
  const auto look = [&](SqlSession& s) {
    return s.query("SELECT count(*) FROM thing", {}, [&](const SqlRow& row) { seen.push_back(row.integer(0)); });
  };
  ASSERT_TRUE(this->store().read([&](SqlSession& s) -> Result<> {
    KZ_CHECK(look(s));
    std::jthread([&] {
      EXPECT_TRUE(this->store().write({}, [&](SqlSession& w) { return this->insert(w, "a"); }));
    }).join();
    return look(s);
  }));
  EXPECT_EQ(seen, (std::vector<std::int64_t>{0, 0}));
  EXPECT_EQ(this->count(), 1);
}

TYPED_TEST_P(SqlStoreConformance, NeverUsesAnIdAgain) {
  this->make_table();
  const auto newest = [&] {
    std::int64_t id = 0;
    EXPECT_TRUE(this->store().write({}, [&](SqlSession& s) {
      return s.query("INSERT INTO thing (name) VALUES ('x') RETURNING id", {},
                     [&](const SqlRow& row) { id = row.integer(0); });
    }));
    return id;
  };
  const std::int64_t first = newest();
  ASSERT_TRUE(this->store().write(
      {}, [](SqlSession& s) -> Result<> { return s.execute("DELETE FROM thing").transform([](auto) {}); }));
  this->reopen();
  EXPECT_GT(newest(), first);
}

TYPED_TEST_P(SqlStoreConformance, SortsNamesNaturally) {
  this->make_table();
  for (const char* name : {"P10", "p2", "P1", "压力", "P02x", "a"})
    ASSERT_TRUE(this->store().write({}, [&](SqlSession& s) { return this->insert(s, name); }));
  std::string order;
  ASSERT_TRUE(this->store().read([&](SqlSession& s) {
    return s.query("SELECT name FROM thing ORDER BY name COLLATE natural_order, id", {},
                   [&](const SqlRow& row) { order.append(row.text(0)).append(" "); });
  }));
  EXPECT_EQ(order, "a P1 p2 P02x P10 压力 ");
}

TYPED_TEST_P(SqlStoreConformance, RunsEachMigrationOnce) {
  const auto first = "CREATE TABLE m (a BIGINT); INSERT INTO m (a) VALUES (1);";
  ASSERT_TRUE(this->store().migrate({"m", {first}}));
  this->reopen();
  ASSERT_TRUE(this->store().migrate({"m", {first, "INSERT INTO m (a) VALUES (2)"}}));
  ASSERT_TRUE(this->store().migrate({"m", {first, "INSERT INTO m (a) VALUES (2)"}}));
  EXPECT_EQ(this->number("SELECT sum(a) FROM m"), 3);
  const auto older = this->store().migrate({"m", {first}});
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().slug(), "sql.newer_schema");
}

TYPED_TEST_P(SqlStoreConformance, LeavesNothingOfAFailedMigration) {
  EXPECT_FALSE(this->store().migrate({"m", {"CREATE TABLE m (a BIGINT); INSERT INTO nowhere (a) VALUES (1);"}}));
  EXPECT_TRUE(this->store().migrate({"m", {"CREATE TABLE m (a BIGINT)"}}));
}

TYPED_TEST_P(SqlStoreConformance, KeepsAllOfManyWriters) {
  this->make_table();
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 25; ++i)
          if (!this->store().write(karez::format("c-{}-{}", t, i),
                                   [&](SqlSession& s) { return this->insert(s, karez::format("{}-{}", t, i)); }))
            ++failures;
      });
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(this->count(), 200);
}

/// A child writes and says which writes were acknowledged, until it is killed.
TYPED_TEST_P(SqlStoreConformance, KeepsAcknowledgedWritesOverAKill) {
  this->make_table();
  for (int round = 0; round < 5; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      this->reopen();
      for (std::int64_t i = 0;; ++i) {
        const auto name = karez::format("r{}-{}", round, i);
        if (!this->store().write(name, [&](SqlSession& s) { return this->insert(s, name, i); })) ::_exit(1);
        if (::write(pipe_ends[1], &i, sizeof i) != sizeof i) ::_exit(0);
      }
    }
    ::close(pipe_ends[1]);
    std::int64_t acknowledged = -1, got = 0;
    while (acknowledged < 5 + round * 7 && ::read(pipe_ends[0], &got, sizeof got) == sizeof got) acknowledged = got;
    ::kill(child, SIGKILL);
    while (::read(pipe_ends[0], &got, sizeof got) == sizeof got) acknowledged = got;
    ::close(pipe_ends[0]);
    ::waitpid(child, nullptr, 0);
    ASSERT_GE(acknowledged, 0);
    this->reopen();
    EXPECT_GE(this->number(karez::format("SELECT count(*) FROM thing WHERE name LIKE 'r{}-%'", round)),
              acknowledged + 1);
  }
}

REGISTER_TYPED_TEST_SUITE_P(SqlStoreConformance, KeepsWhatWasCommitted, RollsBackOnError, RunsACommandOnceUnderRetries,
                            ForgetsTheCommandIdOfAWorkThatFailed, RunsACommandOnceUnderRaces,
                            RefusesCommandIdsBeyondBounds, KeepsTimesToTheNanosecond, KeepsTextsAndNullsAsTheyAre,
                            TellsConstraintsApart, RefusesToWriteInARead, ReadsOneSnapshotWhileOthersWrite,
                            NeverUsesAnIdAgain, SortsNamesNaturally, RunsEachMigrationOnce,
                            LeavesNothingOfAFailedMigration, KeepsAllOfManyWriters, KeepsAcknowledgedWritesOverAKill);

}  // namespace karez::stores
