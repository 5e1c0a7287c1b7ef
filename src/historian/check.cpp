// SPDX-License-Identifier: Apache-2.0
#include "historian/check.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "base/format.h"
#include "historian/engine/last_checkpoint.h"
#include "historian/engine/lock_file.h"
#include "historian/engine/log_file_reader.h"
#include "historian/engine/manifest.h"

namespace karez::historian {
namespace {

constexpr std::string_view kRestore = "Restore the store from a backup.";

class Checker {
 public:
  explicit Checker(const Path& dir) : dir_(dir) {}

  Result<StoreCheck> run() {
    const Path path = dir_ / "manifest";
    auto manifest = Manifest::open(path, Durable::no, null_log());
    if (!manifest) {
      add({.file = path, .offset = {}, .what = std::string(manifest.error().text()), .cure = std::string(kRestore)});
    } else {
      if (manifest->cut())
        add({.weight = Finding::Weight::warning,
             .file = path,
             .offset = manifest->end(),
             .what = "The last edit is half-written and would be left out.",
             .cure = "Start Karez: it keeps the file and the segments that nothing names in set-aside."});
      state_ = manifest->state();
    }
    for (const auto& [file, info] : state_.segments) check_segment(info);
    if (manifest) check_strays();
    check_log(manifest.has_value());
    check_last_values();
    return std::move(out_);
  }

 private:
  void add(Finding finding) {
    if (out_.findings.size() < StoreCheck::kMaxFindings) out_.findings.push_back(std::move(finding));
    else out_.more = true;
  }
  void add(const Path& file, std::optional<std::uint64_t> offset, std::string_view what) {
    add({.file = file, .offset = offset, .what = std::string(what), .cure = std::string(kRestore)});
  }

  void check_segment(const SegmentInfo& info) {
    const Path path = segment_path(dir_ / "data", info);
    ++out_.segments;
    const auto reader = SegmentReader::open(path, info.bytes);
    if (!reader) return add(path, {}, reader.error().text());
    const SegmentDirectory& directory = (*reader)->directory();
    std::uint64_t rows = 0;
    for (std::size_t i = 0; i < directory.size(); ++i) {
      const ChunkMeta meta = directory[i];
      rows += meta.rows;
      check_chunk(path, **reader, meta);
    }
    if (directory.size() != info.chunks || rows != info.rows)
      add(path, {}, "Its directory does not fit what the manifest says of it.");
  }

  void check_chunk(const Path& path, const SegmentReader& reader, const ChunkMeta& meta) {
    ++out_.chunks;
    out_.samples += meta.rows;
    if (const auto read = reader.read(meta, bytes_); !read) return add(path, meta.offset, read.error().text());
    if (const auto decoded = decoder_.decode(bytes_, rows_); !decoded)
      return add(path, meta.offset, decoded.error().text());
    if (rows_.size() != meta.rows || rows_.time.front() != meta.t0 || rows_.time.back() != meta.t1)
      add(path, meta.offset, karez::format("A chunk of point {} is not what its directory says.", meta.point));
  }

  /// Files in the data folder that no record names.
  void check_strays() {
    std::set<Path> named;
    for (const auto& [file, info] : state_.segments) named.insert(segment_path(dir_ / "data", info));
    std::error_code ec;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_ / "data", ec)) {
      if (!entry.is_regular_file(ec) || named.contains(entry.path())) continue;
      add({.weight = Finding::Weight::notice,
           .file = entry.path(),
           .offset = {},
           .what = "The manifest does not name it: a flush or merge did not end.",
           .cure = "The next start sees to it."});
    }
    for (const auto& entry : std::filesystem::directory_iterator(dir_ / "set-aside", ec))
      add({.weight = Finding::Weight::warning,
           .file = entry.path(),
           .offset = {},
           .what = "An earlier start kept it: it could not be used, but may be the only copy of something.",
           .cure = "Remove it when nothing is missed."});
  }

