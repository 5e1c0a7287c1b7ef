// SPDX-License-Identifier: Apache-2.0
#include "security/detail/password.h"

#include <argon2.h>
#include <sodium.h>

#include <array>

#include "base/hash.h"
#include "base/text.h"

namespace karez::security {
namespace {

constexpr std::size_t kMinCharacters = 10, kMaxBytes = 256;
constexpr std::uint32_t kHashBytes = 32, kSaltBytes = 16;

/// Passwords of ten and more characters that head every published list, and what people make of a
/// short one to reach ten.
constexpr std::string_view kCommon[] = {
    "1234567890",    "12345678910",  "0123456789",       "1234567891",   "9876543210",   "0987654321",
    "1111111111",    "0000000000",   "1q2w3e4r5t",       "qwertyuiop",   "q1w2e3r4t5",   "1qaz2wsx3edc",
    "asdfghjkl;",    "zaq12wsxcde3", "password123",      "password12",   "password1234", "passw0rd123",
    "administrator", "admin12345",   "admin123456",      "adminadmin",   "rootrootroot", "letmein123",
    "welcome123",    "welcome1234",  "iloveyou123",      "changeme123",  "qwerty12345",  "qwerty123456",
    "abc1234567",    "abcd123456",   "abcdefghij",       "a123456789",   "aa123456789",  "abc123456789",
    "123456789a",    "123456789abc", "woaini1314",       "woaini520520", "5201314520",   "1314520520",
    "147258369a",    "1472583690",   "7894561230",       "123123123123", "1231231231",   "111222333444",
    "superman123",   "football123",  "baseball123",      "monkey12345",  "dragon12345",  "sunshine123",
    "princess123",   "michael123",   "trustno1trustno1", "p@ssw0rd123",  "p@ssword123",  "passwordpassword",
    "karezkarez",    "karez12345",   "operator123",      "engineer123"};

}  // namespace

Result<Turns::Turn> Turns::take() {
  const auto busy = [] {
    return fail(Error(Errc::exhausted, "auth.busy").with("Too many log-ins at once.").cure("Try again in a moment."));
  };
  std::unique_lock lock(mutex_);
  if (free_ == 0) {
    if (room_ == 0) return busy();
    --room_;
    const bool mine = changed_.wait_for(lock, patience_, [&] { return free_ > 0; });
    ++room_;
    if (!mine) return busy();
  }
  --free_;
  return Turn(this);
}

void Turns::give_back() {
  {
    const std::lock_guard lock(mutex_);
    ++free_;
  }
  changed_.notify_one();
}

Result<std::string> PasswordHasher::hash(std::string_view password) {
  std::array<unsigned char, kSaltBytes> salt;
  ::randombytes_buf(salt.data(), salt.size());
  std::array<char, 256> encoded{};
  KZ_TRY(const auto turn, turns_.take());
  const int rc = ::argon2id_hash_encoded(passes_, memory_kib_, 1, password.data(), password.size(), salt.data(),
                                         salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (rc != ARGON2_OK) return fail(Errc::exhausted, "auth.hash_failed", ::argon2_error_message(rc));
  return std::string(encoded.data());
}

Result<bool> PasswordHasher::verify(std::string_view password, const std::string& encoded) {
  KZ_TRY(const auto turn, turns_.take());
  return ::argon2id_verify(encoded.c_str(), password.data(), password.size()) == ARGON2_OK;
}

Result<> check_strength(std::string_view password, std::string_view user) {
  const auto weak = [](std::string_view why) {
    return fail(Error(Errc::invalid_argument, "auth.weak_password")
                    .with(why)
                    .cure("Choose at least 10 characters; a few words are easy to keep in mind."));
  };
  if (password.size() > kMaxBytes) return weak("The password is longer than 256 bytes.");
  if (!is_utf8(password)) return weak("The password is not valid UTF-8.");
  std::size_t characters = 0;
  for (std::string_view rest = password; !rest.empty(); ++characters) rest.remove_prefix(utf8_character(rest));
  if (characters < kMinCharacters) return weak("The password is shorter than 10 characters.");
  const std::string lower = to_lower(password);
  if (lower == user || lower == std::string(user) + std::string(user)) return weak("The password is the user's name.");
  for (const std::string_view common : kCommon)
    if (lower == common) return weak("This password is among the first that anybody tries.");
  if (lower.find_first_not_of(lower[0]) == std::string::npos) return weak("The password is one character repeated.");
  return {};
}

std::string new_secret() {
  std::array<unsigned char, 32> random;
  ::randombytes_buf(random.data(), random.size());
  std::array<char, 64> text{};
  ::sodium_bin2base64(text.data(), text.size(), random.data(), random.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return text.data();
}

std::string new_one_time_password() {
  constexpr std::string_view kAlphabet = "abcdefghjkmnpqrstuvwxyz23456789";
  std::string out;
  for (int i = 0; i < 16; ++i) {
    if (i > 0 && i % 4 == 0) out += '-';
    out += kAlphabet[::randombytes_uniform(static_cast<std::uint32_t>(kAlphabet.size()))];
  }
  return out;
}

std::string fingerprint(std::string_view secret) { return sha256_hex(as_bytes(secret)); }
std::string csrf_of(std::string_view session_secret) {
  return fingerprint(std::string("csrf ") + std::string(session_secret));
}

}  // namespace karez::security
