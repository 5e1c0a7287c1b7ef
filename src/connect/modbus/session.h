// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "connect/link_counters.h"
#include "connect/modbus/codec.h"
#include "connect/modbus/frame.h"
#include "connect/modbus/settings.h"
#include "net/signal.h"
#include "net/stream.h"

namespace karez::connect::modbus {

/// A response's data, copied, and when it came.
struct Reply {
  std::array<std::byte, kMaxPdu> bytes;
  std::size_t size = 0;
  Timestamp received;
  bool sent = false;  ///< the request left, whatever became of it
  ByteView data() const noexcept { return {bytes.data(), size}; }
};

/// One connection, one request at a time. Answers to requests given up are dropped and counted, never
/// taken for the answer to a newer one.
/// Thread: the loop.
class Session {
 public:
  Session(net::Loop& loop, Clock& clock, const LinkSettings& settings, LinkCounters& counters);

  net::Task<Result<>> connect(std::stop_token stop);
  /// Uses this stream as the connection; for tests.
  void adopt(std::unique_ptr<net::Stream> stream);
  bool connected() const noexcept { return stream_ != nullptr; }
  /// Answers received on this connection.
  std::uint64_t answers() const noexcept { return answers_; }
  std::string peer() const { return stream_ ? stream_->peer() : std::string(); }
  void close();

  /// Sends when its turn comes and waits for the answer. Errors: modbus.timeout (no answer),
  /// exceptions and modbus.wrong_… (an answer, the connection goes on), modbus.not_connected,
  /// modbus.bad_header and net.… (the connection is closed).
  net::Task<Result<>> ask(std::uint8_t unit, Pdu request, Duration timeout, Reply& reply);

 private:
  net::Task<Result<>> exchange(std::uint8_t unit, const Pdu& request, Duration timeout, Reply& reply);
  net::Task<Result<>> receive(std::uint8_t unit, const Pdu& request, net::Deadline deadline, Reply& reply);
  net::Task<Result<>> drain(Duration quiet);
  /// Somebody closed the connection while we waited; what we wait for may have been under way already.
  bool gone(std::uint64_t generation) const noexcept { return !stream_ || generation != generation_; }
  bool awaited(const Frame& frame, std::uint8_t unit, const Pdu& request) const;

  net::Loop& loop_;
  Clock& clock_;
  const LinkSettings& settings_;
  LinkCounters& counters_;
  net::Turns turns_;
  std::unique_ptr<net::Stream> stream_;
  std::unique_ptr<net::Stream> retired_;  ///< closed, while a read on it may still end
  Deframer deframer_;
  std::uint16_t transaction_ = 0;
  std::uint64_t answers_ = 0, generation_ = 0;
  bool may_come_late_ = false;  ///< RTU: an answer may still be under way
  Monotonic last_end_{};
};

/// Whether the connection went with this error.
bool lost_connection(const Error& error);

}  // namespace karez::connect::modbus
