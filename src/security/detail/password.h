// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <semaphore>
#include <string>
#include <string_view>

#include "base/error.h"

namespace karez::security {

/// Argon2id (RFC 9106) hashes in their encoded form, which carries its own parameters and salt.
/// At most two are computed at a time, so that log-ins cannot take all memory. Thread: any worker.
class PasswordHasher {
 public:
  PasswordHasher(unsigned memory_kib, unsigned passes) : memory_kib_(memory_kib), passes_(passes) {}
  Result<std::string> hash(std::string_view password);
  bool verify(std::string_view password, const std::string& encoded);

 private:
  const unsigned memory_kib_, passes_;
  std::counting_semaphore<2> turns_{2};
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
