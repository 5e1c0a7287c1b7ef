// SPDX-License-Identifier: Apache-2.0
#include "ledger/store/frame.h"

#include <algorithm>

#include "base/hash.h"

namespace karez::ledger::store {
namespace {

constexpr std::uint32_t kFrameMagic = 0x454c5a4b;  // "KZLE"
constexpr std::string_view kLogMagic = "KZLEDGR1", kIndexMagic = "KZLEDIX1";
constexpr std::uint16_t kVersion = 1;

/// True when a frame of a later write follows: that write began only after all before it was synced.
bool later_write_follows(ByteView file, std::size_t from, std::uint64_t seq) {
  for (std::size_t at = from; at + kFrameHead <= file.size(); ++at) {
    if (file[at] != std::byte{'K'}) continue;
    const auto frame = decode_frame(file.subspan(at));
    if (frame && frame->seq > seq && frame->seq - frame->back > seq) return true;
  }
  return false;
}

}  // namespace

void put_frame(std::vector<std::byte>& out, const Frame& frame) {
  ByteWriter w(out);
  const std::size_t begin = w.size();
  w.u32le(kFrameMagic);
  w.u32le(static_cast<std::uint32_t>(frame.payload.size()));
  w.u64le(frame.seq);
  w.u32le(frame.back);
  w.u32le(crc32c(frame.payload));
  w.u32le(crc32c(ByteView(out).subspan(begin, kFrameHead - 4)));
  w.bytes(frame.payload);
}

std::optional<Frame> decode_frame(ByteView bytes) {
  ByteReader r(bytes);
  const bool magic = r.u32le() == kFrameMagic;
  const std::uint32_t length = r.u32le();
  Frame out;
  out.seq = r.u64le();
  out.back = r.u32le();
  const std::uint32_t sum = r.u32le(), head_sum = r.u32le();
  if (!r.ok() || !magic || crc32c(bytes.first(kFrameHead - 4)) != head_sum || length > kMaxEntryBytes) return {};
  out.payload = r.take(length);
  if (!r.ok() || crc32c(out.payload) != sum) return {};
  return out;
}

std::vector<std::byte> encode_log_head(const LogHead& head) {
  std::vector<std::byte> out;
  ByteWriter w(out);
  w.text(kLogMagic);
  w.u16le(kVersion);
  w.u16le(0);
  w.u32le(0);
  w.u64le(head.first);
  w.bytes(head.root);
  w.u32le(0);
  w.u32le(crc32c(out));
  return out;
}

std::optional<LogHead> decode_log_head(ByteView bytes) {
  if (bytes.size() < kLogHead) return std::nullopt;
  ByteReader r(bytes.subspan(16));
  LogHead out;
  out.first = r.u64le();
  std::ranges::copy(r.take(out.root.size()), out.root.begin());
  if (!std::ranges::equal(encode_log_head(out), bytes.first(kLogHead))) return std::nullopt;
  return out;
}

std::vector<std::byte> encode_index_head(std::uint64_t first) {
  std::vector<std::byte> out;
  ByteWriter w(out);
  w.text(kIndexMagic);
  w.u16le(kVersion);
  w.u16le(0);
  w.u32le(0);
  w.u64le(first);
  w.u32le(0);
  w.u32le(crc32c(out));
  return out;
}

std::optional<std::uint64_t> decode_index_head(ByteView bytes) {
  if (bytes.size() < kIndexHead) return std::nullopt;
  const std::uint64_t first = ByteReader(bytes.subspan(16)).u64le();
  if (!std::ranges::equal(encode_index_head(first), bytes.first(kIndexHead))) return std::nullopt;
  return first;
}

std::uint32_t actor_sum(ActorKind kind, std::string_view actor) {
  const std::byte tag{static_cast<unsigned char>(kind)};
  return crc32c(as_bytes(actor), crc32c({&tag, 1}));
}

std::uint32_t action_sum(std::string_view action) { return crc32c(as_bytes(action)); }

std::uint32_t object_sum(std::string_view kind, std::string_view id) {
  constexpr std::byte zero{0};
  return crc32c(as_bytes(id), crc32c({&zero, 1}, crc32c(as_bytes(kind))));
}

Record record_of(const Entry& e, const Hash& leaf, std::uint32_t offset) {
  return {.leaf = leaf,
          .time = to_ns(e.time),
          .offset = offset,
          .tenant = e.tenant.value,
          .actor = actor_sum(e.actor_kind, e.actor),
          .action = action_sum(e.action),
          .object = object_sum(e.object_kind, e.object_id)};
}

void put_record(std::vector<std::byte>& out, const Record& record) {
  ByteWriter w(out);
  const std::size_t begin = w.size();
  w.bytes(record.leaf);
  w.u64le(static_cast<std::uint64_t>(record.time));
  for (const std::uint32_t v : {record.offset, record.tenant, record.actor, record.action, record.object}) w.u32le(v);
  w.u32le(crc32c(ByteView(out).subspan(begin, kRecord - 4)));
}

std::optional<Record> decode_record(ByteView bytes) {
  if (bytes.size() < kRecord) return std::nullopt;
  ByteReader r(bytes);
  Record out;
  std::ranges::copy(r.take(out.leaf.size()), out.leaf.begin());
  out.time = static_cast<std::int64_t>(r.u64le());
  for (std::uint32_t* v : {&out.offset, &out.tenant, &out.actor, &out.action, &out.object}) *v = r.u32le();
  if (r.u32le() != crc32c(bytes.first(kRecord - 4))) return std::nullopt;
  return out;
}

Scan scan_log(ByteView file, std::uint64_t first) {
  Scan out;
  out.end = std::min(kLogHead, file.size());
  while (out.end < file.size()) {
    const std::uint64_t seq = first + out.records.size();
    const auto frame = decode_frame(file.subspan(out.end));
    if (!frame) {
      out.rest = true;
      out.proven = later_write_follows(file, out.end + 1, seq);
      out.why = "the bytes are no entry with a right checksum";
      return out;
    }
    const auto entry = decode(frame->payload);
    if (frame->seq != seq || !entry || entry->seq != seq || frame->back > out.records.size()) {
      out.rest = out.proven = true;
      out.why = frame->seq == seq ? "the entry cannot be read although its checksum is right"
                                  : "another sequence number is expected here";
      return out;
    }
    out.records.push_back(record_of(*entry, leaf_hash(frame->payload), static_cast<std::uint32_t>(out.end)));
    out.end += frame->bytes();
  }
  return out;
}

}  // namespace karez::ledger::store
