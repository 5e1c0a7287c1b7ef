// SPDX-License-Identifier: Apache-2.0
#include "net/signal.h"

#include "net/loop_impl.h"

namespace karez::net {

void Signal::notify() {
  pending_ = waiting_.empty();
  for (TimedWait* wait : std::exchange(waiting_, {})) wait->finish();
}

Task<Result<>> Signal::wait(Deadline deadline, std::stop_token stop) {
  if (stop.stop_requested()) co_return fail(Errc::cancelled, "net.cancelled");
  if (std::exchange(pending_, false)) co_return {};
  TimedWait wait(loop_.impl(), deadline.at);
  waiting_.push_back(&wait);
  bool stopped = false;
  {
    const std::stop_callback on_stop(stop, [&] {
      stopped = true;
      wait.finish();
    });
    co_await wait;
  }
  std::erase(waiting_, &wait);
  if (stopped) co_return fail(Errc::cancelled, "net.cancelled");
  if (wait.timed_out()) co_return fail(Errc::timeout, "net.timeout");
  co_return {};
}

Task<Result<Turns::Holder>> Turns::take(Deadline deadline, std::stop_token stop) {
  if (stop.stop_requested()) co_return fail(Errc::cancelled, "net.cancelled");
  if (!std::exchange(held_, true)) co_return Holder(this);
  TimedWait wait(loop_.impl(), deadline.at);
  waiting_.push_back(&wait);
  {
    const std::stop_callback on_stop(stop, [&] { wait.finish(); });
    co_await wait;
  }
  // Whoever gives the turn to us has taken us off the list and left it held.
  if (std::erase(waiting_, &wait) == 0) co_return Holder(this);
  if (wait.timed_out()) co_return fail(Errc::timeout, "net.timeout");
  co_return fail(Errc::cancelled, "net.cancelled");
}

void Turns::give_back() {
  if (waiting_.empty()) {
    held_ = false;
    return;
  }
  TimedWait* const next = waiting_.front();
  waiting_.pop_front();
  next->finish();
}

}  // namespace karez::net
