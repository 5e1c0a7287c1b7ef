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
constexpr std::size_t kHeaderBytes = 16, kRecordHeader = 12, kPage = 4096;
constexpr std::uint16_t kVersion = 2;
constexpr std::size_t kMaxManifest = 1u << 30;
constexpr std::uint64_t kRewriteBytes = 1u << 20;
enum class Item : std::uint8_t { add = 1, drop = 2, bury = 3, purge = 4, flushed = 5, log_since = 6 };

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
  if (edit.log_since != 0) state.log_since = edit.log_since;
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
  writer.u32le(0);
  encode_edit(edit, out);
  const ByteView payload = ByteView(out).subspan(start + kRecordHeader);
  const std::uint32_t crc = crc32c(payload);
  writer.patch_u32le(start, static_cast<std::uint32_t>(payload.size()));
  writer.patch_u32le(start + 4, crc);
  writer.patch_u32le(start + 8, crc32c(ByteView(out).subspan(start, kRecordHeader - 4)));
}

bool all_zero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

struct RecordHead {
  std::uint32_t length = 0, crc = 0;
  std::size_t bytes = 0;  ///< of the head itself
  bool valid = false;     ///< the length can be trusted
};

RecordHead parse_head(ByteView rest, std::uint16_t version) {
  RecordHead head;
  ByteReader in(rest);
  head.length = in.u32le();
  head.crc = in.u32le();
  // Version 1 had no checksum over the length.
  const bool matches = version == 1 || in.u32le() == crc32c(rest.first(std::min<std::size_t>(rest.size(), 8)));
  head.bytes = version == 1 ? 8 : kRecordHeader;
  head.valid = in.ok() && matches && head.length > 0;
  return head;
}

/// A page of the record at `at` never came to the disk. Whole records have no such page: their items are
/// short, and none is of zeros alone.
bool lacks_a_page(ByteView bytes, std::size_t at) {
  constexpr std::size_t kNatural = 16;  // zeros that an item may end with
  while (at < bytes.size()) {
    const std::size_t end = std::min(bytes.size(), (at / kPage + 1) * kPage);
    if (end - at >= kNatural && all_zero(bytes.subspan(at, end - at))) return true;
    at = end;
  }
  return false;
}

/// Whether a crash while the record at `at` was appended explains what is there: it is the last one, and
/// some of it is missing.
bool is_torn(ByteView bytes, std::size_t at, const RecordHead& head) {
  const ByteView rest = bytes.subspan(at);
  if (rest.size() < head.bytes || all_zero(rest)) return true;
  if (!head.valid) return false;
  const std::size_t whole = head.bytes + head.length;
  return rest.size() < whole || (rest.size() == whole && lacks_a_page(bytes, at));
}

/// Applies all whole records; the answer is where they end.
Result<std::size_t> read_records(ByteView bytes, std::uint16_t version, ManifestState& state) {
  std::size_t at = kHeaderBytes;
  do {  // the first record came with the file: there is no half of it
    const ByteView rest = bytes.subspan(at);
    const RecordHead head = parse_head(rest, version);
    ByteReader in(rest);
    in.skip(head.bytes);
    const ByteView payload = in.take(head.length);
    if (!head.valid || !in.ok() || crc32c(payload) != head.crc) {
      if (at > kHeaderBytes && is_torn(bytes, at, head)) return at;
      return corrupt(karez::format("The record at byte {} is damaged.", at));
    }
    KZ_TRY(const ManifestEdit edit, decode_edit(payload));
    apply_to(state, edit);
    at += head.bytes + head.length;
  } while (at < bytes.size());
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
  if (edit.log_since == 0) return;
  item(Item::log_since);
  writer.u64le(edit.log_since);
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
      case Item::log_since: edit.log_since = in.u64le(); break;
      default: return corrupt("A record has an unknown item.");
    }
  }
  if (!in.ok()) return corrupt("A record is too short.");
  return edit;
}

Result<Manifest> Manifest::open(const Path& path, Durable durable, Log& log) {
  Manifest m(log);
  m.durable_ = durable;
  m.path_ = path;
  std::error_code ec;
  if (std::filesystem::exists(path, ec)) KZ_CHECK(m.read());
  return m;
}

