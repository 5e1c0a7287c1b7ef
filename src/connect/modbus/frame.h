// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/error.h"

/// How PDUs travel: with the MBAP header over TCP (messaging on TCP/IP 1.0b, 3.1.3), or as RTU frames
/// with CRC (serial line 1.02, 2.5.1) through a gateway that passes them on. Pure.
namespace karez::connect::modbus {

enum class Framing : std::uint8_t { mbap, rtu };

constexpr std::size_t kMaxFrame = 260;

struct Frame {
  std::uint16_t transaction = 0;  ///< MBAP only
  std::uint8_t unit = 0;
  ByteView pdu;  ///< into the deframer's buffer, valid until its next call
};

/// CRC-16, polynomial A001 reflected, start FFFF; sent low byte first.
std::uint16_t crc16(ByteView bytes) noexcept;

/// Writes a frame into `out` and returns its length.
std::size_t encode_frame(Framing framing, std::uint16_t transaction, std::uint8_t unit, ByteView pdu,
                         std::span<std::byte, kMaxFrame> out) noexcept;

/// Cuts a byte stream into frames of responses.
class Deframer {
 public:
  explicit Deframer(Framing framing) noexcept : framing_(framing) {}

  /// Where to read into; then say how many bytes came.
  std::span<std::byte> space() noexcept;
  void commit(std::size_t count) noexcept { end_ += count; }

  /// The next frame, or nothing when bytes are missing. RTU: `unit` and `function` of the awaited
  /// response; bytes before a valid frame are skipped and counted.
  /// Errors: modbus.bad_header (MBAP: where the next frame begins is unknown, the connection is of no
  /// more use).
  Result<std::optional<Frame>> next(std::uint8_t unit, std::uint8_t function);
  /// Forgets what is there; how many bytes that was.
  std::size_t discard() noexcept;
  /// Bytes skipped between frames so far.
  std::uint64_t skipped() const noexcept { return skipped_; }

 private:
  Result<std::optional<Frame>> next_mbap();
  std::optional<Frame> next_rtu(std::uint8_t unit, std::uint8_t function);
  ByteView pending() const noexcept { return std::span(buffer_).subspan(begin_, end_ - begin_); }

  Framing framing_;
  std::array<std::byte, 2 * kMaxFrame> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::uint64_t skipped_ = 0;
};

}  // namespace karez::connect::modbus
