// SPDX-License-Identifier: Apache-2.0
#include "connect/link_counters.h"

namespace karez::connect {

void LinkCounters::error(const Error& error, Timestamp when) {
  const std::lock_guard lock(mutex_);
  last_error_ = error.message();
  last_error_at_ = when;
}

void LinkCounters::written(WriteResult::Outcome outcome) noexcept {
  switch (outcome) {
    case WriteResult::Outcome::done: return writes_done.add();
    case WriteResult::Outcome::refused: return writes_refused.add();
    case WriteResult::Outcome::failed: return writes_failed.add();
    case WriteResult::Outcome::unknown: return writes_unknown.add();
  }
}

LinkStats LinkCounters::snapshot() const {
  LinkStats s;
  s.state = state_.load(std::memory_order_relaxed);
  s.requests = requests.value();
  s.responses = responses.value();
  s.bytes_in = bytes_in.value();
  s.bytes_out = bytes_out.value();
  s.retries = retries.value();
  s.timeouts = timeouts.value();
  s.exceptions = exceptions.value();
  s.framing_errors = framing_errors.value();
  s.resyncs = resyncs.value();
  s.late_dropped = late_dropped.value();
  s.reconnects = reconnects.value();
  s.breaker_openings = breaker_openings.value();
  s.overruns = overruns.value();
  s.samples_good = samples_good.value();
  s.samples_bad = samples_bad.value();
  s.suppressed = suppressed.value();
  s.lost = lost.value();
  s.writes_done = writes_done.value();
  s.writes_refused = writes_refused.value();
  s.writes_failed = writes_failed.value();
  s.writes_unknown = writes_unknown.value();
  s.rtt_p50 = rtt.quantile(0.5);
  s.rtt_p95 = rtt.quantile(0.95);
  s.last_sample_at = from_ns(last_sample_.load(std::memory_order_relaxed));
  const std::lock_guard lock(mutex_);
  s.last_error = last_error_;
  s.last_error_at = last_error_at_;
  return s;
}

}  // namespace karez::connect
