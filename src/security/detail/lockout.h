// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace karez::security {

/// Slows guessing down: after `max_failures` wrong passwords a key (a user, an address) waits, each
/// further failure doubles the wait up to 15 minutes; quiet for that long forgets it.
/// Bounded: with 10,000 keys the oldest is dropped. Thread: any.
class Lockout {
 public:
  Lockout(unsigned max_failures, const Clock& clock) : max_failures_(max_failures), clock_(clock) {}
  /// Errors: auth.locked (text says for how long).
  Result<> check(const std::string& key);
  void failed(const std::string& key);
  void succeeded(const std::string& key);

 private:
  struct Entry {
    unsigned failures = 0;
    Monotonic until{}, last{};
  };
  const unsigned max_failures_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace karez::security
