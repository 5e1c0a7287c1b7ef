// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/reader_cache.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "historian/engine/segment_writer.h"

namespace karez::historian {
namespace {

class ReaderCacheTest : public ::testing::Test {
 protected:
  /// Writes a small segment with this number.
  void make(std::uint64_t file) {
    auto writer = SegmentWriter::create(folder_.path(), file, 20'000, Durable::no);
    ASSERT_TRUE(writer);
    const std::vector<std::byte> chunk(10);
    ASSERT_TRUE(writer->copy({.point = 1, .length = 10, .rows = 1}, chunk));
    const auto info = writer->finish(1, 1);
    ASSERT_TRUE(info);
    infos_[file] = *info;
  }
  std::weak_ptr<const SegmentReader> use(std::uint64_t file) {
    const auto reader = cache_.get(file, segment_path(folder_.path(), infos_[file]), infos_[file].bytes);
    EXPECT_TRUE(reader);
    return reader.value_or(nullptr);
  }

  TempDir folder_;
  std::map<std::uint64_t, SegmentInfo> infos_;
  ReaderCache cache_{2};
};

TEST_F(ReaderCacheTest, ClosesTheOneThatWasNotUsedForLongest) {
  for (std::uint64_t file = 1; file <= 3; ++file) ASSERT_NO_FATAL_FAILURE(make(file));
  const auto one = use(1), two = use(2);
  EXPECT_FALSE(use(1).expired());
  const auto three = use(3);
  EXPECT_FALSE(one.expired()) << "used after the second";
  EXPECT_TRUE(two.expired());
  EXPECT_FALSE(three.expired()) << "a full cache takes new ones";
  EXPECT_EQ(use(3).lock(), three.lock());
}

TEST_F(ReaderCacheTest, ClosesWhatIsForgottenAndNamesWhatIsMissing) {
  ASSERT_NO_FATAL_FAILURE(make(1));
  const auto one = use(1);
  cache_.forget(1);
  EXPECT_TRUE(one.expired());
  EXPECT_FALSE(cache_.get(9, folder_.path() / "none.seg", 100));
}

}  // namespace
}  // namespace karez::historian
