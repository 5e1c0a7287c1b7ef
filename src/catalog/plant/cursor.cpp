// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/hash.h"
#include "catalog/plant/check.h"
#include "catalog/plant/list.h"

namespace karez::catalog {
namespace {

// version u8 · query u64 · id u64 · key bytes · crc32c u32. The sum finds accidents, not attacks: a
// forged cursor shows nothing that the scope does not show anyway.
constexpr std::uint8_t kVersion = 1;
// The longest key is an address of 1,024 characters.
constexpr std::size_t kFixed = 1 + 8 + 8 + 4, kMaxText = 6000;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string to_base64url(ByteView bytes) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const std::byte b : bytes) {
    bits = (bits << 8) | std::to_integer<std::uint32_t>(b);
    for (held += 8; held >= 6;) {
      held -= 6;
      out += kAlphabet[(bits >> held) & 63];
    }
  }
  if (held > 0) out += kAlphabet[(bits << (6 - held)) & 63];
  return out;
}

std::optional<std::vector<std::byte>> from_base64url(std::string_view text) {
  std::vector<std::byte> out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    if ((held += 6) >= 8) {
      held -= 8;
      out.push_back(static_cast<std::byte>((bits >> held) & 255));
    }
  }
  return out;
}

}  // namespace

std::string encode_cursor(const Cursor& cursor, std::uint64_t query) {
  std::vector<std::byte> bytes;
  ByteWriter w(bytes);
  w.u8(kVersion);
  w.u64le(query);
  w.u64le(static_cast<std::uint64_t>(cursor.id));
  w.text(cursor.key);
  w.u32le(crc32c(bytes));
  return to_base64url(bytes);
}

Result<Cursor> decode_cursor(std::string_view text, std::uint64_t query) {
  const auto bad = [] { return invalid("?cursor", "This cursor was not given out for this list."); };
  if (text.size() > kMaxText) return bad();
  const auto bytes = from_base64url(text);
  if (!bytes || bytes->size() < kFixed) return bad();
  ByteReader r(*bytes);
  const bool ours = r.u8() == kVersion && r.u64le() == query;
  Cursor cursor;
  cursor.id = static_cast<std::int64_t>(r.u64le());
  cursor.key = as_text(r.take(bytes->size() - kFixed));
  if (!ours || r.u32le() != crc32c(ByteView(*bytes).first(bytes->size() - 4)) || !r.done()) return bad();
  return cursor;
}

}  // namespace karez::catalog
