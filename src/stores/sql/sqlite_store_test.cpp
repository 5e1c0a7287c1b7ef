// SPDX-License-Identifier: Apache-2.0
#include "stores/sql/sqlite_store.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "stores/sql/natural.h"
#include "stores/sql_store_conformance.h"

namespace karez::stores {
namespace {

class SqliteFixture {
 public:
  SqliteFixture() { reopen(); }
  SqlStore& store() { return *store_; }
  void reopen() {
    store_.reset();
    auto opened = open_sql_store(folder_.path() / "meta.db");
    KZ_ASSERT(opened);
    store_ = std::move(*opened);
  }
  Path folder() const { return folder_.path(); }

 private:
  TempDir folder_;
  std::unique_ptr<SqlStore> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Sqlite, SqlStoreConformance, SqliteFixture);

Result<> nothing(SqlSession&) { return {}; }

TEST(SqliteStore, RefusesAFileThatIsNoDatabase) {
  const TempDir folder;
  ASSERT_TRUE(write_file_atomic(folder.path() / "x.db", as_bytes(std::string(5000, 'x'))));
  const auto opened = open_sql_store(folder.path() / "x.db");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().slug(), "sql.corrupt");
}

TEST(SqliteStore, SaysWhichFileItCannotOpen) {
  const TempDir folder;
  std::filesystem::create_directory(folder.path() / "x.db");
  const auto opened = open_sql_store(folder.path() / "x.db");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().slug(), "sql.cannot_open");
  EXPECT_NE(opened.error().text().find("x.db"), std::string_view::npos);
}

TEST(SqliteStore, KeepsTheFileFromOthers) {
  SqliteFixture fixture;
  const auto rights = std::filesystem::status(fixture.folder() / "meta.db").permissions();
  EXPECT_EQ(rights & std::filesystem::perms(0777), std::filesystem::perms(0600));
}

TEST(SqliteStore, RefusesTwoStatementsInOne) {
  SqliteFixture fixture;
  const auto done = fixture.store().write({}, [](SqlSession& s) -> Result<> {
    return s.execute("CREATE TABLE a (x BIGINT); CREATE TABLE b (x BIGINT)").transform([](auto) {});
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().slug(), "sql.syntax");
}

TEST(SqliteStore, RefusesAWrongNumberOfParameters) {
  SqliteFixture fixture;
  const auto done = fixture.store().read([](SqlSession& s) { return s.query("SELECT ?1", {}, [](const SqlRow&) {}); });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().slug(), "sql.syntax");
}

TEST(SqliteStore, RunsTheSameStatementInsideItsOwnRows) {
  SqliteFixture fixture;
  constexpr std::string_view kSql = "SELECT 1 UNION ALL SELECT 2";
  int rows = 0;
  ASSERT_TRUE(fixture.store().read([&](SqlSession& s) {
    return s.query(kSql, {}, [&](const SqlRow&) { EXPECT_TRUE(s.query(kSql, {}, [&](const SqlRow&) { ++rows; })); });
  }));
  EXPECT_EQ(rows, 4);
}

TEST(SqliteStore, SurvivesMoreStatementsThanItsCacheHolds) {
  SqliteFixture fixture;
  std::int64_t sum = 0;
  ASSERT_TRUE(fixture.store().read([&](SqlSession& s) -> Result<> {
    for (int round = 0; round < 2; ++round)
      for (int i = 0; i < 200; ++i)
        KZ_CHECK(s.query(karez::format("SELECT {}", i), {}, [&](const SqlRow& row) { sum += row.integer(0); }));
    return {};
  }));
  EXPECT_EQ(sum, 2 * 199 * 100);
}

TEST(SqliteStore, SaysBusyWhenAllReadersAreOut) {
  const TempDir folder;
  auto store = open_sql_store(folder.path() / "m.db", {.readers = 1, .busy_timeout = std::chrono::milliseconds(20)});
  ASSERT_TRUE(store);
  ASSERT_TRUE((*store)->read([&](SqlSession&) -> Result<> {
    std::jthread([&] {
      const auto second = (*store)->read(nothing);
      ASSERT_FALSE(second);
      EXPECT_EQ(second.error().slug(), "sql.busy");
    }).join();
    return {};
  }));
  EXPECT_TRUE((*store)->read(nothing));
}

TEST(SqliteStore, ForgetsTheOldestCommandIds) {
  const TempDir folder;
  auto store = open_sql_store(folder.path() / "m.db", {.command_ids_kept = 10});
  ASSERT_TRUE(store);
  ASSERT_TRUE((*store)->migrate({"t", {"CREATE TABLE t (x BIGINT)"}}));
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE((*store)->write(karez::format("c{}", i), nothing));
  std::int64_t kept = 0;
  ASSERT_TRUE((*store)->read([&](SqlSession& s) {
    return s.query("SELECT count(*) FROM store_command", {}, [&](const SqlRow& row) { kept = row.integer(0); });
  }));
  EXPECT_EQ(kept, 10);
}

TEST(SqliteStore, BacksUpWhileWritersGoOn) {
  SqliteFixture fixture;
  ASSERT_TRUE(fixture.store().migrate({"t", {"CREATE TABLE t (a BIGINT, b BIGINT)"}}));
  std::jthread writer([&](const std::stop_token& stop) {
    for (std::int64_t i = 0; !stop.stop_requested(); ++i)
      EXPECT_TRUE(fixture.store().write({}, [&](SqlSession& s) -> Result<> {
        KZ_CHECK(s.execute("INSERT INTO t VALUES (?1, 0)", {i}));
        return s.execute("UPDATE t SET b = a WHERE a = ?1", {i}).transform([](auto) {});
      }));
  });
  const Path copy = fixture.folder() / "copy.db";
  ASSERT_TRUE(fixture.store().backup(copy.string()));
  writer.request_stop();
  writer.join();
  EXPECT_FALSE(fixture.store().backup(copy.string()));
  auto store = open_sql_store(copy);
  ASSERT_TRUE(store);
  std::int64_t torn = -1;
  ASSERT_TRUE((*store)->read([&](SqlSession& s) {
    return s.query("SELECT count(*) FROM t WHERE a <> b", {}, [&](const SqlRow& row) { torn = row.integer(0); });
  }));
  EXPECT_EQ(torn, 0);
}

TEST(NaturalOrder, ReadsDigitsAsNumbersOfAnyLength) {
  EXPECT_LT(compare_natural("P2", "P10"), 0);
  EXPECT_EQ(compare_natural("P02", "p2"), 0);
  EXPECT_LT(compare_natural("1", std::string(100, '9')), 0);
  EXPECT_LT(compare_natural("a", "a1"), 0);
  EXPECT_EQ(compare_natural("", ""), 0);
  EXPECT_GT(compare_natural("b", "A"), 0);
  EXPECT_GT(compare_natural("a10b3", "a10b2"), 0);
  EXPECT_LT(compare_natural("000", "01"), 0);
}

}  // namespace
}  // namespace karez::stores
