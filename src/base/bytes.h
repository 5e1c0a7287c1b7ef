// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace karez {

using ByteView = std::span<const std::byte>;

inline ByteView as_bytes(std::string_view s) { return {reinterpret_cast<const std::byte*>(s.data()), s.size()}; }
inline std::string_view as_text(ByteView b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }

/// Reads from outside bytes with the bounds carried along. After the first read past the end every
/// further read yields zero and `ok()` is false, so a decoder checks once at the end.
/// Thread: one at a time.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) noexcept : bytes_(bytes) {}

  bool ok() const noexcept { return ok_; }
  std::size_t remaining() const noexcept { return bytes_.size() - at_; }
  std::size_t position() const noexcept { return at_; }
  bool done() const noexcept { return ok_ && at_ == bytes_.size(); }
  void invalidate() noexcept { ok_ = false; }

  std::uint8_t u8() noexcept { return get<std::uint8_t, std::endian::little>(); }
  std::uint16_t u16be() noexcept { return get<std::uint16_t, std::endian::big>(); }
  std::uint32_t u32be() noexcept { return get<std::uint32_t, std::endian::big>(); }
  std::uint64_t u64be() noexcept { return get<std::uint64_t, std::endian::big>(); }
  std::uint16_t u16le() noexcept { return get<std::uint16_t, std::endian::little>(); }
  std::uint32_t u32le() noexcept { return get<std::uint32_t, std::endian::little>(); }
  std::uint64_t u64le() noexcept { return get<std::uint64_t, std::endian::little>(); }

  /// `count` bytes, or an empty view and `ok() == false`.
  ByteView take(std::size_t count) noexcept {
    if (!ok_ || count > remaining()) {
      ok_ = false;
      return {};
    }
    const ByteView out = bytes_.subspan(at_, count);
    at_ += count;
    return out;
  }
  void skip(std::size_t count) noexcept { (void)take(count); }
  /// LEB128, at most 64 bits.
  std::uint64_t varint() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t b = u8();
      if (!ok_) return 0;
      if (shift == 63 && b > 1) break;
      value |= static_cast<std::uint64_t>(b & 0x7f) << shift;
      if ((b & 0x80) == 0) return value;
    }
    ok_ = false;
    return 0;
  }

 private:
  template <class T, std::endian order>
  T get() noexcept {
    const ByteView b = take(sizeof(T));
    if (b.empty()) return 0;
    T value;
    std::memcpy(&value, b.data(), sizeof value);
    if constexpr (order != std::endian::native) value = std::byteswap(value);
    return value;
  }
  ByteView bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

/// Appends to a byte vector. Thread: one at a time.
class ByteWriter {
 public:
  explicit ByteWriter(std::vector<std::byte>& out) noexcept : out_(out) {}
  std::size_t size() const noexcept { return out_.size(); }
  void u8(std::uint8_t v) { put<std::endian::little>(v); }
  void u16be(std::uint16_t v) { put<std::endian::big>(v); }
  void u32be(std::uint32_t v) { put<std::endian::big>(v); }
  void u64be(std::uint64_t v) { put<std::endian::big>(v); }
  void u16le(std::uint16_t v) { put<std::endian::little>(v); }
  void u32le(std::uint32_t v) { put<std::endian::little>(v); }
  void u64le(std::uint64_t v) { put<std::endian::little>(v); }
  void bytes(ByteView v) { out_.insert(out_.end(), v.begin(), v.end()); }
  void text(std::string_view v) { bytes(as_bytes(v)); }
  void varint(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) u8(static_cast<std::uint8_t>(v | 0x80));
    u8(static_cast<std::uint8_t>(v));
  }
  /// Overwrites 4 bytes written before, at `position` (a length or checksum known only later).
  void patch_u32le(std::size_t position, std::uint32_t v) {
    if constexpr (std::endian::native == std::endian::big) v = std::byteswap(v);
    std::memcpy(out_.data() + position, &v, sizeof v);
  }

 private:
  template <std::endian order, class T>
  void put(T v) {
    if constexpr (order != std::endian::native) v = std::byteswap(v);
    const auto at = out_.size();
    out_.resize(at + sizeof v);
    std::memcpy(out_.data() + at, &v, sizeof v);
  }
  std::vector<std::byte>& out_;
};

}  // namespace karez
