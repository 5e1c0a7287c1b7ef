// SPDX-License-Identifier: Apache-2.0
#include "base/ids.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/error.h"

namespace karez {
namespace {

void fill_random(std::span<unsigned char> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t n = getrandom(out.data() + done, out.size() - done, 0);
    KZ_ASSERT(n > 0);
    done += static_cast<std::size_t>(n);
  }
}

}  // namespace

std::string new_ulid(std::int64_t unix_ms) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::array<unsigned char, 16> random;
  fill_random(random);
  std::string out(26, '0');
  auto ms = static_cast<std::uint64_t>(unix_ms);
  for (int i = 9; i >= 0; --i, ms >>= 5) out[static_cast<std::size_t>(i)] = kAlphabet[ms & 31];
  for (std::size_t i = 0; i < 16; ++i) out[10 + i] = kAlphabet[random[i] & 31];
  return out;
}

std::string random_hex(std::size_t count) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  out.reserve(count * 2);
  std::array<unsigned char, 64> buffer;
  while (count > 0) {
    const std::size_t n = std::min(count, buffer.size());
    fill_random({buffer.data(), n});
    for (std::size_t i = 0; i < n; ++i) {
      out += kHex[buffer[i] >> 4];
      out += kHex[buffer[i] & 15];
    }
    count -= n;
  }
  return out;
}

}  // namespace karez
