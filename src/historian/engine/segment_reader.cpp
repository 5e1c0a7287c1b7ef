// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/segment_reader.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/format.h"
#include "base/hash.h"

namespace karez::historian {
namespace {

std::unexpected<Error> corrupt(std::string_view what) { return fail(Errc::corrupt, "store.segment_corrupt", what); }

struct Footer {
  std::uint64_t offset, length, chunks;
  std::uint32_t columns, crc;
};

Result<Footer> parse_footer(ByteView bytes) {
  if (bytes.size() < kFooterBytes) return corrupt("It is too short.");
  ByteReader in(bytes.last(kFooterBytes));
  Footer f{in.u64le(), in.u64le(), in.u64le(), in.u32le(), in.u32le()};
  const std::uint32_t version = in.u32le();
  const std::uint32_t crc = in.u32le();
  if (in.u64le() != kFooterMagic || crc != crc32c(bytes.last(kFooterBytes).first(kFooterBytes - 12)))
    return corrupt("Its footer is damaged.");
  if (version != kSegmentVersion) return corrupt(karez::format("Its version {} is not known here.", version));
  return f;
}

template <class T>
T load(ByteView bytes, std::size_t column, std::size_t i) noexcept {
  T value;
  std::memcpy(&value, bytes.subspan(column + i * sizeof(T), sizeof(T)).data(), sizeof(T));
  if constexpr (std::endian::native == std::endian::big && std::is_integral_v<T>) value = std::byteswap(value);
  return value;
}

}  // namespace

Result<SegmentDirectory> SegmentDirectory::parse(ByteView bytes) {
  KZ_TRY(const Footer footer, parse_footer(bytes));
  SegmentDirectory out;
  if (footer.length != bytes.size() - kFooterBytes) return corrupt("Its directory has a wrong length.");
  out.bytes_ = bytes.first(footer.length);
  if (crc32c(out.bytes_) != footer.crc) return corrupt("Its directory is damaged.");
  if (footer.columns > kMaxColumns || footer.columns * kColumnEntryBytes > footer.length ||
      footer.chunks > footer.length)
    return corrupt("Its directory has impossible counts.");
  out.chunks_ = footer.chunks;
  ByteReader in(out.bytes_);
  std::array<std::pair<std::uint16_t, std::size_t>, kMaxColumns + 1> found{};  // by tag: width, offset
  for (std::uint32_t c = 0; c < footer.columns; ++c) {
    const std::uint16_t tag = in.u16le(), width = in.u16le();
    in.skip(4);
    const std::uint64_t offset = in.u64le();
    if (offset > footer.length || footer.chunks * width > footer.length - offset)
      return corrupt("A directory column lies outside.");
    if (tag <= kMaxColumns) found[tag] = {width, static_cast<std::size_t>(offset)};
  }
  bool complete = true;
  std::size_t place = 0;
  each_directory_column([&]<class T>(std::uint16_t tag, T ChunkMeta::*) {
    complete = complete && found[tag].first == sizeof(T);
    out.columns_[place++] = found[tag].second;
  });
  if (!complete) return corrupt("Its directory lacks a column.");
  return out;
}

ChunkMeta SegmentDirectory::operator[](std::size_t i) const noexcept {
  ChunkMeta meta;
  std::size_t place = 0;
  each_directory_column(
      [&]<class T>(std::uint16_t, T ChunkMeta::* member) { meta.*member = load<T>(bytes_, columns_[place++], i); });
  return meta;
}

std::uint32_t SegmentDirectory::point(std::size_t i) const noexcept {
  return load<std::uint32_t>(bytes_, columns_[0], i);
}

std::pair<std::int64_t, std::int64_t> SegmentDirectory::times(std::size_t i) const noexcept {
  return {load<std::int64_t>(bytes_, columns_[1], i), load<std::int64_t>(bytes_, columns_[2], i)};
}

std::pair<std::size_t, std::size_t> SegmentDirectory::find(std::uint32_t wanted) const noexcept {
  std::size_t low = 0, high = chunks_;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (point(middle) < wanted) low = middle + 1;
    else high = middle;
  }
  std::size_t end = low;
  while (end < chunks_ && point(end) == wanted) ++end;
  return {low, end};
}

Result<std::shared_ptr<SegmentReader>> SegmentReader::open(const Path& path, std::uint64_t expected_bytes) {
  KZ_TRY(File file, File::open(path, File::Mode::read));
  KZ_TRY(const std::uint64_t size, file.size());
  const auto named = [&](const Error& error) {
    return fail(Errc::corrupt, "store.segment_corrupt",
                karez::format("Segment {} cannot be used. {}", path.string(), error.text()));
  };
  if (size != expected_bytes)
    return named(Error(Errc::corrupt, "").with(karez::format("It has {} bytes instead of {}.", size, expected_bytes)));
  std::shared_ptr<SegmentReader> reader(new SegmentReader(std::move(file), path));
  if (auto mapped = reader->map(size); !mapped) return named(mapped.error());
  return reader;
}

Result<> SegmentReader::map(std::uint64_t size) {
  if (size < kSegmentHeaderBytes + kFooterBytes) return corrupt("It is too short.");
  std::array<std::byte, kSegmentHeaderBytes> head;
  KZ_CHECK(file_.read_at(0, head));
  ByteReader header(head);
  if (header.u64le() != kSegmentMagic || header.u16le() != kSegmentVersion) return corrupt("It is no segment file.");
  header.skip(kSegmentHeaderBytes - 14);
  if (header.u32le() != crc32c(ByteView(head).first(kSegmentHeaderBytes - 4))) return corrupt("Its head is damaged.");
  std::array<std::byte, kFooterBytes> tail;
  KZ_CHECK(file_.read_at(size - kFooterBytes, tail));
  KZ_TRY(const Footer footer, parse_footer(tail));
  data_end_ = footer.offset;
  if (footer.offset < kSegmentHeaderBytes || footer.offset > size - kFooterBytes ||
      footer.length != size - kFooterBytes - footer.offset)
    return corrupt("Its directory lies outside.");
  const std::uint64_t page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::uint64_t start = footer.offset / page * page;
  mapped_ = static_cast<std::size_t>(size - start);
  void* at = ::mmap(nullptr, mapped_, PROT_READ, MAP_PRIVATE, file_.fd(), static_cast<off_t>(start));
  if (at == MAP_FAILED) return corrupt("It cannot be mapped.");
  mapping_ = at;
  const ByteView bytes(static_cast<const std::byte*>(at), mapped_);
  KZ_TRY(directory_, SegmentDirectory::parse(bytes.subspan(static_cast<std::size_t>(footer.offset - start))));
  return {};
}

SegmentReader::SegmentReader(File file, Path path) : file_(std::move(file)), path_(std::move(path)) {}

SegmentReader::~SegmentReader() {
  if (mapping_ != nullptr) ::munmap(mapping_, mapped_);
}

Result<> SegmentReader::read(const ChunkMeta& meta, std::vector<std::byte>& out) const {
  if (meta.offset < kSegmentHeaderBytes || meta.offset > data_end_ || meta.length > data_end_ - meta.offset)
    return corrupt(karez::format("Segment {} names a chunk outside itself.", path_.string()));
  out.resize(meta.length);
  KZ_CHECK(file_.read_at(meta.offset, out));
  if (crc32c(out) != meta.crc)
    return corrupt(karez::format("Segment {}: the chunk at byte {} is damaged.", path_.string(), meta.offset));
  return {};
}

}  // namespace karez::historian
