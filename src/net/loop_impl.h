// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <thread>

#include "net/deadlines.h"
#include "net/loop.h"

namespace asio {
class io_context;
}

namespace karez::net {

/// What the other files of `net` need of a loop. Thread: the loop, unless said otherwise.
struct Loop::Impl {
  explicit Impl(std::string name);
  ~Impl();

  asio::io_context& context() noexcept;
  /// Queues a wait and arms the system timer when it is the earliest.
  void add(DeadlineEntry& entry, Monotonic at);
  void remove(DeadlineEntry& entry) noexcept { deadlines.remove(entry); }
  /// Resumes `waiter` from the loop itself, not from within the caller.
  void resume_soon(std::coroutine_handle<> waiter);

  DeadlineQueue deadlines;
  struct Asio;
  std::unique_ptr<Asio> asio;
  std::jthread thread;

 private:
  void arm();
  void run();
};

/// Awaitable that ends by `finish` or at its deadline, whichever comes first.
class TimedWait : public DeadlineEntry {
 public:
  TimedWait(Loop::Impl& loop, Monotonic at) noexcept : loop_(loop), at_(at) {}
  ~TimedWait() { loop_.remove(*this); }

  bool await_ready() const noexcept { return finished_; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    loop_.add(*this, at_);
  }
  void await_resume() const noexcept {}

  bool timed_out() const noexcept { return timed_out_; }
  /// Ends the wait from a callback of our own; the coroutine runs on from the loop.
  void finish() {
    if (finished_) return;
    finished_ = true;
    loop_.remove(*this);
    if (waiter_) loop_.resume_soon(waiter_);
  }

 private:
  void on_deadline() override {
    finished_ = timed_out_ = true;
    waiter_.resume();
  }
  Loop::Impl& loop_;
  Monotonic at_;
  std::coroutine_handle<> waiter_;
  bool finished_ = false, timed_out_ = false;
};

}  // namespace karez::net
