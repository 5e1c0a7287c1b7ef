// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_stream.h"

#include <netinet/tcp.h>

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>

#include "net/loop_impl.h"

namespace karez::net {
namespace {

using asio::ip::tcp;

// Shared by the stream and its operations under way: the system may still write into a buffer or call
// back after the stream was closed.
struct Socket {
  explicit Socket(Loop::Impl& l) : loop(l), socket(l.context()) {}
  Loop::Impl& loop;
  tcp::socket socket;
  bool closed = false;

  void close() {
    closed = true;
    asio::error_code ignored;  // closing cannot usefully fail
    socket.close(ignored);
  }
};

// One read or write under way. At its deadline the socket's operations are cancelled; the coroutine
// goes on only from the completion, so its buffer is never in use afterwards.
class Operation final : public DeadlineEntry {
 public:
  explicit Operation(Socket& socket) : socket_(socket) {}
  ~Operation() { socket_.loop.remove(*this); }

  void wait_for(std::coroutine_handle<> waiter, Deadline deadline) {
    waiter_ = waiter;
    socket_.loop.add(*this, deadline.at);
  }
  void complete(const asio::error_code& code, std::size_t count) {
    socket_.loop.remove(*this);
    error = code;
    bytes = count;
    waiter_.resume();
  }

  asio::error_code error;
  std::size_t bytes = 0;
  bool timed_out = false;

 private:
  void on_deadline() override {
    timed_out = true;
    asio::error_code ignored;
    socket_.socket.cancel(ignored);
  }
  Socket& socket_;
  std::coroutine_handle<> waiter_;
};

struct ReadSome {
  std::shared_ptr<Socket> socket;
  Operation& operation;
  std::span<std::byte> into;
  Deadline deadline;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    operation.wait_for(waiter, deadline);
    socket->socket.async_read_some(
        asio::buffer(into.data(), into.size()),
        [keep = socket, op = &operation](const asio::error_code& error, std::size_t n) { op->complete(error, n); });
  }
  void await_resume() const noexcept {}
};

struct Writable {
  std::shared_ptr<Socket> socket;
  Operation& operation;
  Deadline deadline;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    operation.wait_for(waiter, deadline);
    socket->socket.async_wait(tcp::socket::wait_write, [keep = socket, op = &operation](const asio::error_code& error) {
      op->complete(error, 0);
    });
  }
  void await_resume() const noexcept {}
};

class TcpStream final : public Stream {
 public:
  TcpStream(std::shared_ptr<Socket> socket, std::string peer) : socket_(std::move(socket)), peer_(std::move(peer)) {}
  ~TcpStream() override { close(); }

  Task<Result<std::size_t>> read_some(std::span<std::byte> into, Deadline deadline) override {
    const auto socket = socket_;
    for (;;) {
      if (socket->closed) co_return fail(Errc::cancelled, "net.cancelled");
      if (into.empty()) co_return std::size_t{0};
      Operation operation(*socket);
      co_await ReadSome{socket, operation, into, deadline};
      if (!operation.error) co_return operation.bytes;
      KZ_CO_CHECK(outcome(*socket, operation));
    }
  }

  Task<Result<>> write_all(ByteView bytes, Deadline deadline) override {
    const auto socket = socket_;
    while (!bytes.empty()) {
      if (socket->closed) co_return fail(Errc::cancelled, "net.cancelled");
      asio::error_code error;
      const std::size_t n = socket->socket.write_some(asio::buffer(bytes.data(), bytes.size()), error);
      if (!error) {
        bytes = bytes.subspan(n);
        continue;
      }
      if (error != asio::error::would_block) co_return fail(meaning(error));
      Operation operation(*socket);
      co_await Writable{socket, operation, deadline};
      if (operation.error) KZ_CO_CHECK(outcome(*socket, operation));
    }
    co_return {};
  }

  void close() override { socket_->close(); }
  std::string peer() const override { return peer_; }

 private:
  // Cancelled, but neither by close nor by its own deadline: the other direction ran into its deadline,
  // and this one is to be taken up again.
  static Result<> outcome(const Socket& socket, const Operation& operation) {
    if (socket.closed) return fail(Errc::cancelled, "net.cancelled");
    if (operation.timed_out) return fail(Errc::timeout, "net.timeout");
    if (operation.error == asio::error::operation_aborted) return {};
    return fail(meaning(operation.error));
  }
  static Error meaning(const asio::error_code& error) {
    if (error == asio::error::eof) return Error(Errc::unavailable, "net.closed");
    if (error == asio::error::timed_out) return Error(Errc::timeout, "net.timeout");
    return Error(Errc::unavailable, "net.reset");
  }

  std::shared_ptr<Socket> socket_;
  std::string peer_;
};

}  // namespace

std::unique_ptr<Stream> make_tcp_stream(Loop& loop, int socket, bool ipv6, std::string peer, TcpOptions options) {
  auto state = std::make_shared<Socket>(loop.impl());
  asio::error_code ignored;  // an option that cannot be set does not stop the connection
  state->socket.assign(ipv6 ? tcp::v6() : tcp::v4(), socket, ignored);
  state->socket.non_blocking(true, ignored);
  if (options.no_delay) state->socket.set_option(tcp::no_delay(true), ignored);
  if (options.keep_alive) {
    state->socket.set_option(asio::socket_base::keep_alive(true), ignored);
    const int idle = 30, every = 10, count = 3;  // a silent peer is known dead after a minute
    (void)setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);  // as above
    (void)setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof every);
    (void)setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
  }
  return std::make_unique<TcpStream>(std::move(state), std::move(peer));
}

Error socket_error(int code, const std::string& where) {
  switch (code) {
    case ECONNREFUSED:
      return Error(Errc::unavailable, "net.refused")
          .with(where + " refuses the connection. The host answers, so the port is closed or the service is off")
          .cure("Open the port or start the service, then test again.");
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
      return Error(Errc::unavailable, "net.unreachable")
          .with(where + " cannot be reached: no route, or nothing answers at that address")
          .cure("Check address, cable, VLAN and gateway, then test again.");
    case EADDRINUSE:
      return Error(Errc::conflict, "net.address_in_use")
          .with(where + " is used by another program")
          .cure("Stop that program or choose another port.");
    case EADDRNOTAVAIL:
    case EACCES:
    case EPERM: return Error(Errc::denied, "net.denied").with(where + " may not be used by this program");
    case EMFILE:
    case ENFILE:
      return Error(Errc::exhausted, "net.too_many_files")
          .with("no file descriptor left for " + where)
          .cure("Raise the limit of open files (LimitNOFILE).");
    default: return Error(Errc::unavailable, "net.reset").with(where + ": " + std::strerror(code));
  }
}

}  // namespace karez::net
