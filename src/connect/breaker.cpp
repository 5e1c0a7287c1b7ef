// SPDX-License-Identifier: Apache-2.0
#include "connect/breaker.h"

namespace karez::connect {

bool Breaker::allow(Monotonic now) noexcept {
  if (state_ == State::closed) return true;
  if (state_ == State::half_open || now < probe_at_) return false;
  state_ = State::half_open;
  return true;
}

bool Breaker::answered() noexcept {
  timeouts_ = 0;
  wait_ = options_.probe_every;
  return std::exchange(state_, State::closed) != State::closed;
}

bool Breaker::timed_out(Monotonic now) noexcept {
  if (state_ == State::closed && ++timeouts_ < options_.threshold) return false;
  const bool opened = state_ == State::closed;
  if (!opened) wait_ = std::min(wait_ * 2, options_.probe_max);
  state_ = State::open;
  probe_at_ = now + wait_;
  return opened;
}

void Breaker::probe_now() noexcept {
  if (state_ == State::closed) return;
  state_ = State::open;
  probe_at_ = Monotonic{};
}

}  // namespace karez::connect
