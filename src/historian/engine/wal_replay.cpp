// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/wal_replay.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/format.h"
#include "historian/engine/set_aside.h"

namespace karez::historian {
namespace {

Result<> seal_torn(const WalFile& file, Durable durable) {
  KZ_TRY(File out, File::open(file.path, File::Mode::read_write));
  KZ_CHECK(out.truncate(file.bytes));
  KZ_CHECK(out.write_at(file.bytes, wal_seal(file.last)));
  return durable == Durable::yes ? out.sync() : Result<>{};
}

class Replay {
 public:
  Replay(const ReplaySource& source, const FrameVisitor& visit, Log& log) : source_(source), visit_(visit), log_(log) {}

  Result<WalReplay> run() {
    const auto& files = source_.files;
    for (std::size_t i = 0; i < files.size(); ++i) {
      const bool is_last = i + 1 == files.size();
      const bool needed = is_last || files[i + 1].first > source_.flushed + 1;
      KZ_CHECK(needed ? read(files[i], is_last) : skip(files[i], files[i + 1].first - 1));
    }
    return std::move(out_);
  }

 private:
  /// A file that is only not deleted yet.
  Result<> skip(const LogFile& file, std::uint64_t last) {
    std::error_code ec;
    const auto bytes = std::filesystem::file_size(file.path, ec);
    out_.files.push_back({.path = file.path, .first = file.first, .last = last, .bytes = ec ? 0 : bytes});
    out_.last_lsn = last;
    return {};
  }

  Result<> read(const LogFile& file, bool is_last) {
    if (file.first <= out_.last_lsn) return log_damaged(file.path, "it does not follow the file before it.");
    const std::uint64_t known = std::max(source_.flushed, out_.last_lsn);
    if (!out_.files.empty() && file.first > known + 1)
      return log_damaged(file.path,
                         karez::format("before it, the blocks {} to {} are missing.", known + 1, file.first - 1));
    KZ_TRY(LogFileReader reader, LogFileReader::open(file));
    if (reader.head_whole() && reader.first() != file.first)
      return log_damaged(file.path, "its name is not that of its first block.");
    if (!reader.head_whole() && !is_last) return log_damaged(file.path, "its head is damaged.");
    auto end = reader.read(source_.flushed, visit_);
    if (!end) return named(file.path, std::move(end).error());
    if (!end->sealed && !is_last)
      return log_damaged(file.path, karez::format("the frame at byte {} is damaged.", end->offset));
    out_.frames += end->frames;
    WalFile got{.path = file.path, .first = file.first, .last = end->last, .bytes = end->offset};
    if (!end->sealed || !reader.head_whole()) {
      KZ_TRY(const bool more, reader.holds_more(*end));
      KZ_CHECK(more ? salvage(reader, got) : cut(reader, got));
    }
    out_.last_lsn = std::max(out_.last_lsn, got.last);
    out_.files.push_back(std::move(got));
    return {};
  }

  /// Ends the last file where its frames end. One without any stays as it is: its name is used again, or
  /// it is released.
  Result<> cut(const LogFileReader& reader, WalFile& file) {
    if (file.last < file.first) return {};
    log_.info("historian", "The log {} was not closed: read up to block {}.", file.path.string(), file.last);
    out_.torn_bytes = reader.size() - std::min(reader.size(), file.bytes);
    KZ_CHECK(seal_torn(file, source_.durable));
    file.bytes += kFrameHeaderBytes;
    return {};
  }

  /// There is more than a crash leaves. Whole frames are taken, the file stays as it is: the caller puts
  /// everything into segments, and has it released.
  Result<> salvage(LogFileReader& reader, WalFile& file) {
    KZ_TRY(const Path kept, copy_aside(source_.store, file.path, source_.durable));
    const std::uint64_t good = file.last;
    std::uint64_t at = file.bytes;
    for (;;) {
      KZ_TRY(const auto frame, reader.next_frame(at));
      if (!frame) break;
      const FrameHeader& h = frame->header;
      const std::uint64_t possible = file.last + (reader.size() - file.bytes) / kFrameHeaderBytes;
      at += kFrameHeaderBytes + h.length;
      if (h.kind == FrameKind::seal || h.lsn <= file.last || h.lsn > possible) continue;
      if (h.lsn > source_.flushed) {
        if (auto done = visit_(h, frame->payload); !done) return named(file.path, std::move(done).error());
        ++out_.frames;
      }
      file.last = h.lsn;
    }
    file.bytes = reader.size();
    out_.damaged = true;
    log_.error("historian",
               "The log {} is damaged behind block {}; read up to block {}. The file as it was is kept in {}.",
               file.path.string(), good, file.last, kept.string());
    return {};
  }

  static std::unexpected<Error> named(const Path& path, Error error) {
    if (error.code() == Errc::corrupt) return log_damaged(path, error.text());
    return std::unexpected<Error>(std::move(error));
  }

  const ReplaySource& source_;
  const FrameVisitor& visit_;
  Log& log_;
  WalReplay out_;
};

}  // namespace

Result<WalReplay> replay_wal(const ReplaySource& source, const FrameVisitor& visit, Log& log) {
  return Replay(source, visit, log).run();
}

}  // namespace karez::historian