  void check_log(bool manifest_known) {
    const auto files = list_log(dir_ / "wal");
    if (!files) return add(dir_ / "wal", {}, files.error().text());
    if (!manifest_known && !files->empty()) state_.flushed = files->front().first - 1;
    if (files->empty() && state_.log_since != 0)
      add(dir_ / "wal", {},
          karez::format("There is no file of the log, but there was since block {}.", state_.log_since));
    if (!files->empty() && files->front().first > state_.flushed + 1)
      add(dir_ / "manifest", {},
          karez::format("It knows blocks up to {}, but the log begins at {}: edits are missing.", state_.flushed,
                        files->front().first));
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < files->size(); ++i) {
      const LogFile& file = (*files)[i];
      const bool is_last = i + 1 == files->size();
      const std::uint64_t known = std::max(state_.flushed, last);
      if (i > 0 && file.first > known + 1)
        add(file.path, {}, karez::format("Before it, the blocks {} to {} are missing.", known + 1, file.first - 1));
      if (file.first <= last) add(file.path, {}, "It does not follow the file before it.");
      const bool needed = is_last || (*files)[i + 1].first > state_.flushed + 1;
      const auto end = check_log_file(file, is_last, needed);
      last = std::max(last, end || is_last ? end.value_or(0) : (*files)[i + 1].first - 1);
    }
  }

  /// The answer is the LSN of its last frame, or nothing when it cannot be read to the end.
  std::optional<std::uint64_t> check_log_file(const LogFile& file, bool is_last, bool needed) {
    ++out_.log_files;
    auto reader = LogFileReader::open(file);
    if (!reader) return add(file.path, {}, reader.error().text()), std::nullopt;
    const auto read = reader->read(0, [this](const FrameHeader& header, ByteView payload) -> Result<> {
      if (header.kind == FrameKind::remove) {
        KZ_CHECK(decode_remove(payload));
        return {};
      }
      return decode_block(payload, block_);
    });
    if (!read) return add(file.path, {}, read.error().text()), std::nullopt;
    out_.blocks += read->frames;
    const auto more = reader->holds_more(*read);
    if (!more) return add(file.path, {}, more.error().text()), std::nullopt;
    Finding finding{.weight = needed ? Finding::Weight::damage : Finding::Weight::notice,
                    .file = file.path,
                    .offset = read->offset,
                    .what = {},
                    .cure = std::string(kRestore)};
    if (!needed) finding.cure = "Everything in it is in segments; the next start removes it.";
    if (needed && is_last) finding.cure = "Start Karez: it reads what is whole, and keeps the file in set-aside.";
    if (reader->head_whole() && reader->first() != file.first) {
      finding.what = "Its name is not that of its first block.";
    } else if (!reader->head_whole() && (!is_last || *more)) {
      finding.offset = 0;
      finding.what = "Its head is damaged.";
    } else if (!read->sealed && (!is_last || *more)) {
      finding.what = karez::format("What follows block {} is damaged.", read->last);
    } else if (!read->sealed && is_last && read->frames > 0) {
      finding.weight = Finding::Weight::notice;
      finding.what = karez::format("It was not closed: it ends with block {}.", read->last);
      finding.cure = "The next start sees to it.";
    } else {
      return read->last;
    }
    add(std::move(finding));
    return std::nullopt;
  }

  void check_last_values() {
    std::error_code ec;
    const Path path = dir_ / "last";
    if (!std::filesystem::exists(path, ec) || load_last_checkpoint(dir_)) return;
    add({.weight = Finding::Weight::notice,
         .file = path,
         .offset = {},
         .what = "The saved last values are damaged.",
         .cure = "The next start takes them from the segments."});
  }

  const Path& dir_;
  StoreCheck out_;
  ManifestState state_;
  ChunkDecoder decoder_;
  std::vector<std::byte> bytes_;
  Columns rows_;
  DecodedBlock block_;
};

}  // namespace

bool StoreCheck::damaged() const noexcept {
  return std::ranges::any_of(findings, [](const Finding& f) { return f.weight == Finding::Weight::damage; });
}

Result<StoreCheck> check_store(const Path& dir) {
  std::error_code ec;
  if (!std::filesystem::exists(dir / "manifest", ec) && !std::filesystem::exists(dir / "data", ec))
    return fail(Error(Errc::not_found, "file.not_found")
                    .with(karez::format("There is no store in {}.", dir.string()))
                    .cure("Name the folder that holds the file `manifest`."));
  KZ_TRY(const LockFile lock, LockFile::take(dir / "lock"));
  return Checker(dir).run();
}

}  // namespace karez::historian
