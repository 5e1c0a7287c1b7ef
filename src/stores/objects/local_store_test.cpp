// SPDX-License-Identifier: Apache-2.0
#include "stores/objects/local_store.h"

#include <gtest/gtest.h>

#include "stores/object_store_conformance.h"
#include "stores/open.h"

namespace karez::stores {
namespace {

class LocalFixture {
 public:
  LocalFixture() { reopen(); }
  ObjectStore& store() { return *store_; }
  void reopen() {
    store_.reset();
    auto opened = open_object_store(folder());
    KZ_ASSERT(opened);
    store_ = std::move(*opened);
  }
  Path folder() const { return temporary_.path() / "objects"; }
  Path file_of(const ObjectKey& key) const { return folder() / "t1" / "o" / key.sha256.substr(0, 2) / key.sha256; }

 private:
  TempDir temporary_;
  std::unique_ptr<ObjectStore> store_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(Local, ObjectStoreConformance, LocalFixture);

std::size_t files_in(const Path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(LocalStore, FindsADamagedObjectAndTakesItAgain) {
  LocalFixture fixture;
  const auto key = fixture.store().put("t1", as_bytes("hello"));
  ASSERT_TRUE(key);
  ASSERT_TRUE(write_file_atomic(fixture.file_of(*key), as_bytes("hullo")));
  EXPECT_EQ(fixture.store().get("t1", *key).error().slug(), "object.corrupt");
  ASSERT_TRUE(fixture.store().put("t1", as_bytes("hello")));
  EXPECT_TRUE(fixture.store().get("t1", *key));
}

TEST(LocalStore, LeavesNoHalfUploads) {
  LocalFixture fixture;
  (void)fixture.store().put("t1", [] { return Result<ByteView>(as_bytes("xxxx")); }, 10);  // refused: too large
  ASSERT_TRUE(fixture.store().put("t1", as_bytes("y")));
  EXPECT_EQ(files_in(fixture.folder() / ".upload"), 0u);
}

TEST(LocalStore, RemovesUploadsOfCrashesAfterADay) {
  LocalFixture fixture;
  const Path old = fixture.folder() / ".upload" / "old", fresh = fixture.folder() / ".upload" / "fresh";
  for (const Path& path : {old, fresh}) ASSERT_TRUE(write_file_atomic(path, as_bytes("half")));
  std::filesystem::last_write_time(old, std::filesystem::file_time_type::clock::now() - std::chrono::hours(25));
  fixture.reopen();
  EXPECT_FALSE(std::filesystem::exists(old));
  EXPECT_TRUE(std::filesystem::exists(fresh));
}

TEST(LocalStore, SaysThatAPointerIsDamaged) {
  LocalFixture fixture;
  ASSERT_TRUE(fixture.store().set_pointer("t1", "p", "v", ""));
  ASSERT_TRUE(write_file_atomic(fixture.folder() / "t1" / "p" / "p", as_bytes("garbage")));
  EXPECT_EQ(fixture.store().pointer("t1", "p").error().slug(), "object.corrupt");
}

}  // namespace
}  // namespace karez::stores
