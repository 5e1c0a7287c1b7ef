// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/last_checkpoint.h"

#include <filesystem>
#include <system_error>

#include "base/format.h"
#include "base/hash.h"

namespace karez::historian {
namespace {

// docs/formats/manifest.md, "Last values"
constexpr std::uint64_t kMagic = 0x31305453414c5a4bULL;  // "KZLAST01"
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kMaxBytes = 2u << 30;

Path path_of(const Path& dir) { return dir / "last"; }

}  // namespace

Result<> save_last_checkpoint(const Path& dir, const LastCheckpoint& checkpoint, Durable durable) {
  std::vector<std::byte> out;
  ByteWriter writer(out);
  writer.u64le(kMagic);
  writer.u16le(kVersion);
  writer.u64le(checkpoint.lsn);
  writer.u64le(checkpoint.items.size());
  for (const LastCheckpoint::Item& item : checkpoint.items) {
    writer.u32le(item.point);
    writer.u64le(static_cast<std::uint64_t>(item.entry.time));
    writer.u64le(item.entry.bits);
    writer.u64le(item.entry.lsn);
    writer.u16le(item.entry.quality.code);
    writer.u8(static_cast<std::uint8_t>(item.entry.type));
    writer.u8(item.entry.flags);
    if (item.entry.type != model::ValueType::text) continue;
    writer.varint(item.text.size());
    writer.text(item.text);
  }
  writer.u32le(crc32c(out));
  return replace_file(path_of(dir), out, durable);
}

std::optional<LastCheckpoint> load_last_checkpoint(const Path& dir) {
  const auto text = read_file(path_of(dir), kMaxBytes);
  if (!text || text->size() < 4) return std::nullopt;
  const ByteView bytes = as_bytes(*text).first(text->size() - 4);
  ByteReader tail(as_bytes(*text).last(4));
  if (tail.u32le() != crc32c(bytes)) return std::nullopt;
  ByteReader in(bytes);
  if (in.u64le() != kMagic || in.u16le() != kVersion) return std::nullopt;
  LastCheckpoint out;
  out.lsn = in.u64le();
  const std::uint64_t count = in.u64le();
  if (count > in.remaining()) return std::nullopt;
  out.items.resize(count);
  for (LastCheckpoint::Item& item : out.items) {
    item.point = in.u32le();
    item.entry.time = static_cast<std::int64_t>(in.u64le());
    item.entry.bits = in.u64le();
    item.entry.lsn = in.u64le();
    item.entry.quality.code = in.u16le();
    item.entry.type = static_cast<model::ValueType>(in.u8());
    item.entry.flags = in.u8();
    if (item.entry.type == model::ValueType::text) item.text = as_text(in.take(in.varint()));
  }
  return in.done() ? std::optional(std::move(out)) : std::nullopt;
}

Result<> drop_last_checkpoint(const Path& dir, Durable durable) {
  std::error_code ec;
  if (!std::filesystem::remove(path_of(dir), ec) && !ec) return {};
  if (ec)
    return fail(Errc::unavailable, "file.io",
                karez::format("Cannot remove {}: {}.", path_of(dir).string(), ec.message()));
  return keep_entry(dir, durable);
}

}  // namespace karez::historian
