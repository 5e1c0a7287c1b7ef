// SPDX-License-Identifier: Apache-2.0
#include "ledger/head.h"

#include <gtest/gtest.h>

namespace karez::ledger {
namespace {

// The example of golang.org/x/mod/sumdb/note, whose format this is.
constexpr std::string_view kGoPublic = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kGoPrivate =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

TEST(LedgerHead, ReadsTheKeysOfTheGoNotePackage) {
  const auto key = PublicKey::parse(kGoPublic);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->id_text(), "c74f20a3");
  const auto signer = Signer::parse(kGoPrivate);
  ASSERT_TRUE(signer);
  EXPECT_EQ(signer->public_key(), *key);
  EXPECT_EQ(signer->private_text(), kGoPrivate);
}

TEST(LedgerHead, OpensWhatItSigned) {
  const Signer signer = Signer::create("karez/test").value();
  const TreeHead head{.origin = "karez/test", .size = 42, .root = leaf_hash({})};
  const SignedHead made = signer.sign(head);
  EXPECT_TRUE(
      made.note.starts_with("karez/test\n42\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n\n\u2014 karez/test "));
  const auto opened = open_head(made.note, signer.public_key());
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->head, head);
  const SignedHead other = Signer::create("witness.example").value().sign(head);
  const std::string both = made.note + other.note.substr(other.note.find("\n\n") + 2);
  EXPECT_TRUE(open_head(both, signer.public_key())) << both;
}

TEST(LedgerHead, RefusesEveryChangedByte) {
  const Signer signer = Signer::create("karez/test").value();
  const SignedHead made = signer.sign({.origin = "karez/test", .size = 42, .root = leaf_hash({})});
  for (std::size_t i = 0; i < made.note.size(); ++i)
    for (const int bit : {1, 2, 32, 128}) {
      std::string changed = made.note;
      changed[i] = static_cast<char>(changed[i] ^ bit);
      EXPECT_FALSE(open_head(changed, signer.public_key())) << i;
    }
  for (std::size_t n = 0; n < made.note.size(); ++n)
    EXPECT_FALSE(open_head(std::string_view(made.note).substr(0, n), signer.public_key())) << n;
  EXPECT_FALSE(open_head(made.note, Signer::create("karez/test").value().public_key()));
  EXPECT_FALSE(open_head(std::string(20'000, '\n'), signer.public_key()));
}

TEST(LedgerHead, RefusesEveryChangedByteOfAKey) {
  const Signer signer = Signer::create("karez/test").value();
  const std::string secret = signer.private_text(), open = signer.public_key().text();
  for (std::size_t i = 0; i < secret.size(); ++i) {
    std::string changed = secret;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(Signer::parse(changed)) << changed;
  }
  for (std::size_t i = 0; i < open.size(); ++i) {
    std::string changed = open;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(PublicKey::parse(changed)) << changed;
  }
  EXPECT_FALSE(Signer::create("with space"));
  EXPECT_FALSE(Signer::create("with+plus"));
  EXPECT_FALSE(Signer::create(""));
}

}  // namespace
}  // namespace karez::ledger
