// SPDX-License-Identifier: Apache-2.0
#include <asio/ip/tcp.hpp>

#include "base/format.h"
#include "net/loop_impl.h"
#include "net/stream.h"
#include "net/tcp_stream.h"

namespace karez::net {
namespace {

using asio::ip::tcp;

std::string name_of(const tcp::endpoint& at) {
  const std::string host = at.address().to_string();
  return at.address().is_v6() ? karez::format("[{}]:{}", host, at.port()) : karez::format("{}:{}", host, at.port());
}

std::string seconds(Duration d) { return karez::format("{:.1f} s", std::chrono::duration<double>(d).count()); }

// Outlives the coroutine that asked: the system's resolver cannot be cancelled.
struct Resolving {
  explicit Resolving(Loop::Impl& loop) : resolver(loop.context()) {}
  tcp::resolver resolver;
  TimedWait* waiting = nullptr;
  asio::error_code error;
  std::vector<std::string> found;
};

// Numeric addresses, in the order the system prefers.
Task<Result<std::vector<std::string>>> resolve(Loop& loop, std::string host, std::uint16_t port, Deadline deadline,
                                               std::stop_token stop) {
  asio::error_code not_numeric;
  (void)asio::ip::make_address(host, not_numeric);
  if (!not_numeric) co_return std::vector<std::string>{host};

  const auto state = std::make_shared<Resolving>(loop.impl());
  TimedWait wait(loop.impl(), deadline.at);
  state->waiting = &wait;
  state->resolver.async_resolve(host, std::to_string(port), [state](const asio::error_code& error, auto results) {
    state->error = error;
    for (const auto& entry : results) state->found.push_back(entry.endpoint().address().to_string());
    if (state->waiting != nullptr) state->waiting->finish();
  });
  const std::stop_callback on_stop(stop, [&] { wait.finish(); });
  co_await wait;
  state->waiting = nullptr;
  if (stop.stop_requested()) co_return fail(Errc::cancelled, "net.cancelled");
  if (wait.timed_out()) {
    co_return fail(
        Error(Errc::timeout, "net.timeout").with("the name server gave no address for " + host + " in time"));
  }
  if (state->error || state->found.empty()) {
    co_return fail(Error(Errc::unavailable, "net.unresolved")
                       .with("no address is known for the name " + host)
                       .cure("Check the spelling, or give the IP address."));
  }
  co_return std::move(state->found);
}

struct Connecting {
  explicit Connecting(Loop::Impl& loop) : socket(loop.context()) {}
  tcp::socket socket;
  TimedWait* waiting = nullptr;
  asio::error_code error;
};

Task<Result<std::unique_ptr<Stream>>> connect_to(Loop& loop, tcp::endpoint at, Deadline deadline, std::stop_token stop,
                                                 TcpOptions options) {
  const auto started = std::chrono::steady_clock::now();
  const auto state = std::make_shared<Connecting>(loop.impl());
  TimedWait wait(loop.impl(), deadline.at);
  state->waiting = &wait;
  state->socket.async_connect(at, [state](const asio::error_code& error) {
    state->error = error;
    if (state->waiting != nullptr) state->waiting->finish();
  });
  const std::stop_callback on_stop(stop, [&] { wait.finish(); });
  co_await wait;
  state->waiting = nullptr;
  const std::string peer = name_of(at);
  if (stop.stop_requested() || wait.timed_out()) {
    asio::error_code ignored;
    state->socket.close(ignored);
    if (stop.stop_requested()) co_return fail(Errc::cancelled, "net.cancelled");
    co_return fail(Error(Errc::timeout, "net.timeout")
                       .with("No answer from " + peer + " after " + seconds(std::chrono::steady_clock::now() - started))
                       .cure("Check that the device is on and reachable, and that no firewall drops the port."));
  }
  if (state->error) co_return fail(socket_error(state->error.value(), peer));
  asio::error_code error;
  const int socket = state->socket.release(error);
  if (error) co_return fail(socket_error(error.value(), peer));
  co_return make_tcp_stream(loop, socket, at.address().is_v6(), peer, options);
}

class TcpListener final : public Listener {
 public:
  TcpListener(Loop& loop, tcp::acceptor acceptor)
      : loop_(loop), acceptor_(std::make_shared<State>(std::move(acceptor))) {}
  ~TcpListener() override { close(); }

