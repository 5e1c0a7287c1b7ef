// SPDX-License-Identifier: Apache-2.0
#include "connect/modbus/frame.h"

namespace karez::connect::modbus {
namespace {

constexpr auto kCrcTable = [] {
  std::array<std::uint16_t, 256> table{};
  for (unsigned i = 0; i < 256; ++i) {
    unsigned crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xA001u : crc >> 1;
    table[i] = static_cast<std::uint16_t>(crc);
  }
  return table;
}();

unsigned at(ByteView bytes, std::size_t i) { return std::to_integer<unsigned>(bytes[i]); }

// Length of the RTU response frame that begins here: nothing when that cannot be said yet, 0 when no
// response begins like this.
std::optional<std::size_t> rtu_length(ByteView bytes) {
  if (bytes.size() < 2) return std::nullopt;
  const unsigned function = at(bytes, 1);
  if ((function & 0x80) != 0) return 5;
  switch (function) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 23:
      if (bytes.size() < 3) return std::nullopt;
      return 5 + at(bytes, 2);
    case 5:
    case 6:
    case 15:
    case 16: return 8;
    case 22: return 10;
    case 43: {
      std::size_t i = 8;  // unit, function, MEI, code, conformity, more, next, count, then objects
      if (bytes.size() < i) return std::nullopt;
      for (unsigned left = at(bytes, 7); left > 0; --left) {
        if (bytes.size() < i + 2) return std::nullopt;
        i += 2 + at(bytes, i + 1);
      }
      return i + 2;
    }
    default: return 0;
  }
}

bool crc_fits(ByteView frame) {
  const std::uint16_t crc = crc16(frame.first(frame.size() - 2));
  return at(frame, frame.size() - 2) == (crc & 0xff) && at(frame, frame.size() - 1) == crc >> 8;
}

}  // namespace

std::uint16_t crc16(ByteView bytes) noexcept {
  std::uint16_t crc = 0xffff;
  for (const std::byte b : bytes) {
    crc = static_cast<std::uint16_t>((crc >> 8) ^ kCrcTable[(crc ^ std::to_integer<unsigned>(b)) & 0xff]);
  }
  return crc;
}

std::size_t encode_frame(Framing framing, std::uint16_t transaction, std::uint8_t unit, ByteView pdu,
                         std::span<std::byte, kMaxFrame> out) noexcept {
  std::size_t n = 0;
  const auto u8 = [&](unsigned value) { out[n++] = static_cast<std::byte>(value); };
  if (framing == Framing::mbap) {
    u8(transaction >> 8);
    u8(transaction & 0xff);
    u8(0);
    u8(0);
    const auto length = static_cast<unsigned>(pdu.size() + 1);
    u8(length >> 8);
    u8(length & 0xff);
  }
  u8(unit);
  for (const std::byte b : pdu) out[n++] = b;
  if (framing == Framing::rtu) {
    const std::uint16_t crc = crc16(out.first(n));
    u8(crc & 0xff);
    u8(crc >> 8);
  }
  return n;
}

std::span<std::byte> Deframer::space() noexcept {
  if (begin_ > 0) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) {  // RTU noise that never became a frame
    skipped_ += end_ / 2;
    begin_ = end_ / 2;
    return space();
  }
  return std::span(buffer_).subspan(end_);
}

std::size_t Deframer::discard() noexcept {
  const std::size_t had = end_ - begin_;
  begin_ = end_ = 0;
  return had;
}

Result<std::optional<Frame>> Deframer::next(std::uint8_t unit, std::uint8_t function) {
  if (framing_ == Framing::mbap) return next_mbap();
  return next_rtu(unit, function);
}

Result<std::optional<Frame>> Deframer::next_mbap() {
  ByteReader reader(pending());
  if (reader.remaining() < 7) return std::optional<Frame>();
  Frame frame;
  frame.transaction = reader.u16be();
  const unsigned protocol = reader.u16be(), length = reader.u16be();
  if (protocol != 0 || length < 2 || length > 254) {
    return fail(Error(Errc::protocol, "modbus.bad_header")
                    .with("the answer is no Modbus TCP frame")
                    .cure("Check the port, and whether the device wants RTU over TCP."));
  }
  frame.unit = reader.u8();
  frame.pdu = reader.take(length - 1);
  if (!reader.ok()) return std::optional<Frame>();
  begin_ += 6 + length;
  return frame;
}

// A frame can begin anywhere: after line noise, or after the frames of a master nobody told us of.
std::optional<Frame> Deframer::next_rtu(std::uint8_t unit, std::uint8_t function) {
  const ByteView bytes = pending();
  for (std::size_t from = 0; from + 4 <= bytes.size(); ++from) {
    const ByteView rest = bytes.subspan(from);
    const std::optional<std::size_t> length = rtu_length(rest);
    const bool awaited = at(rest, 0) == unit && (at(rest, 1) & 0x7f) == function;
    if (!length || *length > rest.size()) {
      // More must come. If it is what we wait for, a look further on could only find its inside.
      if (awaited && (!length || *length <= kMaxFrame)) return std::nullopt;
      continue;
    }
    if (*length < 5 || !crc_fits(rest.first(*length))) continue;
    skipped_ += from;
    begin_ += from + *length;
    return Frame{0, static_cast<std::uint8_t>(at(rest, 0)), rest.subspan(1, *length - 3)};
  }
  return std::nullopt;
}

}  // namespace karez::connect::modbus
