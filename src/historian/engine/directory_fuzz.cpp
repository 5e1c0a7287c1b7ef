// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"
#include "historian/engine/segment_reader.h"

// Directories of segments, given a footer whose checksums are right: 2 bytes count of chunks, 1 byte count of
// columns, then the directory.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace karez;
  using namespace karez::historian;
  ByteReader in({reinterpret_cast<const std::byte*>(data), size});
  const std::uint64_t chunks = in.u16le();
  const std::uint32_t columns = in.u8();
  if (!in.ok()) return 0;
  const ByteView body = in.take(in.remaining());
  std::vector<std::byte> bytes(body.begin(), body.end());
  const std::uint32_t crc = crc32c(bytes);
  const std::size_t footer = bytes.size();
  ByteWriter out(bytes);
  out.u64le(kSegmentHeaderBytes);
  out.u64le(footer);
  out.u64le(chunks);
  out.u32le(columns);
  out.u32le(crc);
  out.u32le(kSegmentVersion);
  out.u32le(crc32c(ByteView(bytes).subspan(footer)));
  out.u64le(kFooterMagic);
  const auto directory = SegmentDirectory::parse(bytes);
  if (!directory) return 0;
  for (std::size_t i = 0; i < directory->size(); ++i) {
    const auto [begin, end] = directory->find((*directory)[i].point);
    KZ_ASSERT(begin <= end && end <= directory->size());
  }
  return 0;
}