Result<> Manifest::read() {
  KZ_TRY(const std::string text, read_file(path_, kMaxManifest));
  const ByteView bytes = as_bytes(text);
  const auto named = [&](std::string_view what) {
    return fail(Error(Errc::corrupt, "store.manifest_corrupt")
                    .with(karez::format("{} cannot be read. {}", path_.string(), what))
                    .cure("Restore the store from a backup."));
  };
  ByteReader in(bytes);
  const bool ours = in.u64le() == kMagic;
  version_ = in.u16le();
  if (!ours || version_ < 1 || version_ > kVersion) return named("It is no manifest of a version known here.");
  in.skip(2);
  const std::uint32_t crc = in.u32le();
  if (!in.ok() || crc != crc32c(bytes.first(kHeaderBytes - 4))) return named("Its head is damaged.");
  const auto end = read_records(bytes, version_, state_);
  if (!end) return named(end.error().text());
  end_ = *end;
  cut_ = end_ < bytes.size();
  size_ = size_when_written_ = bytes.size();
  skip_file_number(state_.next_file - 1);
  return {};
}

Result<> Manifest::begin() {
  auto [outcome, error] = rewrite();
  if (outcome == Rewritten::yes) return {};
  // What was read is whole and can be appended to: a full disk must not keep anybody from reading.
  if (outcome == Rewritten::unknown || cut_ || version_ != kVersion) return error;
  log_->warning("historian", "The manifest stays as long as it is: {}", error.error().message());
  KZ_TRY(file_, File::open(path_, File::Mode::append));
  return {};
}

/// `no`: the old file is in place, and `file_` still appends to it.
std::pair<Manifest::Rewritten, Result<>> Manifest::rewrite() {
  ManifestEdit all;
  for (const auto& [file, info] : state_.segments) all.add.push_back(info);
  for (const auto& [lsn, tombstone] : state_.tombstones) all.bury.push_back(tombstone);
  all.flushed = state_.flushed;
  all.log_since = state_.log_since;
  std::vector<std::byte> out;
  put_header(out);
  put_record(all, out);
  const auto replace = [&]() -> Result<> {
    KZ_TRY(const Path beside, write_beside(path_, out, durable_));
    return rename_over(beside, path_);
  };
  if (auto done = replace(); !done) return {Rewritten::no, std::move(done)};
  const auto settle = [&]() -> Result<> {
    KZ_CHECK(keep_entry(path_.parent_path(), durable_));
    KZ_TRY(file_, File::open(path_, File::Mode::append));
    return {};
  };
  if (auto done = settle(); !done) return {Rewritten::unknown, std::move(done)};
  size_ = size_when_written_ = out.size();
  return {Rewritten::yes, {}};
}

Result<> Manifest::apply(const ManifestEdit& edit) {
  if (broken_) return fail(Errc::unavailable, "store.poisoned", "The manifest could not be written before.");
  std::vector<std::byte> out;
  put_record(edit, out);
  broken_ = true;  // until it is known to be whole
  if (auto written = file_.write(out); !written) {
    if (file_.truncate(size_)) broken_ = false;  // a full disk: nothing of the edit is left, it may be tried again
    return written;
  }
  if (durable_ == Durable::yes) KZ_CHECK(file_.sync());
  broken_ = false;
  // From here on the edit holds, whatever becomes of the rewriting.
  apply_to(state_, edit);
  size_ += out.size();
  if (size_ <= size_when_written_ + kRewriteBytes + size_when_written_ / 2) return {};
  if (const auto [outcome, error] = rewrite(); outcome == Rewritten::no) {
    size_when_written_ = size_;  // tried again when it has grown once more
    log_->warning("historian", "The manifest could not be shortened: {}", error.error().message());
  } else if (outcome == Rewritten::unknown) {
    broken_ = true;
    log_->error("historian", "The manifest cannot be changed until Karez is restarted: {}", error.error().message());
  }
  return {};
}

}  // namespace karez::historian
