// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <ranges>
#include <set>
#include <string>
#include <vector>

#include "base/format.h"
#include "stores/event_bus.h"

/// What every EventBus must do. The fixture has `EventBus& bus()`, `SqlStore& sql()` and
/// `void reopen()`, which stops the bus and opens a new one on the same data; handlers' errors are
/// tried again within some milliseconds.
namespace karez::stores {

/// Collects what a handler was given, for the test's thread to wait for.
class Inbox {
 public:
  std::function<Result<>(const Event&)> handler() {
    return [this](const Event& event) -> Result<> {
      const std::scoped_lock lock(mutex_);
      if (refusals_ > 0) {
        --refusals_;
        return fail(Errc::unavailable, "suite.not_now");
      }
      events_.push_back(event);
      arrived_.notify_all();
      return {};
    };
  }
  void refuse(int times) {
    const std::scoped_lock lock(mutex_);
    refusals_ = times;
  }
  /// The ids in the order of arrival once `count` are there, or after 10 s.
  std::string wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, std::chrono::seconds(10), [&] { return events_.size() >= count; });
    std::string out;
    for (const Event& event : events_) out.append(out.empty() ? "" : " ").append(event.id);
    return out;
  }
  Event at(std::size_t index) {
    const std::scoped_lock lock(mutex_);
    return events_.at(index);
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Event> events_;
  int refusals_ = 0;
};

template <class Fixture>
class EventBusConformance : public testing::Test {
 protected:
  EventBus& bus() { return fixture_.bus(); }
  static Event event(std::string id, std::string subject = "kz.t1.device.created") {
    return {
        .id = std::move(id), .subject = std::move(subject), .body = "{}", .time = from_ns(1'752'471'728'412'345'679)};
  }
  Result<> publish(const Event& event) {
    return fixture_.sql().write({}, [&](SqlSession& session) { return bus().publish(session, event); });
  }
  Fixture fixture_;
};
TYPED_TEST_SUITE_P(EventBusConformance);

TYPED_TEST_P(EventBusConformance, DeliversInOrderWithEveryMember) {
  Inbox inbox;
  ASSERT_TRUE(this->bus().subscribe("c", "kz.", inbox.handler()));
  ASSERT_TRUE(this->bus().start());
  Event first = this->event("1");
  first.body = R"({"名":"'; DROP TABLE"})";
  ASSERT_TRUE(this->publish(first));
  for (int i = 2; i <= 5; ++i) ASSERT_TRUE(this->publish(this->event(std::to_string(i))));
  EXPECT_EQ(inbox.wait_for(5), "1 2 3 4 5");
  EXPECT_EQ(inbox.at(0).body, first.body);
  EXPECT_EQ(inbox.at(0).subject, first.subject);
  EXPECT_EQ(inbox.at(0).time, first.time);
}

TYPED_TEST_P(EventBusConformance, HappensExactlyIfTheTransactionCommits) {
  Inbox inbox;
  ASSERT_TRUE(this->bus().subscribe("c", "kz.", inbox.handler()));
  ASSERT_TRUE(this->bus().start());
  ASSERT_FALSE(this->fixture_.sql().write({}, [&](SqlSession& session) -> Result<> {
    KZ_CHECK(this->bus().publish(session, this->event("lost")));
    return fail(Errc::cancelled, "suite.no");
  }));
  ASSERT_TRUE(this->publish(this->event("kept")));
  EXPECT_EQ(inbox.wait_for(1), "kept");
}

TYPED_TEST_P(EventBusConformance, DeliversARepeatedEventOnce) {
  Inbox inbox;
  ASSERT_TRUE(this->bus().subscribe("c", "kz.", inbox.handler()));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(this->publish(this->event("same")));
  ASSERT_TRUE(this->publish(this->event("last")));
  ASSERT_TRUE(this->bus().start());
  EXPECT_EQ(inbox.wait_for(2), "same last");
}

TYPED_TEST_P(EventBusConformance, GivesEachConsumerItsSubjects) {
  Inbox all, some;
  ASSERT_TRUE(this->bus().subscribe("all", "kz.", all.handler()));
  ASSERT_TRUE(this->bus().subscribe("some", "kz.t1.device.", some.handler()));
  ASSERT_TRUE(this->bus().start());
  ASSERT_TRUE(this->publish(this->event("a", "kz.t2.device.created")));
  ASSERT_TRUE(this->publish(this->event("b", "kz.t1.point.created")));
  ASSERT_TRUE(this->publish(this->event("c", "kz.t1.device.created")));
  EXPECT_EQ(all.wait_for(3), "a b c");
  EXPECT_EQ(some.wait_for(1), "c");
}

TYPED_TEST_P(EventBusConformance, ComesAgainAfterAHandlersErrorInOrder) {
  Inbox inbox;
  inbox.refuse(3);
  ASSERT_TRUE(this->bus().subscribe("c", "kz.", inbox.handler()));
  for (const char* id : {"1", "2", "3"}) ASSERT_TRUE(this->publish(this->event(id)));
  ASSERT_TRUE(this->bus().start());
  EXPECT_EQ(inbox.wait_for(3), "1 2 3");
}

