// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "net/blocking.h"
#include "net/deadlines.h"
#include "net/scripted_stream.h"
#include "net/signal.h"
#include "net/stream.h"
#include "net/tcp_stream.h"

namespace karez::net {
namespace {

using namespace std::chrono_literals;

struct Probe final : DeadlineEntry {
  explicit Probe(std::vector<int>& o, int n) : order(o), number(n) {}
  void on_deadline() override { order.push_back(number); }
  std::vector<int>& order;
  int number;
};

TEST(DeadlineQueue, FiresInOrderOfTimeAndForgetsRemovedEntries) {
  DeadlineQueue queue;
  std::vector<int> order;
  std::vector<std::unique_ptr<Probe>> probes;
  for (int i = 0; i < 100; ++i) {
    probes.push_back(std::make_unique<Probe>(order, (i * 37) % 100));
    queue.add(*probes.back(), Monotonic(std::chrono::seconds(probes.back()->number)));
  }
  for (auto& probe : probes) {
    if (probe->number % 3 == 0) queue.remove(*probe);
  }
  queue.fire(Monotonic(49s));
  for (int i = 1; i < static_cast<int>(order.size()); ++i) EXPECT_LT(order[i - 1], order[i]);
  EXPECT_EQ(order.size(), 33u);
  EXPECT_EQ(queue.next(), Monotonic(50s));
}

Task<Result<int>> answer(int value) { co_return value; }
Task<Result<>> many_awaits(int count, int* sum) {
  for (int i = 0; i < count; ++i) {
    KZ_CO_TRY(const int v, co_await answer(1));
    *sum += v;
  }
  co_return {};
}

TEST(Task, AMillionAwaitsThatEndAtOnceNeedNoStack) {
  int sum = 0;
  EXPECT_TRUE(run_now(many_awaits(1'000'000, &sum)));
  EXPECT_EQ(sum, 1'000'000);
}

TEST(Loop, SleepsAndIsCancelledByItsScope) {
  Loop loop("test");
  TaskScope scope(loop);
  std::atomic<bool> slept = false, cancelled = false;
  EXPECT_TRUE(run_blocking<void>(scope, [&](std::stop_token stop) { return loop.sleep(1ms, stop); }));
  scope.spawn([&](std::stop_token stop) -> Task<Result<>> {
    slept = true;
    const auto r = co_await loop.sleep(1h, stop);
    cancelled = !r && r.error().slug() == "net.cancelled";
    co_return {};
  });
  scope.stop_and_join();
  EXPECT_TRUE(slept && cancelled);
}

TEST(Loop, TellsTheScopeOfErrorsButNotOfCancellation) {
  Loop loop("test");
  std::vector<std::string> errors;
  TaskScope scope(loop, [&](const Error& e) { errors.emplace_back(e.slug()); });
  scope.spawn([](std::stop_token) -> Task<Result<>> { co_return fail(Errc::protocol, "test.broken"); });
  scope.spawn([&](std::stop_token stop) { return loop.sleep(1h, stop); });
  scope.stop_and_join();
  EXPECT_EQ(errors, std::vector<std::string>{"test.broken"});
}

struct Loopback : testing::Test {
  Loop loop{"test"};
  std::unique_ptr<Listener> listener = *Listener::open(loop, "127.0.0.1", 0);
  TaskScope scope{loop};

