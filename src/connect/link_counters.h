// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#include "base/metrics.h"
#include "connect/driver.h"

namespace karez::connect {

/// What a driver counts; `snapshot` makes the LinkStats of it.
/// Thread: any, lock-free except `error`.
class LinkCounters {
 public:
  Counter requests, responses, bytes_in, bytes_out, retries;
  Counter timeouts, exceptions, framing_errors, resyncs, late_dropped;
  Counter reconnects, breaker_openings, overruns;
  Counter samples_good, samples_bad, suppressed, lost;
  Counter writes_done, writes_refused, writes_failed, writes_unknown;
  Histogram rtt;

  void error(const Error& error, Timestamp when);
  void sample(model::Quality quality, Timestamp received) noexcept {
    (quality.bad() ? samples_bad : samples_good).add();
    last_sample_.store(to_ns(received), std::memory_order_relaxed);
  }
  void written(WriteResult::Outcome outcome) noexcept;
  void state(LinkState state) noexcept { state_.store(state, std::memory_order_relaxed); }
  LinkStats snapshot() const;

 private:
  std::atomic<std::int64_t> last_sample_{to_ns(kMinTime)};
  std::atomic<LinkState> state_{LinkState::disabled};
  mutable std::mutex mutex_;
  std::string last_error_;
  Timestamp last_error_at_ = kMinTime;
};

}  // namespace karez::connect
