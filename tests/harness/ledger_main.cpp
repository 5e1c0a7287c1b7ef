// SPDX-License-Identifier: Apache-2.0
// Writes and proves a ledger without a server, for the independent reader in tests/integration/ledger.
//
//   karez-ledger write DIR FIRST COUNT [LOG_BYTES]   appends entries FIRST … as the reader knows them, then stops
//   karez-ledger crash DIR FIRST COUNT               the same, one by one, then ends without stopping
//   karez-ledger verify DIR                          {"entries":…,"signed":…,"root":…,"damage":…}
//   karez-ledger inclusion DIR SEQ SIZE              {"leaf":…,"root":…,"path":[…]}
//   karez-ledger consistency DIR FROM TO             {"from_root":…,"to_root":…,"path":[…]}
#include <unistd.h>

#include <charconv>
#include <cstdio>

#include "base/format.h"
#include "base/json.h"
#include "ledger/ledger.h"
#include "ledger/verify.h"

namespace {

using namespace karez;
using namespace karez::ledger;

std::uint64_t number(std::string_view text) {
  std::uint64_t out = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

/// Every field in several forms, so that the reader must know them all.
Entry entry_of(std::uint64_t n) {
  Entry e;
  e.time = from_ns(1'784'000'000'000'000'000 - static_cast<std::int64_t>(n) * 1'000'003);
  e.tenant = {static_cast<std::uint32_t>(n % 3)};
  e.actor_kind = static_cast<ActorKind>(n % 3);
  e.outcome = static_cast<Outcome>(n / 3 % 3);
  e.actor = n % 3 == 0 ? "" : karez::format("u{}", n % 11);
  e.action = n % 2 == 0 ? "device.create" : "point.write";
  e.object_kind = n % 5 == 0 ? "" : "device";
  e.object_id = karez::format("泵-{}", n % 7);
  e.source = n % 4 == 0 ? "" : "2001:db8::7";
  if (n % 6 != 0) e.details = karez::format(R"({{"n":{},"b":[true,null,0.5],"a":"é"}})", n);
  if (n % 2 != 0) e.before = sha256(as_bytes(karez::format("before {}", n)));
  if (n % 3 != 0) e.after = sha256(as_bytes(karez::format("after {}", n)));
  return e;
}

int failed(const Error& error) {
  std::fprintf(stderr, "karez-ledger: %s\n", error.message().c_str());
  return 1;
}

void say(const JsonWriter& w) { std::printf("%.*s\n", static_cast<int>(w.view().size()), w.view().data()); }

void add_path(JsonWriter& w, const std::vector<Hash>& path) {
  w.key("path").begin_array();
  for (const Hash& hash : path) w.string(to_hex(hash));
  w.end_array();
}

int append(Ledger& ledger, std::uint64_t first, std::uint64_t count, std::uint64_t at_once) {
  for (std::uint64_t n = first; n < first + count;) {
    std::vector<Entry> batch;
    for (; n < first + count && batch.size() < at_once; ++n) batch.push_back(entry_of(n));
    if (const auto done = ledger.append(batch); !done) return failed(done.error());
  }
  return 0;
}

int check(const Path& dir) {
  const auto report = verify(dir);
  if (!report) return failed(report.error());
  JsonWriter w;
  w.begin_object().field("entries", report->entries).field("signed", report->signed_entries);
  w.field("root", to_hex(report->root)).field("key", report->key);
  w.field("damage", report->damage ? report->damage->message() : std::string());
  w.end_object();
  say(w);
  return report->damage ? 1 : 0;
}

int prove(const Ledger& ledger, std::string_view what, std::uint64_t a, std::uint64_t b) {
  JsonWriter w;
  w.begin_object();
  if (what == "inclusion") {
    const auto proof = ledger.inclusion_proof(a, b);
    if (!proof) return failed(proof.error());
    w.field("leaf", to_hex(proof->leaf)).field("root", to_hex(proof->root));
    add_path(w, proof->path);
  } else {
    const auto proof = ledger.consistency_proof(a, b);
    if (!proof) return failed(proof.error());
    w.field("from_root", to_hex(proof->from_root)).field("to_root", to_hex(proof->to_root));
    add_path(w, proof->path);
  }
  w.end_object();
  say(w);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  if (words.size() < 2 || (words[0] != "verify" && words.size() < 4)) return 2;
  LedgerOptions options;
  options.dir = words[1];
  if (words[0] == "verify") return check(options.dir);
  if (words.size() > 4) options.log_bytes = number(words[4]);
  SystemClock clock;
  auto ledger = Ledger::open(options, clock, null_log());
  if (!ledger) return failed(ledger.error());
  if ((*ledger)->damage()) return failed((*ledger)->damage()->error());
  const std::uint64_t a = number(words[2]), b = number(words[3]);
  if (words[0] == "write") return append(**ledger, a, b, 500);
  if (words[0] == "crash") ::_exit(append(**ledger, a, b, 1));
  return prove(**ledger, words[0], a, b);
}
