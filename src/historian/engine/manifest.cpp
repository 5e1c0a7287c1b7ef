// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/manifest.h"

#include <algorithm>
#include <filesystem>

#include "base/format.h"
#include "base/hash.h"

namespace karez::historian {
namespace {

// docs/formats/manifest.md
constexpr std::uint64_t kMagic = 0x3146494e414d5a4bULL;  // "KZMANIF1"
constexpr std::size_t kHeaderBytes = 16, kRecordHeader = 8;
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kMaxManifest = 1u << 30;
constexpr std::uint64_t kRewriteBytes = 1u << 20;
enum class Item : std::uint8_t { add = 1, drop = 2, bury = 3, purge = 4, flushed = 5 };

std::unexpected<Error> corrupt(std::string_view what) { return fail(Errc::corrupt, "store.manifest_corrupt", what); }

void put_segment(ByteWriter& out, const SegmentInfo& s) {
  out.u64le(s.file);
  out.u32le(static_cast<std::uint32_t>(s.day));
  out.u64le(s.lsn);
  out.u64le(s.clean);
  out.u64le(s.bytes);
  out.u64le(s.rows);
  out.u32le(s.chunks);
  out.u32le(s.point_low);
  out.u32le(s.point_high);
  out.u64le(static_cast<std::uint64_t>(s.t0));
  out.u64le(static_cast<std::uint64_t>(s.t1));
}

SegmentInfo take_segment(ByteReader& in) {
  SegmentInfo s;
  s.file = in.u64le();
  s.day = static_cast<std::int32_t>(in.u32le());
  s.lsn = in.u64le();
  s.clean = in.u64le();
  s.bytes = in.u64le();
  s.rows = in.u64le();
  s.chunks = in.u32le();
  s.point_low = in.u32le();
  s.point_high = in.u32le();
  s.t0 = static_cast<std::int64_t>(in.u64le());
  s.t1 = static_cast<std::int64_t>(in.u64le());
  return s;
}

TombstonePtr take_tombstone(ByteReader& in) {
  auto t = std::make_shared<Tombstone>();
  t->lsn = in.u64le();
  t->from = static_cast<std::int64_t>(in.u64le());
  t->to = static_cast<std::int64_t>(in.u64le());
  const std::uint64_t n = in.varint();
  if (n > in.remaining()) {
    in.invalidate();
    return t;
  }
  std::uint32_t point = 0;
  for (std::uint64_t i = 0; i < n; ++i) t->points.push_back(point += static_cast<std::uint32_t>(in.varint()));
  return t;
}

void apply_to(ManifestState& state, const ManifestEdit& edit) {
  for (const std::uint64_t file : edit.drop) state.segments.erase(file);
  for (const SegmentInfo& s : edit.add) {
    state.segments[s.file] = s;
    state.next_file = std::max(state.next_file, s.file + 1);
  }
  for (const TombstonePtr& t : edit.bury) state.tombstones[t->lsn] = t;
  for (const std::uint64_t lsn : edit.purge) state.tombstones.erase(lsn);
  state.flushed = std::max(state.flushed, edit.flushed);
}

void put_header(std::vector<std::byte>& out) {
  ByteWriter writer(out);
  writer.u64le(kMagic);
  writer.u16le(kVersion);
  writer.u16le(0);
  writer.u32le(crc32c(out));
}

void put_record(const ManifestEdit& edit, std::vector<std::byte>& out) {
  const std::size_t start = out.size();
  ByteWriter writer(out);
  writer.u64le(0);
  encode_edit(edit, out);
  const ByteView payload = ByteView(out).subspan(start + kRecordHeader);
  const std::uint32_t crc = crc32c(payload);
  writer.patch_u32le(start, static_cast<std::uint32_t>(payload.size()));
  writer.patch_u32le(start + 4, crc);
}

/// A crash while appending leaves a record that reaches past the end, or zeros; nothing else does.
bool is_torn(ByteView rest, std::size_t length) {
  if (rest.size() < kRecordHeader || length >= rest.size() - kRecordHeader) return true;
  return std::ranges::all_of(rest, [](std::byte b) { return b == std::byte{0}; });
}

/// Applies all whole records; the answer is where they end.
Result<std::size_t> read_records(ByteView bytes, ManifestState& state) {
  std::size_t at = kHeaderBytes;
  while (at < bytes.size()) {
    const ByteView rest = bytes.subspan(at);
    ByteReader in(rest);
    const std::uint32_t length = in.u32le(), crc = in.u32le();
    const ByteView payload = in.take(length);
    if (!in.ok() || length == 0 || crc32c(payload) != crc) {
      if (is_torn(rest, length)) return at;
      return corrupt(karez::format("The record at byte {} is damaged.", at));
    }
    KZ_TRY(const ManifestEdit edit, decode_edit(payload));
    apply_to(state, edit);
    at += kRecordHeader + length;
  }
  return at;
}

}  // namespace

void encode_edit(const ManifestEdit& edit, std::vector<std::byte>& out) {
  ByteWriter writer(out);
  const auto item = [&](Item kind) { writer.u8(static_cast<std::uint8_t>(kind)); };
  for (const SegmentInfo& s : edit.add) {
    item(Item::add);
    put_segment(writer, s);
  }
  for (const std::uint64_t file : edit.drop) {
    item(Item::drop);
    writer.u64le(file);
  }
  for (const TombstonePtr& t : edit.bury) {
    item(Item::bury);
    writer.u64le(t->lsn);
    writer.u64le(static_cast<std::uint64_t>(t->from));
    writer.u64le(static_cast<std::uint64_t>(t->to));
    writer.varint(t->points.size());
    std::uint32_t before = 0;
    for (const std::uint32_t p : t->points) writer.varint(p - std::exchange(before, p));
  }
  for (const std::uint64_t lsn : edit.purge) {
    item(Item::purge);
    writer.u64le(lsn);
  }
  item(Item::flushed);
  writer.u64le(edit.flushed);
}

Result<ManifestEdit> decode_edit(ByteView payload) {
  ManifestEdit edit;
  ByteReader in(payload);
  while (in.ok() && in.remaining() > 0) {
    switch (static_cast<Item>(in.u8())) {
      case Item::add: edit.add.push_back(take_segment(in)); break;
      case Item::drop: edit.drop.push_back(in.u64le()); break;
      case Item::bury: edit.bury.push_back(take_tombstone(in)); break;
      case Item::purge: edit.purge.push_back(in.u64le()); break;
      case Item::flushed: edit.flushed = in.u64le(); break;
      default: return corrupt("A record has an unknown item.");
    }
  }
  if (!in.ok()) return corrupt("A record is too short.");
  return edit;
}

Result<Manifest> Manifest::open(const Path& path, Durable durable) {
  Manifest m;
  m.durable_ = durable;
  m.path_ = path;
  std::error_code ec;
  if (!std::filesystem::exists(path, ec)) {
    KZ_CHECK(m.rewrite());
    return m;
  }
  KZ_TRY(const std::string text, read_file(path, kMaxManifest));
  const ByteView bytes = as_bytes(text);
  const auto named = [&](std::string_view what) {
    return corrupt(karez::format("{} cannot be read. {}", path.string(), what));
  };
  ByteReader in(bytes);
  const bool known = in.u64le() == kMagic && in.u16le() == kVersion;
  if (!known || !in.ok()) return named("It is no manifest of this version.");
  in.skip(2);
  if (in.u32le() != crc32c(bytes.first(kHeaderBytes - 4))) return named("Its head is damaged.");
  const auto end = read_records(bytes, m.state_);
  if (!end) return named(end.error().text());
  m.next_file_ = m.state_.next_file;
  KZ_CHECK(m.rewrite());
  return m;
}

Result<> Manifest::rewrite() {
  ManifestEdit all;
  for (const auto& [file, info] : state_.segments) all.add.push_back(info);
  for (const auto& [lsn, tombstone] : state_.tombstones) all.bury.push_back(tombstone);
  all.flushed = state_.flushed;
  std::vector<std::byte> out;
  put_header(out);
  put_record(all, out);
  KZ_CHECK(replace_file(path_, out, durable_));
  KZ_TRY(file_, File::open(path_, File::Mode::append));
  size_ = size_when_written_ = out.size();
  return {};
}

Result<> Manifest::apply(const ManifestEdit& edit) {
  if (broken_) return fail(Errc::unavailable, "store.poisoned", "The manifest could not be written before.");
  std::vector<std::byte> out;
  put_record(edit, out);
  broken_ = true;  // until it is known to be whole
  KZ_CHECK(file_.write(out));
  if (durable_ == Durable::yes) KZ_CHECK(file_.sync());
  broken_ = false;
  apply_to(state_, edit);
  size_ += out.size();
  if (size_ > size_when_written_ + kRewriteBytes + size_when_written_ / 2) return rewrite();
  return {};
}

}  // namespace karez::historian
