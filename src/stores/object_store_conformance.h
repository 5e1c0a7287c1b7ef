// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

#include "base/format.h"
#include "base/hash.h"
#include "stores/object_store.h"

/// What every ObjectStore must do. The fixture has `ObjectStore& store()` and `void reopen()`.
namespace karez::stores {

template <class Fixture>
class ObjectStoreConformance : public testing::Test {
 protected:
  ObjectStore& store() { return fixture_.store(); }
  void reopen() { fixture_.reopen(); }
  ObjectKey put(std::string_view text, std::string_view space = "t1") {
    const auto key = store().put(space, as_bytes(text));
    EXPECT_TRUE(key) << key.error().message();
    return key ? *key : ObjectKey{};
  }
  std::string get(const ObjectKey& key, std::uint64_t offset = 0, std::uint64_t length = UINT64_MAX) {
    const auto bytes = store().get("t1", key, offset, length);
    return bytes ? std::string(as_text(*bytes)) : std::string(bytes.error().slug());
  }
  Fixture fixture_;
};
TYPED_TEST_SUITE_P(ObjectStoreConformance);

TYPED_TEST_P(ObjectStoreConformance, NamesObjectsByTheirContent) {
  const ObjectKey key = this->put("hello");
  EXPECT_EQ(key.sha256, sha256_hex(as_bytes("hello")));
  EXPECT_EQ(this->put("hello"), key);
  this->reopen();
  EXPECT_EQ(this->get(key), "hello");
  EXPECT_EQ(*this->store().size("t1", key), 5u);
  EXPECT_EQ(this->get(this->put("")), "");
}

TYPED_TEST_P(ObjectStoreConformance, KeepsNameSpacesApart) {
  const ObjectKey key = this->put("secret", "t2");
  EXPECT_EQ(this->get(key), "object.not_found");
  EXPECT_TRUE(this->store().list("t1", {}, 10)->empty());
}

TYPED_TEST_P(ObjectStoreConformance, ReadsRanges) {
  const ObjectKey key = this->put("0123456789");
  EXPECT_EQ(this->get(key, 3, 4), "3456");
  EXPECT_EQ(this->get(key, 8), "89");
  EXPECT_EQ(this->get(key, 10), "");
  EXPECT_EQ(this->get(key, UINT64_MAX), "");
  EXPECT_EQ(this->get(key, 0, 0), "");
}

TYPED_TEST_P(ObjectStoreConformance, TakesStreamsUpToTheirLimit) {
  const std::string chunk(100'000, 'x');
  int left = 30;
  const ByteSource source = [&]() -> Result<ByteView> { return left-- > 0 ? as_bytes(chunk) : ByteView(); };
  const auto whole = this->store().put("t1", source, 3'000'000);
  ASSERT_TRUE(whole);
  EXPECT_EQ(*this->store().size("t1", *whole), 3'000'000u);
  left = 30;
  const auto more = this->store().put("t1", source, 2'999'999);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().slug(), "object.too_large");
}

TYPED_TEST_P(ObjectStoreConformance, StoresNothingWhenTheSourceFails) {
  int calls = 0;
  const auto done = this->store().put(
      "t1",
      [&]() -> Result<ByteView> {
        if (++calls == 1) return as_bytes("begin");
        return fail(Errc::cancelled, "suite.no");
      },
      100);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().slug(), "suite.no");
  EXPECT_TRUE(this->store().list("t1", {}, 10)->empty());
}

TYPED_TEST_P(ObjectStoreConformance, RemovesAnyNumberOfTimes) {
  const ObjectKey key = this->put("x");
  EXPECT_TRUE(this->store().remove("t1", key));
  EXPECT_TRUE(this->store().remove("t1", key));
  EXPECT_EQ(this->get(key), "object.not_found");
  EXPECT_FALSE(this->store().size("t1", key));
}

TYPED_TEST_P(ObjectStoreConformance, ListsInOrderPageByPage) {
  std::set<std::string> keys;
  for (int i = 0; i < 50; ++i) keys.insert(this->put(std::to_string(i)).sha256);
  std::vector<std::string> seen;
  ObjectKey after;
  for (;;) {
    const auto page = this->store().list("t1", after, 7);
    ASSERT_TRUE(page);
    if (page->empty()) break;
    for (const ObjectKey& key : *page) seen.push_back(key.sha256);
    after = page->back();
  }
  EXPECT_EQ(seen, std::vector<std::string>(keys.begin(), keys.end()));
}

