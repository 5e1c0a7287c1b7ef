// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "net/stream.h"

/// A Stream without a network, for tests of sessions: everything happens at once and in the order of
/// the script.
namespace karez::net {

class ScriptedStream final : public Stream {
 public:
  /// The next reads yield these bytes, at most `chunk` at a time (0: as many as fit).
  ScriptedStream& reply(ByteView bytes, std::size_t chunk = 0);
  /// The next read ends with net.timeout, net.reset or net.closed.
  ScriptedStream& timeout();
  ScriptedStream& reset();
  ScriptedStream& close_by_peer();
  /// From here on each write fails with net.reset.
  ScriptedStream& break_writes();
  /// Called with each write; may add to the script: a device of a few lines.
  ScriptedStream& on_write(std::function<void(ScriptedStream&, ByteView)> device);

  /// All bytes written so far.
  ByteView written() const noexcept { return written_; }
  void forget_written() { written_.clear(); }
  bool closed() const noexcept { return closed_; }
  /// Steps nobody has read yet.
  std::size_t left() const noexcept { return script_.size(); }

  /// A read past the end of the script ends with net.timeout.
  Task<Result<std::size_t>> read_some(std::span<std::byte> into, Deadline deadline) override;
  Task<Result<>> write_all(ByteView bytes, Deadline deadline) override;
  void close() override { closed_ = true; }
  std::string peer() const override { return "script"; }

 private:
  struct Bytes {
    std::vector<std::byte> bytes;
    std::size_t at = 0, chunk = 0;
  };
  std::deque<std::variant<Bytes, Error>> script_;
  std::vector<std::byte> written_;
  std::function<void(ScriptedStream&, ByteView)> device_;
  bool closed_ = false, writes_fail_ = false;
};

/// The outcome of a task that never really waits, as over a ScriptedStream. Needs no loop.
template <class T>
T run_now(Task<T> task) {
  struct Runner {
    struct promise_type {
      Runner get_return_object() const noexcept { return {}; }
      std::suspend_never initial_suspend() const noexcept { return {}; }
      std::suspend_never final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const noexcept { assert_failed("exception left a coroutine", __FILE__, __LINE__); }
    };
    static Runner run(Task<T>* from, std::optional<T>* into) { into->emplace(co_await std::move(*from)); }
  };
  std::optional<T> outcome;
  Runner::run(&task, &outcome);
  KZ_ASSERT(outcome.has_value());
  return std::move(*outcome);
}

}  // namespace karez::net
