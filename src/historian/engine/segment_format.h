// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"
#include "historian/engine/chunk_codec.h"

/// Names and numbers of docs/formats/segment.md that writer and reader share.
namespace karez::historian {

constexpr std::uint64_t kSegmentMagic = 0x31544d4745535a4bULL;  // "KZSEGMT1"
constexpr std::uint64_t kFooterMagic = 0x31444e4547535a4bULL;   // "KZSGEND1"
constexpr std::uint16_t kSegmentVersion = 1;
constexpr std::size_t kSegmentHeaderBytes = 32;
constexpr std::size_t kFooterBytes = 48;
constexpr std::size_t kColumnEntryBytes = 16;
constexpr std::size_t kMaxColumns = 64;

/// What the manifest says of a segment.
struct SegmentInfo {
  std::uint64_t file = 0;   ///< number, unique for good; the file's name
  std::int32_t day = 0;     ///< its partition
  std::uint64_t lsn = 0;    ///< holds blocks up to this one: the higher layer wins
  std::uint64_t clean = 0;  ///< deletes up to this LSN are applied to it
  std::uint64_t bytes = 0, rows = 0;
  std::uint32_t chunks = 0;
  std::uint32_t point_low = 0, point_high = 0;
  std::int64_t t0 = 0, t1 = 0;
};

/// "2026-07-14"
std::string partition_name(std::int32_t day);
/// "000000000000002a.seg"
std::string segment_name(std::uint64_t file);
/// `root`/2026-07-14/000000000000002a.seg
Path segment_path(const Path& root, const SegmentInfo& info);

/// Calls `visit(tag, member)` for every column of the directory, in file order.
template <class Visitor>
void each_directory_column(Visitor&& visit) {
  visit(std::uint16_t{1}, &ChunkMeta::point);
  visit(std::uint16_t{2}, &ChunkMeta::t0);
  visit(std::uint16_t{3}, &ChunkMeta::t1);
  visit(std::uint16_t{4}, &ChunkMeta::offset);
  visit(std::uint16_t{5}, &ChunkMeta::length);
  visit(std::uint16_t{6}, &ChunkMeta::rows);
  visit(std::uint16_t{7}, &ChunkMeta::counted);
  visit(std::uint16_t{8}, &ChunkMeta::good);
  visit(std::uint16_t{9}, &ChunkMeta::figures);
  visit(std::uint16_t{10}, &ChunkMeta::min);
  visit(std::uint16_t{11}, &ChunkMeta::max);
  visit(std::uint16_t{12}, &ChunkMeta::sum);
  visit(std::uint16_t{13}, &ChunkMeta::first);
  visit(std::uint16_t{14}, &ChunkMeta::last);
  visit(std::uint16_t{15}, &ChunkMeta::first_time);
  visit(std::uint16_t{16}, &ChunkMeta::last_time);
  visit(std::uint16_t{17}, &ChunkMeta::last_bits);
  visit(std::uint16_t{18}, &ChunkMeta::last_quality);
  visit(std::uint16_t{19}, &ChunkMeta::last_type);
  visit(std::uint16_t{20}, &ChunkMeta::last_flags);
  visit(std::uint16_t{21}, &ChunkMeta::worst);
  visit(std::uint16_t{22}, &ChunkMeta::crc);
}
constexpr std::size_t kDirectoryColumns = 22;

}  // namespace karez::historian
