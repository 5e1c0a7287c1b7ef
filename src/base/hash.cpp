// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <openssl/evp.h>
#include <xxhash.h>
#if defined(__SSE4_2__) || defined(__x86_64__)
#include <nmmintrin.h>
#endif

#include "base/error.h"

namespace karez {
namespace {

constexpr auto kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int k = 0; k < 8; ++k) c = (c & 1) ? (c >> 1) ^ 0x82f63b78u : c >> 1;
    table[i] = c;
  }
  return table;
}();

std::uint32_t crc_portable(ByteView bytes, std::uint32_t c) noexcept {
  for (const std::byte b : bytes) c = kTable[(c ^ static_cast<std::uint32_t>(b)) & 255] ^ (c >> 8);
  return c;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc_sse42(ByteView bytes, std::uint32_t c) noexcept {
  std::uint64_t sum = c;
  std::size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    sum = _mm_crc32_u64(sum, word);
  }
  c = static_cast<std::uint32_t>(sum);
  for (; i < bytes.size(); ++i) c = _mm_crc32_u8(c, static_cast<std::uint8_t>(bytes[i]));
  return c;
}
#endif

}  // namespace

std::uint32_t crc32c(ByteView bytes, std::uint32_t seed) noexcept {
#if defined(__x86_64__)
  static const bool fast = __builtin_cpu_supports("sse4.2") != 0;
  if (fast) return ~crc_sse42(bytes, ~seed);
#endif
  return ~crc_portable(bytes, ~seed);
}

std::uint64_t xxh3(ByteView bytes, std::uint64_t seed) noexcept {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  KZ_ASSERT(context_ != nullptr);
  KZ_ASSERT(EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_), EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_)); }
void Sha256::update(ByteView bytes) {
  KZ_ASSERT(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), bytes.data(), bytes.size()) == 1);
}
std::string Sha256::hex() {
  std::array<unsigned char, 32> digest;
  KZ_ASSERT(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), digest.data(), nullptr) == 1);
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const unsigned char b : digest) {
    out += kHex[b >> 4];
    out += kHex[b & 15];
  }
  return out;
}

std::string sha256_hex(ByteView bytes) {
  Sha256 sum;
  sum.update(bytes);
  return sum.hex();
}

}  // namespace karez
