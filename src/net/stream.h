// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "net/loop.h"
#include "net/task.h"

namespace karez::net {

/// Counted bytes in both directions: TCP, TLS, serial line, or a script in tests.
/// Thread: the loop. At most one read and one write wait at a time. Every wait has a deadline.
class Stream {
 public:
  virtual ~Stream() = default;
  /// At least one byte, or net.timeout, net.closed (orderly end), net.reset, net.cancelled.
  virtual Task<Result<std::size_t>> read_some(std::span<std::byte> into, Deadline deadline) = 0;
  /// All bytes.
  virtual Task<Result<>> write_all(ByteView bytes, Deadline deadline) = 0;
  /// Ends pending waits with net.cancelled; idempotent.
  virtual void close() = 0;
  /// "10.20.3.11:502", for messages.
  virtual std::string peer() const = 0;
};

/// Exactly `into.size()` bytes.
Task<Result<>> read_exactly(Stream& stream, std::span<std::byte> into, Deadline deadline);

struct TcpOptions {
  bool no_delay = true;
  bool keep_alive = true;
};
/// Resolves and connects. Errors: net.unresolved, net.refused, net.unreachable, net.timeout,
/// net.cancelled; texts name host, port and what the answer means.
Task<Result<std::unique_ptr<Stream>>> connect_tcp(Loop& loop, std::string host, std::uint16_t port, Deadline deadline,
                                                  std::stop_token stop, TcpOptions options = {});

struct TlsOptions {
  std::string server_name{};  ///< checked against the certificate; empty: the host
  std::string ca_pem{};       ///< trusted roots; empty: the system's
  std::string certificate_pem{}, key_pem{};  ///< own identity, optional
};
Task<Result<std::unique_ptr<Stream>>> connect_tls(Loop& loop, std::string host, std::uint16_t port, TlsOptions tls,
                                                  Deadline deadline, std::stop_token stop);

/// Accepts connections; for devices that dial in, and for tests. Port 0: the system chooses.
/// Thread: the loop.
class Listener {
 public:
  static Result<std::unique_ptr<Listener>> open(Loop& loop, std::string address, std::uint16_t port);
  virtual ~Listener() = default;
  virtual std::uint16_t port() const = 0;
  virtual Task<Result<std::unique_ptr<Stream>>> accept(std::stop_token stop) = 0;
  virtual void close() = 0;
};

}  // namespace karez::net
