// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/wal_replay.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/format.h"
#include "base/hash.h"

namespace karez::historian {
namespace {

/// A window that moves over a file, so that a file of any size costs 2 MiB.
class Window {
 public:
  static constexpr std::size_t kBytes = 2u << 20;
  static_assert(kBytes > kMaxFrameBytes + kFrameHeaderBytes);

  static Result<Window> open(const Path& path) {
    Window w;
    KZ_TRY(w.file_, File::open(path, File::Mode::read));
    KZ_TRY(w.size_, w.file_.size());
    return w;
  }
  /// Up to `count` bytes at `offset`; fewer at the end of the file.
  Result<ByteView> at(std::uint64_t offset, std::size_t count) {
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, size_ - std::min(size_, offset)));
    if (offset < start_ || offset + count > start_ + bytes_.size()) {
      bytes_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kBytes, size_ - std::min(size_, offset))));
      start_ = offset;
      KZ_CHECK(file_.read_at(offset, bytes_));
    }
    return ByteView(bytes_).subspan(static_cast<std::size_t>(offset - start_), count);
  }
  std::uint64_t size() const noexcept { return size_; }

 private:
  File file_;
  std::uint64_t size_ = 0, start_ = 0;
  std::vector<std::byte> bytes_;
};

struct Frame {
  FrameHeader header;
  ByteView payload;
};

/// The frame at `offset`, or nothing when there is no whole one.
Result<std::optional<Frame>> frame_at(Window& window, std::uint64_t offset) {
  KZ_TRY(const ByteView head, window.at(offset, kFrameHeaderBytes));
  const auto header = parse_frame_header(head);
  if (!header) return std::nullopt;
  KZ_TRY(const ByteView whole, window.at(offset, kFrameHeaderBytes + header->length));
  if (whole.size() != kFrameHeaderBytes + header->length) return std::nullopt;
  const ByteView payload = whole.subspan(kFrameHeaderBytes);
  if (crc32c(payload) != header->payload_crc) return std::nullopt;
  return Frame{*header, payload};
}

struct FileEnd {
  std::uint64_t offset = 0, last = 0;
  bool sealed = false;
};

/// Visits the frames of one file; ends at the seal or at the first thing that is no frame.
Result<FileEnd> read_file_frames(Window& window, std::uint64_t first, std::uint64_t flushed, const FrameVisitor& visit,
                                 std::uint64_t& frames) {
  FileEnd end{.offset = kWalHeaderBytes, .last = first - 1};
  for (;;) {
    KZ_TRY(const auto frame, frame_at(window, end.offset));
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
      ++frames;
    }
    end.last = h.lsn;
    end.offset += kFrameHeaderBytes + h.length;
  }
}

Result<std::vector<Path>> list_files(const Path& dir) {
  std::vector<Path> out;
  std::error_code ec;
  for (const auto& entry : std::filesystem::directory_iterator(dir, ec))
    if (entry.path().extension() == ".wal") out.push_back(entry.path());
  if (ec) return fail(Errc::unavailable, "file.io", karez::format("Cannot list {}: {}.", dir.string(), ec.message()));
  std::ranges::sort(out);
  return out;
}

Result<> seal_torn(const Path& path, const FileEnd& end) {
  KZ_TRY(File file, File::open(path, File::Mode::read_write));
  KZ_CHECK(file.truncate(end.offset));
  KZ_CHECK(file.write_at(end.offset, wal_seal(end.last)));
  return file.sync();
}

std::unexpected<Error> damaged(const Path& path, std::string_view what) {
  return fail(Errc::corrupt, "store.wal_corrupt", karez::format("Log file {}: {}", path.string(), what));
}

}  // namespace

Result<WalReplay> replay_wal(const Path& dir, std::uint64_t flushed, const FrameVisitor& visit, Log& log) {
  WalReplay out;
  KZ_TRY(const std::vector<Path> paths, list_files(dir));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const Path& path = paths[i];
    const bool is_last = i + 1 == paths.size();
    KZ_TRY(Window window, Window::open(path));
    KZ_TRY(const ByteView head, window.at(0, kWalHeaderBytes));
    const auto first = parse_wal_header(head);
    if (!first && !is_last) return damaged(path, "its head is damaged.");
    if (!first) {  // it was being made when the crash came
      std::error_code ignored;
      std::filesystem::remove(path, ignored);
      break;
    }
    if (*first <= out.last_lsn) return damaged(path, "it does not follow the file before it.");
    const auto end = read_file_frames(window, *first, flushed, visit, out.frames);
    if (!end && end.error().code() == Errc::corrupt) return damaged(path, end.error().text());
    if (!end) return std::unexpected<Error>(end.error());
    WalFile file{.path = path, .first = *first, .last = end->last, .bytes = end->offset};
    if (!end->sealed) {
      if (!is_last) return damaged(path, karez::format("the frame at byte {} is damaged.", end->offset));
      out.torn_bytes = window.size() - end->offset;
      KZ_CHECK(seal_torn(path, *end));
      file.bytes += kFrameHeaderBytes;
      log.info("historian", "The log {} was not closed: read up to block {}.", path.string(), end->last);
    }
    out.last_lsn = std::max(out.last_lsn, end->last);
    out.files.push_back(std::move(file));
  }
  return out;
}

}  // namespace karez::historian