TYPED_TEST_P(EventBusConformance, GoesOnFromTheDurableCursor) {
  Inbox first, second;
  ASSERT_TRUE(this->bus().subscribe("c", "kz.", first.handler()));
  ASSERT_TRUE(this->bus().start());
  ASSERT_TRUE(this->publish(this->event("1")));
  ASSERT_EQ(first.wait_for(1), "1");
  this->bus().stop();
  ASSERT_TRUE(this->publish(this->event("2")));
  this->fixture_.reopen();
  ASSERT_TRUE(this->bus().subscribe("c", "kz.", second.handler()));
  ASSERT_TRUE(this->bus().start());
  ASSERT_TRUE(this->publish(this->event("3")));
  EXPECT_EQ(second.wait_for(2), "2 3");
}

TYPED_TEST_P(EventBusConformance, DeliversMoreThanOneBatch) {
  Inbox inbox;
  ASSERT_TRUE(this->bus().subscribe("c", "kz.", inbox.handler()));
  std::string expected;
  ASSERT_TRUE(this->fixture_.sql().write({}, [&](SqlSession& session) -> Result<> {
    expected.clear();
    for (int i = 0; i < 350; ++i) {
      KZ_CHECK(this->bus().publish(session, this->event(std::to_string(i))));
      expected.append(i ? " " : "").append(std::to_string(i));
    }
    return {};
  }));
  ASSERT_TRUE(this->bus().start());
  EXPECT_EQ(inbox.wait_for(350), expected);
}

TYPED_TEST_P(EventBusConformance, RefusesWhatIsNoEvent) {
  for (const std::string& subject :
       {std::string(), std::string("kz"), std::string("kz.t1"), std::string("kz..x"), std::string("kz.t1.*"),
        std::string("kz.t1.A"), "kz.t1." + std::string(1 << 20, 'x'), std::string("kz.t1.a\0b", 9)})
    EXPECT_EQ(this->publish(this->event("1", subject)).error().slug(), "bus.bad_event") << subject.substr(0, 20);
  EXPECT_FALSE(this->publish(this->event("")));
  EXPECT_FALSE(this->publish(this->event(std::string(65, 'x'))));
  Event big = this->event("1");
  big.body = std::string(70'000, 'x');
  EXPECT_FALSE(this->publish(big));
  big.body = "\xff";
  EXPECT_FALSE(this->publish(big));
  EXPECT_FALSE(this->bus().subscribe("", "kz.", [](const Event&) -> Result<> { return {}; }));
  ASSERT_TRUE(this->bus().subscribe("c", "kz.", [](const Event&) -> Result<> { return {}; }));
  EXPECT_FALSE(this->bus().subscribe("c", "kz.", [](const Event&) -> Result<> { return {}; }));
}

/// A child handles events and says which, until it is killed: nothing may be missed afterwards.
TYPED_TEST_P(EventBusConformance, MissesNothingOverAKill) {
  constexpr int kEvents = 300;
  for (int i = 0; i < kEvents; ++i) ASSERT_TRUE(this->publish(this->event(karez::format("{:03}", i))));
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    this->fixture_.reopen();
    const auto handler = [&](const Event& event) -> Result<> {
      if (::write(pipe_ends[1], event.id.data(), 3) != 3) ::_exit(0);
      return {};
    };
    if (!this->bus().subscribe("c", "kz.", handler) || !this->bus().start()) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(pipe_ends[1]);
  std::set<std::string> seen;
  char id[3];
  while (seen.size() < 150 && ::read(pipe_ends[0], id, 3) == 3) seen.emplace(id, 3);
  ::kill(child, SIGKILL);
  while (::read(pipe_ends[0], id, 3) == 3) seen.emplace(id, 3);
  ::close(pipe_ends[0]);
  ::waitpid(child, nullptr, 0);
  ASSERT_GE(seen.size(), 150u);
  this->fixture_.reopen();
  Inbox rest;
  ASSERT_TRUE(this->bus().subscribe("c", "kz.", rest.handler()));
  ASSERT_TRUE(this->publish(this->event("end")));
  ASSERT_TRUE(this->bus().start());
  std::string all;
  for (std::size_t count = 1; count <= kEvents + 1 && !all.ends_with("end"); ++count) all = rest.wait_for(count);
  ASSERT_TRUE(all.ends_with("end"));
  for (const auto word : std::views::split(all.substr(0, all.size() - 3), ' '))
    if (!word.empty()) seen.emplace(word.begin(), word.end());
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(kEvents));
}

REGISTER_TYPED_TEST_SUITE_P(EventBusConformance, DeliversInOrderWithEveryMember, HappensExactlyIfTheTransactionCommits,
                            DeliversARepeatedEventOnce, GivesEachConsumerItsSubjects,
                            ComesAgainAfterAHandlersErrorInOrder, GoesOnFromTheDurableCursor, DeliversMoreThanOneBatch,
                            RefusesWhatIsNoEvent, MissesNothingOverAKill);

}  // namespace karez::stores
