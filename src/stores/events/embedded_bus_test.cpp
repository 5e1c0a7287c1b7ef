// SPDX-License-Identifier: Apache-2.0
#include "stores/events/embedded_bus.h"

#include <gtest/gtest.h>

#include "stores/event_bus_conformance.h"

namespace karez::stores {
namespace {

class EmbeddedFixture {
 public:
  EmbeddedFixture() { reopen(); }
  ~EmbeddedFixture() { bus_.reset(); }
  EventBus& bus() { return *bus_; }
  SqlStore& sql() { return *sql_; }
  void reopen() {
    bus_.reset();
    sql_.reset();
    sql_ = std::move(*open_sql_store(folder_.path() / "meta.db"));
    bus_ = std::move(*open_event_bus(*sql_, clock_, null_log(), {.retry = std::chrono::milliseconds(5)}));
  }

 private:
  TempDir folder_;
  SystemClock clock_;
  std::unique_ptr<SqlStore> sql_;
  std::unique_ptr<EventBus> bus_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Embedded, EventBusConformance, EmbeddedFixture);

TEST(EmbeddedBus, RemovesOldEventsThatEverybodyHas) {
  const TempDir folder;
  ManualClock clock;
  const auto sql = std::move(*open_sql_store(folder.path() / "meta.db"));
  const auto publish = [&](EventBus& bus, std::string id, Timestamp time) {
    ASSERT_TRUE(sql->write({}, [&](SqlSession& session) {
      return bus.publish(session, {.id = std::move(id), .subject = "kz.t1.x", .body = "{}", .time = time});
    }));
  };
  Inbox inbox;
  {
    const auto bus = std::move(*open_event_bus(*sql, clock, null_log(), {}));
    publish(*bus, "old", clock.now() - std::chrono::hours(24 * 8));
    publish(*bus, "new", clock.now());
    ASSERT_TRUE(bus->subscribe("c", "kz.", inbox.handler()));
    ASSERT_TRUE(bus->start());
    ASSERT_EQ(inbox.wait_for(2), "old new");
    clock.advance(std::chrono::minutes(11));
    publish(*bus, "later", clock.now());
    inbox.wait_for(3);
    publish(*bus, "last", clock.now());  // handled in a round after the one that removes
    inbox.wait_for(4);
  }
  std::string left;
  ASSERT_TRUE(sql->read([&](SqlSession& session) {
    return session.query("SELECT id FROM bus_event ORDER BY seq", {},
                         [&](const SqlRow& row) { left.append(row.text(0)).append(" "); });
  }));
  EXPECT_EQ(left, "new later last ");
}

}  // namespace
}  // namespace karez::stores