  std::uint16_t port() const override {
    asio::error_code ignored;  // a closed one has port 0
    return acceptor_->acceptor.local_endpoint(ignored).port();
  }

  Task<Result<std::unique_ptr<Stream>>> accept(std::stop_token stop) override {
    const auto state = acceptor_;
    const std::stop_callback on_stop(stop, [&] { state->cancel(); });
    for (;;) {
      if (stop.stop_requested() || !state->acceptor.is_open()) co_return fail(Errc::cancelled, "net.cancelled");
      tcp::socket socket(loop_.impl().context());
      tcp::endpoint from;
      asio::error_code error;
      co_await Accept{state, socket, from, error};
      if (error == asio::error::operation_aborted) continue;
      if (error == asio::error::connection_aborted) continue;  // it went away before we took it
      if (error) co_return fail(socket_error(error.value(), karez::format("port {}", port())));
      const int fd = socket.release(error);
      if (error) co_return fail(socket_error(error.value(), name_of(from)));
      co_return make_tcp_stream(loop_, fd, from.address().is_v6(), name_of(from), {});
    }
  }

  void close() override {
    asio::error_code ignored;  // closing cannot usefully fail
    acceptor_->acceptor.close(ignored);
  }

 private:
  // Shared with the accept under way, which completes after a close.
  struct State {
    explicit State(tcp::acceptor a) : acceptor(std::move(a)) {}
    tcp::acceptor acceptor;
    void cancel() {
      asio::error_code ignored;
      acceptor.cancel(ignored);
    }
  };
  struct Accept {
    std::shared_ptr<State> state;
    tcp::socket& socket;
    tcp::endpoint& from;
    asio::error_code& error;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      state->acceptor.async_accept(socket, from, [keep = state, waiter, out = &error](const asio::error_code& e) {
        *out = e;
        waiter.resume();
      });
    }
    void await_resume() const noexcept {}
  };
  Loop& loop_;
  std::shared_ptr<State> acceptor_;
};

}  // namespace

Task<Result<std::unique_ptr<Stream>>> connect_tcp(Loop& loop, std::string host, std::uint16_t port, Deadline deadline,
                                                  std::stop_token stop, TcpOptions options) {
  if (stop.stop_requested()) co_return fail(Errc::cancelled, "net.cancelled");
  KZ_CO_TRY(auto addresses, co_await resolve(loop, host, port, deadline, stop));
  co_return co_await connect_first(loop, std::move(addresses), port, deadline, stop, options);
}

Task<Result<std::unique_ptr<Stream>>> connect_first(Loop& loop, std::vector<std::string> addresses, std::uint16_t port,
                                                    Deadline deadline, std::stop_token stop, TcpOptions options) {
  std::optional<Error> last;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    asio::error_code error;
    const auto address = asio::ip::make_address(addresses[i], error);
    if (error) co_return fail(Errc::invalid_argument, "net.bad_address", addresses[i]);
    // An address that swallows everything (IPv6 without a route, often) must leave time for the others.
    const Duration share = deadline.left() / static_cast<Duration::rep>(addresses.size() - i);
    auto stream = co_await connect_to(loop, {address, port}, Deadline::after(share), stop, options);
    if (stream || stream.error().code() == Errc::cancelled) co_return stream;
    last.emplace(std::move(stream).error());
    if (deadline.passed()) break;
  }
  co_return fail(std::move(*last));
}

Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, std::string address, std::uint16_t port) {
  asio::error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) {
    return fail(Error(Errc::invalid_argument, "net.bad_address").with(address + " is not an IP address"));
  }
  const tcp::endpoint at(ip, port);
  tcp::acceptor acceptor(loop.impl().context());
  acceptor.open(at.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(at, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return fail(socket_error(error.value(), name_of(at)));
  return std::make_unique<TcpListener>(loop, std::move(acceptor));
}

}  // namespace karez::net
