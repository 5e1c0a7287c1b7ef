// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "ledger/entry.h"

/// Bytes of the log and index files (docs/formats/ledger.md). Pure; decoders take hostile bytes.
namespace karez::ledger::store {

constexpr std::size_t kFrameHead = 28, kLogHead = 64, kIndexHead = 32, kRecord = 64;

struct Frame {
  std::uint64_t seq = 0;
  std::uint32_t back = 0;  ///< entries before it in the same synced write
  ByteView payload;
  std::size_t bytes() const noexcept { return kFrameHead + payload.size(); }
};
void put_frame(std::vector<std::byte>& out, const Frame& frame);
/// The whole and intact frame that `bytes` begin with, or nothing.
std::optional<Frame> decode_frame(ByteView bytes);

struct LogHead {
  std::uint64_t first = 0;  ///< sequence number of the first entry
  Hash root{};              ///< of the tree of all entries before
  bool operator==(const LogHead&) const = default;
};
std::vector<std::byte> encode_log_head(const LogHead& head);
std::optional<LogHead> decode_log_head(ByteView bytes);
std::vector<std::byte> encode_index_head(std::uint64_t first);
std::optional<std::uint64_t> decode_index_head(ByteView bytes);

/// What a list needs to know of an entry without reading it.
struct Record {
  Hash leaf{};
  std::int64_t time = 0;
  std::uint32_t offset = 0;  ///< of the frame in its log file
  std::uint32_t tenant = 0;
  std::uint32_t actor = 0, action = 0, object = 0;  ///< CRC-32C, see *_sum

  bool operator==(const Record&) const = default;
};
Record record_of(const Entry& entry, const Hash& leaf, std::uint32_t offset);
std::uint32_t actor_sum(ActorKind kind, std::string_view actor);
std::uint32_t action_sum(std::string_view action);
std::uint32_t object_sum(std::string_view kind, std::string_view id);
void put_record(std::vector<std::byte>& out, const Record& record);
/// Nothing when the checksum is wrong or there are not 64 bytes.
std::optional<Record> decode_record(ByteView bytes);

/// A log file read whole.
struct Scan {
  std::vector<Record> records;
  std::size_t end = 0;      ///< behind the last intact entry
  bool rest = false;        ///< bytes that are no entry follow
  bool proven = false;      ///< those bytes were on the disk once, whole: not what a crash leaves
  const char* why = "";     ///< what is wrong there
};
/// Reads frames from behind the header; `first` is the sequence number of the first.
Scan scan_log(ByteView file, std::uint64_t first);

}  // namespace karez::ledger::store
