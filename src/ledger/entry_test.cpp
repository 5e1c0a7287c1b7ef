// SPDX-License-Identifier: Apache-2.0
#include "ledger/entry.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace karez::ledger {
namespace {

Entry sample() {
  Entry e;
  e.seq = 7;
  e.time = from_ns(1'784'000'000'123'456'789);
  e.tenant = {3};
  e.actor_kind = ActorKind::user;
  e.outcome = Outcome::refused;
  e.actor = "u12";
  e.action = "device.create";
  e.object_kind = "device";
  e.object_id = "泵-1";
  e.source = "10.0.0.7";
  e.details = R"({"a":1})";
  e.after = leaf_hash({});
  return e;
}

TEST(LedgerEntry, ComesBackAsItWasWritten) {
  Entry e = sample();
  for (int i = 0; i < 4; ++i) {
    e.before = i % 2 ? std::optional(leaf_hash(as_bytes("x"))) : std::nullopt;
    if (i > 1) e.after.reset();
    const auto bytes = encode(e);
    const auto back = decode(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(*back, e);
    EXPECT_EQ(encode(*back), bytes);
  }
  auto bytes = encode(e);
  set_seq(bytes, 0x1122334455667788);
  EXPECT_EQ(decode(bytes)->seq, 0x1122334455667788u);
}

TEST(LedgerEntry, HasTheDocumentedBytes) {
  Entry e = sample();
  e.object_id = "d1";
  const auto bytes = encode(e);
  ASSERT_EQ(bytes.size(), 24u + 2 + 3 + 2 + 13 + 2 + 6 + 2 + 2 + 2 + 8 + 2 + 7 + 32);
  EXPECT_EQ(bytes[0], std::byte{1});
  EXPECT_EQ(bytes[1], std::byte{7});
  EXPECT_EQ(bytes[17], std::byte{3});
  EXPECT_EQ(bytes[21], std::byte{1});
  EXPECT_EQ(bytes[22], std::byte{1});
  EXPECT_EQ(bytes[23], std::byte{2});
  EXPECT_EQ(as_text(ByteView(bytes).subspan(26, 3)), "u12");
}

TEST(LedgerEntry, RefusesEveryCutAndEveryExtraByte) {
  auto bytes = encode(sample());
  for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(decode(ByteView(bytes).first(n))) << n;
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(decode(bytes));
}

TEST(LedgerEntry, SaysWhichFieldIsWrong) {
  const auto pointer_of = [](auto change) {
    Entry e = sample();
    change(e);
    const auto done = check(e);
    return done ? std::string("fine") : std::string(done.error().pointer());
  };
  EXPECT_EQ(pointer_of([](Entry&) {}), "fine");
  EXPECT_EQ(pointer_of([](Entry& e) { e.action = "Device Create"; }), "/action");
  EXPECT_EQ(pointer_of([](Entry& e) { e.action.clear(); }), "/action");
  EXPECT_EQ(pointer_of([](Entry& e) { e.actor = "\xff"; }), "/actor");
  EXPECT_EQ(pointer_of([](Entry& e) { e.object_id = "a\nb"; }), "/object_id");
  EXPECT_EQ(pointer_of([](Entry& e) { e.source = std::string(65, 'x'); }), "/source");
  EXPECT_EQ(pointer_of([](Entry& e) { e.outcome = static_cast<Outcome>(3); }), "/outcome");
}

TEST(LedgerEntry, MakesDetailsCanonical) {
  EXPECT_EQ(canonical_details("").value(), "");
  EXPECT_EQ(
      canonical_details(R"( { "b" : [1, 2.50, true, null], "a" : {"z":"\u00e9","y":18446744073709551615} } )").value(),
      R"({"a":{"y":18446744073709551615,"z":"é"},"b":[1,2.5,true,null]})");
  EXPECT_EQ(canonical_details("[1]").error().slug(), "ledger.bad_details");
  EXPECT_EQ(canonical_details(R"({"a":1,"a":2})").error().slug(), "ledger.bad_details");
  EXPECT_EQ(canonical_details(R"({"a":1)").error().slug(), "ledger.bad_details");
  EXPECT_EQ(canonical_details(R"({"a":")" + std::string(kMaxDetails, 'x') + R"("})").error().slug(),
            "ledger.details_too_large");
  std::string deep = "{\"a\":";
  for (int i = 0; i < 40; ++i) deep += '[';
  for (int i = 0; i < 40; ++i) deep += ']';
  EXPECT_EQ(canonical_details(deep + "}").error().slug(), "ledger.bad_details");
}

TEST(LedgerEntry, TidiesWhateverAnAttackerSends) {
  Entry e;
  e.actor = std::string(500, 'a') + "\xff";
  e.action = "DROP TABLE";
  e.object_id = "a\xc3(\n\x7f";
  e.source = "\xe6\xb3";
  e.details = "{not json";
  e.outcome = static_cast<Outcome>(200);
  const Entry tidied = tidy(e);
  EXPECT_TRUE(check(tidied));
  EXPECT_EQ(tidied.actor, std::string(125, 'a') + "…");
  EXPECT_EQ(tidied.action, "unknown");
  EXPECT_EQ(tidied.object_id, "a\uFFFD(\uFFFD\uFFFD");
  EXPECT_EQ(tidied.details, R"({"unreadable":true})");
  EXPECT_EQ(tidy(sample()), sample());
}

}  // namespace
}  // namespace karez::ledger
