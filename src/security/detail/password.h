// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace karez::security {

/// Lets a few work at a time and a few more wait, for a bounded time. Thread: any.
class Turns {
 public:
  Turns(unsigned at_once, unsigned waiting, Duration patience) : free_(at_once), room_(waiting), patience_(patience) {}

  class Turn {
   public:
    explicit Turn(Turns* of) : of_(of) {}
    Turn(Turn&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (of_) of_->give_back();
    }

   private:
    Turns* of_;
  };
  /// Errors: auth.busy (the queue is full, or patience ended).
  Result<Turn> take();

 private:
  void give_back();
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned free_, room_;
  const Duration patience_;
};

/// Argon2id (RFC 9106) hashes in their encoded form, which carries its own parameters and salt.
/// At most two are computed at a time, so that log-ins cannot take all memory. Thread: any worker.
class PasswordHasher {
 public:
  PasswordHasher(unsigned memory_kib, unsigned passes) : memory_kib_(memory_kib), passes_(passes) {}
  /// Errors: auth.busy, auth.hash_failed.
  Result<std::string> hash(std::string_view password);
  /// Errors: auth.busy.
  Result<bool> verify(std::string_view password, const std::string& encoded);

 private:
  const unsigned memory_kib_, passes_;
  Turns turns_{2, 8, std::chrono::seconds(5)};
};

/// At least 10 and at most 256 characters, valid UTF-8, not the user's name, not among the most used.
/// Errors: auth.weak_password.
Result<> check_strength(std::string_view password, std::string_view user);

/// 256 random bits as 43 characters of base64url.
std::string new_secret();
/// 16 characters without look-alikes, in groups: easy to type once.
std::string new_one_time_password();
/// What is stored of a secret.
std::string fingerprint(std::string_view secret);
/// The value of X-Karez-CSRF that belongs to a session secret.
std::string csrf_of(std::string_view session_secret);

}  // namespace karez::security