  Task<Result<std::unique_ptr<Stream>>> dial(std::stop_token stop) {
    return connect_tcp(loop, "127.0.0.1", listener->port(), Deadline::after(5s), stop);
  }
  void echo() {
    scope.spawn([this](std::stop_token stop) -> Task<Result<>> {
      KZ_CO_TRY(const auto peer, co_await listener->accept(stop));
      const std::stop_callback on_stop(stop, [&] { peer->close(); });
      std::array<std::byte, 256> buffer;
      for (;;) {
        const auto n = co_await peer->read_some(buffer, Deadline::after(5s));
        if (!n) co_return {};
        KZ_CO_CHECK(co_await peer->write_all(std::span(buffer).first(*n), Deadline::after(5s)));
      }
    });
  }
};

TEST_F(Loopback, EchoesWholeMessages) {
  echo();
  const auto r = run_blocking<std::string>(scope, [&](std::stop_token stop) -> Task<Result<std::string>> {
    KZ_CO_TRY(const auto stream, co_await dial(stop));
    const std::string sent(200'000, 'x');
    std::string got(1000, '\0');
    for (int i = 0; i < 20; ++i) {
      KZ_CO_CHECK(co_await stream->write_all(as_bytes(std::string_view(sent).substr(0, 1000)), Deadline::after(5s)));
      KZ_CO_CHECK(co_await read_exactly(*stream, std::as_writable_bytes(std::span(got)), Deadline::after(5s)));
    }
    co_return got;
  });
  ASSERT_TRUE(r) << r.error().message();
  EXPECT_EQ(*r, std::string(1000, 'x'));
}

/// A listener with a full queue: the kernel drops what more would connect, as a firewall does.
class BlackHole {
 public:
  BlackHole() {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(sockets_[0], reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(::listen(sockets_[0], 0), 0);
    socklen_t size = sizeof at;
    ::getsockname(sockets_[0], reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    for (std::size_t i = 1; i < sockets_.size(); ++i) {
      (void)::connect(sockets_[i], reinterpret_cast<sockaddr*>(&at), sizeof at);  // the last ones never get through
    }
  }
  ~BlackHole() {
    for (const int s : sockets_) ::close(s);
  }
  BlackHole(const BlackHole&) = delete;
  BlackHole& operator=(const BlackHole&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  static int make() { return ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }
  std::array<int, 5> sockets_{make(), make(), make(), make(), make()};
  std::uint16_t port_ = 0;
};

TEST_F(Loopback, AnAddressThatSwallowsEverythingLeavesTimeForTheNext) {
  const BlackHole hole;
  const auto open = Listener::open(loop, "127.0.0.2", hole.port());
  ASSERT_TRUE(open) << open.error().message();
  const auto peer = run_blocking<std::string>(scope, [&](std::stop_token stop) -> Task<Result<std::string>> {
    KZ_CO_TRY(const auto stream,
              co_await connect_first(loop, {"127.0.0.1", "127.0.0.2"}, hole.port(), Deadline::after(400ms), stop, {}));
    co_return stream->peer();
  });
  ASSERT_TRUE(peer) << peer.error().message();
  EXPECT_TRUE(peer->starts_with("127.0.0.2")) << *peer;
}

TEST_F(Loopback, DeadlineEndsAReadAndTheStreamStaysUsable) {
  echo();
  const auto r = run_blocking<int>(scope, [&](std::stop_token stop) -> Task<Result<int>> {
    KZ_CO_TRY(const auto stream, co_await dial(stop));
    std::array<std::byte, 4> buffer;
    const auto n = co_await stream->read_some(buffer, Deadline::after(5ms));
    if (n || n.error().slug() != "net.timeout") co_return 1;
    KZ_CO_CHECK(co_await stream->write_all(as_bytes("ping"), Deadline::after(5s)));
    KZ_CO_CHECK(co_await read_exactly(*stream, buffer, Deadline::after(5s)));
    co_return as_text(buffer) == "ping" ? 0 : 2;
  });
  ASSERT_TRUE(r) << r.error().message();
  EXPECT_EQ(*r, 0);
}

TEST_F(Loopback, CloseEndsAPendingReadWithCancelled) {
  echo();
  std::atomic<int> seen = 0;
  std::unique_ptr<Stream> stream =
      *run_blocking<std::unique_ptr<Stream>>(scope, [&](std::stop_token stop) { return dial(stop); });
  scope.spawn([&](std::stop_token stop) -> Task<Result<>> {
    const std::stop_callback on_stop(stop, [&] { stream->close(); });
    std::array<std::byte, 4> buffer;
    const auto n = co_await stream->read_some(buffer, Deadline::after(1h));
    seen = !n && n.error().slug() == "net.cancelled" ? 1 : 2;
    co_return {};
  });
  scope.stop_and_join();
  EXPECT_EQ(seen, 1);
}

TEST_F(Loopback, AReadTimeoutLeavesAPendingWriteAlone) {
  // The peer reads nothing, so the write blocks; meanwhile reads run into their deadlines.
  std::atomic<bool> drain = false;
  scope.spawn([&](std::stop_token stop) -> Task<Result<>> {
    KZ_CO_TRY(const auto peer, co_await listener->accept(stop));
    const std::stop_callback on_stop(stop, [&] { peer->close(); });
    while (!drain) KZ_CO_CHECK(co_await loop.sleep(1ms, stop));
    std::vector<std::byte> buffer(1 << 20);
    while (co_await peer->read_some(buffer, Deadline::after(10s))) {}
    co_return {};
  });
  std::unique_ptr<Stream> stream =
      *run_blocking<std::unique_ptr<Stream>>(scope, [&](std::stop_token stop) { return dial(stop); });
  scope.spawn([&](std::stop_token) -> Task<Result<>> {
    std::array<std::byte, 4> buffer;
    for (int i = 0; i < 5; ++i) (void)co_await stream->read_some(buffer, Deadline::after(2ms));  // times out
    drain = true;
    co_return {};
  });
  const auto r = run_blocking<void>(scope, [&](std::stop_token) -> Task<Result<>> {
    const std::vector<std::byte> big(16 << 20);
    KZ_CO_CHECK(co_await stream->write_all(big, Deadline::after(10s)));
    co_return {};
  });
  EXPECT_TRUE(r) << r.error().message();
  run_blocking<void>(scope, [&](std::stop_token) -> Task<Result<>> {
    stream->close();
    co_return {};
  }).value();
}

TEST_F(Loopback, SaysThatTheHostAnswersWhenThePortIsClosed) {
  const std::uint16_t port = listener->port();
  listener->close();
  const auto r = run_blocking<std::unique_ptr<Stream>>(
      scope, [&](std::stop_token stop) { return connect_tcp(loop, "127.0.0.1", port, Deadline::after(5s), stop); });
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().slug(), "net.refused");
  EXPECT_NE(r.error().message().find("The host answers"), std::string::npos);
}

TEST_F(Loopback, NamesAnUnknownHost) {
  const auto r = run_blocking<std::unique_ptr<Stream>>(scope, [&](std::stop_token stop) {
    return connect_tcp(loop, "no-such-host.invalid", 502, Deadline::after(20s), stop);
  });
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().slug(), "net.unresolved");
}

TEST(Signal, WakesWaitersAndKeepsOneNotification) {
  Loop loop("test");
  TaskScope scope(loop);
  Signal signal(loop);
  loop.post([&] { signal.notify(); });
  EXPECT_TRUE(run_blocking<void>(scope, [&](std::stop_token s) { return signal.wait(Deadline::after(5s), s); }));
  const auto second =
      run_blocking<void>(scope, [&](std::stop_token s) { return signal.wait(Deadline::after(1ms), s); });
  EXPECT_EQ(second.error().slug(), "net.timeout");
}

TEST(Turns, GoRoundInOrderOfAsking) {
  Loop loop("test");
  TaskScope scope(loop);
  Turns turns(loop);
  std::vector<int> order;
  int inside = 0, most = 0;
  for (int i = 0; i < 5; ++i) {
    scope.spawn([&, i](std::stop_token stop) -> Task<Result<>> {
      KZ_CO_TRY(const auto turn, co_await turns.take(Deadline::after(5s), stop));
      most = std::max(most, ++inside);
      KZ_CO_CHECK(co_await loop.sleep(1ms, {}));
      order.push_back(i);
      --inside;
      co_return {};
    });
  }
  run_blocking<void>(scope, [&](std::stop_token stop) -> Task<Result<>> {
    KZ_CO_TRY(const auto turn, co_await turns.take(Deadline::after(5s), stop));
    co_return {};
  }).value();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(most, 1);
}

TEST(ScriptedStream, GivesPartialReadsThenTheScriptedEnd) {
  ScriptedStream stream;
  stream.reply(as_bytes("abcdef"), 2).timeout().close_by_peer();
  std::array<std::byte, 4> buffer;
  EXPECT_EQ(*run_now(stream.read_some(buffer, {})), 2u);
  EXPECT_EQ(as_text(std::span(buffer).first(2)), "ab");
  EXPECT_TRUE(run_now(read_exactly(stream, buffer, {})));
  EXPECT_EQ(as_text(buffer), "cdef");
  EXPECT_EQ(run_now(stream.read_some(buffer, {})).error().slug(), "net.timeout");
  EXPECT_EQ(run_now(stream.read_some(buffer, {})).error().slug(), "net.closed");
}

}  // namespace
}  // namespace karez::net
