// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace karez::security {

/// Slows guessing down: after `limit` wrong passwords a key (a user at an address, an address) waits,
/// each further failure doubles the wait up to 15 minutes; quiet for that long forgets it. An attempt
/// counts as failed from its begin, so that guesses made at the same time cannot pass together.
/// Bounded: with 10,000 keys the oldest is dropped; an unknown key is never refused. Thread: any.
class Lockout {
 public:
  explicit Lockout(const Clock& clock) : clock_(clock) {}
  /// Reserves an attempt of `key`, which may fail `limit` times. Errors: auth.locked (text says for how
  /// long); then nothing was reserved.
  Result<> begin(const std::string& key, unsigned limit);
  /// The attempt was right: the key starts anew.
  void succeeded(const std::string& key);
  /// The key, and every key that goes on after it with a blank, starts anew.
  void reset(const std::string& key);
  /// The attempt was not one (right for a key that others share, or it was never judged): it does not count.
  void forgive(const std::string& key);

 private:
  struct Entry {
    unsigned failures = 0;
    Monotonic until{}, last{};
    Monotonic until_before{};  ///< of the attempt before, for `forgive`
  };
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace karez::security
