// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/segment_writer.h"

#include <filesystem>
#include <system_error>

#include "base/format.h"
#include "base/hash.h"

namespace karez::historian {
namespace {

constexpr std::size_t kDrainBytes = 1u << 20;

template <class T>
void put_value(ByteWriter& out, T value) {
  if constexpr (std::is_same_v<T, double>) out.u64le(std::bit_cast<std::uint64_t>(value));
  else if constexpr (sizeof(T) == 8) out.u64le(static_cast<std::uint64_t>(value));
  else if constexpr (sizeof(T) == 4) out.u32le(value);
  else if constexpr (sizeof(T) == 2) out.u16le(value);
  else out.u8(value);
}

}  // namespace

std::string partition_name(std::int32_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return karez::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

std::string segment_name(std::uint64_t file) { return karez::format("{:016x}.seg", file); }

Path segment_path(const Path& root, const SegmentInfo& info) {
  return root / partition_name(info.day) / segment_name(info.file);
}

SegmentWriter::SegmentWriter(File file, Path path, Path temporary, SegmentInfo info, Durable durable)
    : file_(std::move(file)),
      path_(std::move(path)),
      temporary_(std::move(temporary)),
      info_(info),
      durable_(durable) {}

SegmentWriter::~SegmentWriter() {
  std::error_code ignored;
  if (!temporary_.empty()) std::filesystem::remove(temporary_, ignored);
}

Result<SegmentWriter> SegmentWriter::create(const Path& root, std::uint64_t file, std::int32_t day, Durable durable) {
  SegmentInfo info;
  info.file = file;
  info.day = day;
  const Path path = segment_path(root, info);
  KZ_CHECK(make_directories(path.parent_path()));
  Path temporary = path;
  temporary += ".tmp";
  KZ_TRY(File out, File::open(temporary, File::Mode::create));
  SegmentWriter writer(std::move(out), path, std::move(temporary), info, durable);
  ByteWriter header(writer.buffer_);
  header.u64le(kSegmentMagic);
  header.u16le(kSegmentVersion);
  header.u16le(0);
  header.u32le(static_cast<std::uint32_t>(day));
  header.u64le(file);
  header.u32le(0);
  header.u32le(crc32c(writer.buffer_));
  return writer;
}

void SegmentWriter::enlist(ChunkMeta meta) {
  info_.rows += meta.rows;
  info_.t0 = chunks_.empty() ? meta.t0 : std::min(info_.t0, meta.t0);
  info_.t1 = chunks_.empty() ? meta.t1 : std::max(info_.t1, meta.t1);
  chunks_.push_back(meta);
}

Result<> SegmentWriter::add(ChunkEncoder& encoder, std::uint32_t point, const Columns& rows, std::size_t begin,
                            std::size_t end) {
  const std::uint64_t offset = written_ + buffer_.size();
  ChunkMeta meta = encoder.encode(rows, begin, end, buffer_);
  meta.point = point;
  meta.offset = offset;
  enlist(meta);
  return buffer_.size() < kDrainBytes ? Result<>{} : drain();
}

Result<> SegmentWriter::copy(ChunkMeta meta, ByteView bytes) {
  meta.offset = written_ + buffer_.size();
  ByteWriter(buffer_).bytes(bytes);
  enlist(meta);
  return buffer_.size() < kDrainBytes ? Result<>{} : drain();
}

Result<> SegmentWriter::drain() {
  KZ_CHECK(file_.write(buffer_));
  written_ += buffer_.size();
  buffer_.clear();
  return {};
}

void SegmentWriter::put_directory() {
  ByteWriter out(buffer_);
  const auto align = [&] {
    while ((written_ + buffer_.size()) % 8 != 0) out.u8(0);
  };
  align();
  const std::uint64_t offset = written_ + buffer_.size();
  const std::size_t start = buffer_.size();
  std::uint64_t at = kDirectoryColumns * kColumnEntryBytes;
  each_directory_column([&]<class T>(std::uint16_t tag, T ChunkMeta::*) {
    out.u16le(tag);
    out.u16le(sizeof(T));
    out.u32le(0);
    out.u64le(at);
    at += (chunks_.size() * sizeof(T) + 7) / 8 * 8;
  });
  each_directory_column([&]<class T>(std::uint16_t, T ChunkMeta::* member) {
    for (const ChunkMeta& meta : chunks_) put_value(out, meta.*member);
    align();
  });
  const std::size_t length = buffer_.size() - start;
  const std::uint32_t crc = crc32c(ByteView(buffer_).subspan(start));
  const std::size_t footer = buffer_.size();
  out.u64le(offset);
  out.u64le(length);
  out.u64le(chunks_.size());
  out.u32le(kDirectoryColumns);
  out.u32le(crc);
  out.u32le(kSegmentVersion);
  out.u32le(crc32c(ByteView(buffer_).subspan(footer)));
  out.u64le(kFooterMagic);
}

Result<SegmentInfo> SegmentWriter::finish(std::uint64_t lsn, std::uint64_t clean) {
  KZ_ASSERT(!chunks_.empty());
  info_.point_low = chunks_.front().point;
  info_.point_high = chunks_.back().point;
  info_.chunks = static_cast<std::uint32_t>(chunks_.size());
  info_.lsn = lsn;
  info_.clean = clean;
  put_directory();
  KZ_CHECK(drain());
  info_.bytes = written_;
  if (durable_ == Durable::yes) KZ_CHECK(file_.sync());
  KZ_CHECK(rename_over(temporary_, path_));
  temporary_.clear();
  KZ_CHECK(keep_entry(path_.parent_path(), durable_));
  return info_;
}

}  // namespace karez::historian
