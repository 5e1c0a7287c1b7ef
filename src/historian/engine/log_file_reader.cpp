// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/log_file_reader.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "base/format.h"
#include "base/hash.h"

namespace karez::historian {
namespace {

constexpr std::size_t kWindow = 2u << 20;
static_assert(kWindow > kMaxFrameBytes + kFrameHeaderBytes);

}  // namespace

std::unexpected<Error> log_damaged(const Path& path, std::string_view what) {
  return fail(Error(Errc::corrupt, "store.wal_corrupt")
                  .with(karez::format("Log file {}: {}", path.string(), what))
                  .cure("Restore the store from a backup."));
}

Result<std::vector<LogFile>> list_log(const Path& dir) {
  std::vector<LogFile> out;
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator(dir, ec)) {
    if (entry.path().extension() != ".wal") continue;
    LogFile file{.path = entry.path()};
    const std::string stem = file.path.stem().string();
    const auto parsed = std::from_chars(stem.data(), stem.data() + stem.size(), file.first, 16);
    if (parsed.ec != std::errc{} || file.path.filename() != wal_name(file.first) || file.first == 0)
      return log_damaged(file.path, "its name is not that of a log file.");
    out.push_back(std::move(file));
  }
  if (ec) return fail(Errc::unavailable, "file.io", karez::format("Cannot list {}: {}.", dir.string(), ec.message()));
  std::ranges::sort(out, {}, &LogFile::first);
  return out;
}

Result<LogFileReader> LogFileReader::open(const LogFile& file) {
  LogFileReader r;
  r.named_ = file.first;
  KZ_TRY(r.file_, File::open(file.path, File::Mode::read));
  KZ_TRY(r.size_, r.file_.size());
  KZ_TRY(const ByteView head, r.at(0, kWalHeaderBytes));
  r.first_ = parse_wal_header(head);
  return r;
}

/// Up to `count` bytes at `offset`; fewer at the end of the file.
Result<ByteView> LogFileReader::at(std::uint64_t offset, std::size_t count) {
  const std::uint64_t left = size_ - std::min(size_, offset);
  count = static_cast<std::size_t>(std::min<std::uint64_t>(count, left));
  if (offset < start_ || offset + count > start_ + bytes_.size()) {
    bytes_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kWindow, left)));
    start_ = offset;
    KZ_CHECK(file_.read_at(offset, bytes_));
  }
  return count == 0 ? ByteView() : ByteView(bytes_).subspan(static_cast<std::size_t>(offset - start_), count);
}

/// The frame at `offset`, or nothing when there is no whole one.
Result<std::optional<LogFileReader::Frame>> LogFileReader::frame_at(std::uint64_t offset) {
  KZ_TRY(const ByteView head, at(offset, kFrameHeaderBytes));
  const auto header = parse_frame_header(head);
  if (!header) return std::nullopt;
  KZ_TRY(const ByteView whole, at(offset, kFrameHeaderBytes + header->length));
  if (whole.size() != kFrameHeaderBytes + header->length) return std::nullopt;
  const ByteView payload = whole.subspan(kFrameHeaderBytes);
  if (crc32c(payload) != header->payload_crc) return std::nullopt;
  return Frame{*header, payload};
}

Result<LogFileReader::End> LogFileReader::read(std::uint64_t flushed, const FrameVisitor& visit) {
  End end{.offset = kWalHeaderBytes, .last = named_ - 1};
  for (;;) {
    KZ_TRY(const auto frame, frame_at(end.offset));
    if (!frame) return end;
    const FrameHeader& h = frame->header;
    if (h.kind == FrameKind::seal) {
      end.sealed = h.lsn == end.last;
      if (end.sealed) end.offset += kFrameHeaderBytes;
      return end;
    }
    if (h.lsn != end.last + 1) return end;
    if (h.lsn > flushed) {
      KZ_CHECK(visit(h, frame->payload));
      ++end.frames;
    }
    end.last = h.lsn;
    end.offset += kFrameHeaderBytes + h.length;
  }
}

Result<std::optional<LogFileReader::Frame>> LogFileReader::next_frame(std::uint64_t& from) {
  constexpr std::size_t kStep = 1u << 20;
  constexpr std::string_view kMagic = "KZWF";
  while (from < size_) {
    KZ_TRY(const ByteView some, at(from, kStep));
    const std::size_t hit = as_text(some).find(kMagic);
    if (hit == std::string_view::npos) {
      if (some.size() < kStep) break;
      from += some.size() - kMagic.size() + 1;
      continue;
    }
    from += hit;
    KZ_TRY(const auto frame, frame_at(from));
    if (frame) return frame;
    // what looks like a frame within a damaged one is a value's text
    KZ_TRY(const ByteView head, at(from, kFrameHeaderBytes));
    const auto header = parse_frame_header(head);
    from += header ? kFrameHeaderBytes + header->length : 1;
  }
  return std::nullopt;
}

Result<bool> LogFileReader::holds_bytes(std::uint64_t from) {
  while (from < size_) {
    KZ_TRY(const ByteView some, at(from, 1u << 20));
    if (std::ranges::any_of(some, [](std::byte b) { return b != std::byte{0}; })) return true;
    from += some.size();
  }
  return false;
}

Result<bool> LogFileReader::holds_more(const End& end) {
  if (!head_whole()) return holds_bytes(kWalHeaderBytes);
  if (end.sealed) return false;
  std::uint64_t at = end.offset;
  KZ_TRY(const auto frame, next_frame(at));
  return frame.has_value();
}

}  // namespace karez::historian
