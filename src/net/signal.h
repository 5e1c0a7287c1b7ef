// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <stop_token>

#include "net/loop.h"
#include "net/task.h"

namespace karez::net {

class TimedWait;

/// Wakes coroutines of one loop. A notification without a waiter is kept for the next wait; several
/// count as one.
/// Thread: the loop; for another thread: loop.post([&] { signal.notify(); }).
class Signal {
 public:
  explicit Signal(Loop& loop) : loop_(loop) {}
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  /// Wakes all who wait.
  void notify();
  /// Until notified; net.timeout, net.cancelled.
  Task<Result<>> wait(Deadline deadline, std::stop_token stop = {});

 private:
  Loop& loop_;
  std::deque<TimedWait*> waiting_;
  bool pending_ = false;
};

/// One holder at a time, in the order of asking: for a connection that several coroutines of one loop
/// use. Must outlive its holders.
/// Thread: the loop.
class Turns {
 public:
  explicit Turns(Loop& loop) : loop_(loop) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  /// Gives the turn back when it goes.
  class Holder {
   public:
    explicit Holder(Turns* turns) noexcept : turns_(turns) {}
    Holder(Holder&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
    Holder& operator=(Holder&& other) noexcept {
      std::swap(turns_, other.turns_);
      return *this;
    }
    ~Holder() {
      if (turns_ != nullptr) turns_->give_back();
    }

   private:
    Turns* turns_;
  };
  /// net.timeout, net.cancelled.
  Task<Result<Holder>> take(Deadline deadline, std::stop_token stop = {});
  std::size_t waiting() const noexcept { return waiting_.size(); }

 private:
  void give_back();
  Loop& loop_;
  std::deque<TimedWait*> waiting_;
  bool held_ = false;
};

}  // namespace karez::net
