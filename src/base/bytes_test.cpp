// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/ids.h"

namespace karez {
namespace {

TEST(Bytes, ReadBackWhatWasWritten) {
  std::vector<std::byte> out;
  ByteWriter w(out);
  w.u8(1);
  w.u16be(0x0203);
  w.u32be(0x04050607);
  w.u64be(0x08090a0b0c0d0e0f);
  w.u16le(0x1110);
  w.u32le(0x15141312);
  w.u64le(0x1d1c1b1a19181716);
  w.text("end");
  for (std::size_t i = 1; i <= 15; ++i) EXPECT_EQ(out[i - 1], std::byte(i)) << i;
  ByteReader r(out);
  EXPECT_EQ(r.u8(), 1);
  EXPECT_EQ(r.u16be(), 0x0203);
  EXPECT_EQ(r.u32be(), 0x04050607U);
  EXPECT_EQ(r.u64be(), 0x08090a0b0c0d0e0fU);
  EXPECT_EQ(r.u16le(), 0x1110);
  EXPECT_EQ(r.u32le(), 0x15141312U);
  EXPECT_EQ(r.u64le(), 0x1d1c1b1a19181716U);
  EXPECT_EQ(as_text(r.take(3)), "end");
  EXPECT_TRUE(r.done());
}

TEST(Bytes, StayAtZeroAfterTheEnd) {
  ByteReader r(as_bytes("abc"));
  EXPECT_EQ(r.u32be(), 0U);
  EXPECT_FALSE(r.ok());
  EXPECT_EQ(r.u8(), 0);
  EXPECT_TRUE(r.take(1).empty());
  EXPECT_FALSE(r.done());
  ByteReader huge(as_bytes("abc"));
  EXPECT_TRUE(huge.take(~std::size_t{0}).empty());
  EXPECT_FALSE(huge.ok());
}

TEST(Varint, RoundTripsAndRefusesOverlong) {
  for (const std::uint64_t v : {0ULL, 127ULL, 128ULL, 300ULL, ~0ULL}) {
    std::vector<std::byte> out;
    ByteWriter(out).varint(v);
    ByteReader r(out);
    EXPECT_EQ(r.varint(), v);
    EXPECT_TRUE(r.done());
  }
  for (const std::string_view bad :
       {"", "\x80", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"}) {
    ByteReader r(as_bytes(bad));
    EXPECT_EQ(r.varint(), 0U);
    EXPECT_FALSE(r.ok());
  }
}

TEST(Bytes, PatchesALength) {
  std::vector<std::byte> out;
  ByteWriter w(out);
  w.u32le(0);
  w.text("abc");
  w.patch_u32le(0, 3);
  EXPECT_EQ(ByteReader(out).u32le(), 3U);
}

TEST(Hash, MatchesPublishedValues) {
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283U);  // RFC 3720, B.4 uses the same polynomial
  EXPECT_EQ(crc32c(as_bytes(std::string(32, '\0'))), 0x8a9136aaU);
  EXPECT_EQ(crc32c(as_bytes(std::string(32, '\xff'))), 0x62a8ab43U);
  EXPECT_EQ(crc32c(as_bytes("456789"), crc32c(as_bytes("123"))), 0xe3069283U);
  EXPECT_EQ(sha256_hex(as_bytes("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(xxh3({}), 0x2d06800538d394c2U);
  Sha256 sum;
  sum.update(as_bytes("a"));
  sum.update(as_bytes("bc"));
  EXPECT_EQ(sum.hex(), sha256_hex(as_bytes("abc")));
}

TEST(Ids, UlidsSortByTimeAndNeverRepeat) {
  const std::string a = new_ulid(1), b = new_ulid(2), c = new_ulid(2);
  EXPECT_EQ(a.size(), 26U);
  EXPECT_LT(a.substr(0, 10), b.substr(0, 10));
  EXPECT_NE(b, c);
  EXPECT_EQ(new_ulid(1469918176385).substr(0, 10), "01ARYZ6S41");  // the specification's example
  EXPECT_EQ(random_hex(100).size(), 200U);
  EXPECT_EQ(random_hex(0), "");
}

}  // namespace
}  // namespace karez