TYPED_TEST_P(ObjectStoreConformance, RefusesHostileNames) {
  const std::string zeros(64, '0');
  for (const std::string& space : {std::string(), std::string(".."), std::string("a/b"), std::string("A"),
                                   std::string(65, 'a'), std::string("a\0b", 3)})
    EXPECT_EQ(this->store().put(space, as_bytes("x")).error().slug(), "object.bad_name") << space;
  for (const std::string& key :
       {std::string(), std::string("../../../../etc/passwd"), std::string(64, 'A'), zeros + "0", std::string(64, '/')})
    EXPECT_EQ(this->store().get("t1", {key}).error().slug(), "object.bad_name") << key;
  for (const std::string& name :
       {std::string(), std::string(".."), std::string("a/b"), std::string(129, 'a'), std::string("a\0", 2)})
    EXPECT_EQ(this->store().set_pointer("t1", name, "v", "").error().slug(), "object.bad_name") << name;
  EXPECT_FALSE(this->store().set_pointer("t1", "p", std::string(70'000, 'x'), ""));
  EXPECT_FALSE(this->store().list("t1", {}, 0));
}

TYPED_TEST_P(ObjectStoreConformance, AgreesUnderRacesOfTheSameContent) {
  const std::string content(200'000, 'y');
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 5; ++i)
          if (!this->store().put("t1", as_bytes(content))) ++failures;
      });
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(this->store().list("t1", {}, 10)->size(), 1u);
  EXPECT_EQ(this->get({sha256_hex(as_bytes(content))}), content);
}

TYPED_TEST_P(ObjectStoreConformance, SetsPointersFromTheVersionSeen) {
  auto& store = this->store();
  EXPECT_EQ(store.pointer("t1", "manifest")->version, "");
  const auto one = store.set_pointer("t1", "manifest", "one", "");
  ASSERT_TRUE(one);
  EXPECT_EQ(store.set_pointer("t1", "manifest", "other", "").error().slug(), "object.changed");
  const auto two = store.set_pointer("t1", "manifest", "two", one->version);
  ASSERT_TRUE(two);
  EXPECT_EQ(store.set_pointer("t1", "manifest", "three", one->version).error().slug(), "object.changed");
  this->reopen();
  const auto read = this->store().pointer("t1", "manifest");
  EXPECT_EQ(read->value, "two");
  EXPECT_EQ(read->version, two->version);
  EXPECT_EQ(this->store().pointer("t2", "manifest")->version, "");
}

TYPED_TEST_P(ObjectStoreConformance, TakesARepeatedSetForTheSame) {
  auto& store = this->store();
  const auto one = store.set_pointer("t1", "p", "one\nline\n", "");
  const auto again = store.set_pointer("t1", "p", "one\nline\n", "");
  ASSERT_TRUE(one && again);
  EXPECT_EQ(one->version, again->version);
  EXPECT_EQ(store.pointer("t1", "p")->value, "one\nline\n");
}

TYPED_TEST_P(ObjectStoreConformance, HasOneWinnerInEachRaceForAPointer) {
  std::string version;
  for (int race = 0; race < 20; ++race) {
    std::atomic<int> winners = 0;
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
          const auto set = this->store().set_pointer("t1", "p", karez::format("{} {}", race, t), version);
          if (set) ++winners;
          else EXPECT_EQ(set.error().slug(), "object.changed");
        });
    }
    ASSERT_EQ(winners, 1);
    version = this->store().pointer("t1", "p")->version;
  }
}

TYPED_TEST_P(ObjectStoreConformance, KeepsAcknowledgedObjectsOverAKill) {
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    this->reopen();
    for (std::int64_t i = 0;; ++i) {
      const std::string content = karez::format("{}{}", i, std::string(50'000, 'z'));
      if (!this->store().put("t1", as_bytes(content))) ::_exit(1);
      if (::write(pipe_ends[1], &i, sizeof i) != sizeof i) ::_exit(0);
    }
  }
  ::close(pipe_ends[1]);
  std::int64_t acknowledged = -1, got = 0;
  while (acknowledged < 20 && ::read(pipe_ends[0], &got, sizeof got) == sizeof got) acknowledged = got;
  ::kill(child, SIGKILL);
  while (::read(pipe_ends[0], &got, sizeof got) == sizeof got) acknowledged = got;
  ::close(pipe_ends[0]);
  ::waitpid(child, nullptr, 0);
  ASSERT_GE(acknowledged, 20);
  this->reopen();
  for (std::int64_t i = 0; i <= acknowledged; ++i) {
    const std::string content = karez::format("{}{}", i, std::string(50'000, 'z'));
    EXPECT_EQ(this->get({sha256_hex(as_bytes(content))}), content);
  }
}

REGISTER_TYPED_TEST_SUITE_P(ObjectStoreConformance, NamesObjectsByTheirContent, KeepsNameSpacesApart, ReadsRanges,
                            TakesStreamsUpToTheirLimit, StoresNothingWhenTheSourceFails, RemovesAnyNumberOfTimes,
                            ListsInOrderPageByPage, RefusesHostileNames, AgreesUnderRacesOfTheSameContent,
                            SetsPointersFromTheVersionSeen, TakesARepeatedSetForTheSame,
                            HasOneWinnerInEachRaceForAPointer, KeepsAcknowledgedObjectsOverAKill);

}  // namespace karez::stores
