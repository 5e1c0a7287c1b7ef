// SPDX-License-Identifier: Apache-2.0
#include "ledger/head.h"
#include "ledger/store/frame.h"

namespace {

using namespace karez;
using namespace karez::ledger;

void try_entry(ByteView bytes) {
  const auto entry = decode(bytes);
  if (!entry) return;
  const auto again = encode(*entry);
  KZ_ASSERT(std::ranges::equal(again, bytes));
  const Entry tidied = tidy(*entry);
  KZ_ASSERT(check(tidied));
}

void try_text(std::string_view text) {
  static const PublicKey key = Signer::create("karez/fuzz").value().public_key();
  KZ_ASSERT(!open_head(text, key));
  if (const auto read = PublicKey::parse(text)) KZ_ASSERT(read->text() == text);
  if (const auto read = Signer::parse(text)) KZ_ASSERT(read->private_text() == text);
  if (const auto details = canonical_details(text)) KZ_ASSERT(canonical_details(*details).value() == *details);
  Entry wild;
  wild.actor = wild.action = wild.object_kind = wild.object_id = wild.source = wild.details = text;
  KZ_ASSERT(check(tidy(wild)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(reinterpret_cast<const std::byte*>(data), size);
  if (const auto frame = store::decode_frame(bytes)) {
    std::vector<std::byte> again;
    store::put_frame(again, *frame);
    KZ_ASSERT(std::ranges::equal(again, bytes.first(frame->bytes())));
  }
  const store::Scan scan = store::scan_log(bytes, 0);
  KZ_ASSERT(scan.end <= size && (scan.rest || scan.end == size));
  (void)store::decode_log_head(bytes);
  (void)store::decode_index_head(bytes);
  (void)store::decode_record(bytes);
  try_entry(bytes);
  // As if the checksums were right.
  if (size > store::kFrameHead) try_entry(bytes.subspan(store::kFrameHead));
  try_text(as_text(bytes));
  return 0;
}
