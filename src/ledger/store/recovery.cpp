// SPDX-License-Identifier: Apache-2.0
#include "ledger/store/recovery.h"

#include <algorithm>

#include "base/format.h"
#include "base/ids.h"
#include "ledger/store/recovery_steps.h"
#include "ledger/store/writer.h"

namespace karez::ledger::store {
namespace {

/// Nothing was ever written: no public key, which is created last, and no entry.
bool is_new(const Layout& layout) {
  std::error_code ec;
  if (std::filesystem::exists(layout.public_key(), ec)) return false;
  const auto firsts = layout.firsts();
  return firsts.empty() || (firsts.size() == 1 && std::filesystem::file_size(layout.log(firsts[0]), ec) <= kLogHead);
}

Result<> create(const Layout& layout, const std::string& origin) {
  KZ_CHECK(make_directories(layout.logs()));
  KZ_CHECK(make_directories(layout.trees()));
  KZ_TRY(Signer signer, Signer::create(origin.empty() ? "karez/" + random_hex(8) : origin));
  // What a crash left of an earlier attempt never signed anything that counts.
  KZ_CHECK(write_file_atomic(layout.private_key(), as_bytes(signer.private_text() + "\n"), 0600));
  const SignedHead head = signer.sign({.origin = signer.public_key().name, .size = 0, .root = empty_root()});
  KZ_CHECK(write_file_atomic(layout.head(), as_bytes(head.note)));
  KZ_CHECK(Writer::create_files(layout, {}));
  KZ_CHECK(sync_directory(layout.dir));
  return write_file_atomic(layout.public_key(), as_bytes(signer.public_key().text() + "\n"), 0644);
}

}  // namespace

Found<PublicKey> read_public_key(const Layout& layout) {
  auto text = read_whole(layout, layout.public_key(), 4096);
  if (!text && text.error().slug == std::string_view("ledger.file_missing"))
    return damaged(layout, "ledger.key_missing", layout.public_key(), 0, 0,
                   "The public key is missing, so nothing can be checked.");
  if (!text) return std::unexpected(std::move(text.error()));
  auto key = text->ends_with('\n') ? PublicKey::parse(std::string_view(*text).substr(0, text->size() - 1))
                                   : Result<PublicKey>(fail(Errc::corrupt, "ledger.bad_key", "The file is cut."));
  if (!key) return damaged(layout, "ledger.key_damaged", layout.public_key(), 0, 0, std::string(key.error().text()));
  return std::move(*key);
}

Found<Signer> read_private_key(const Layout& layout, const PublicKey& key) {
  auto text = read_whole(layout, layout.private_key(), 4096);
  if (!text && text.error().slug == std::string_view("ledger.file_missing"))
    return damaged(layout, "ledger.key_missing", layout.private_key(), 0, 0,
                   "The private key is missing: entries can be read, but no head can be signed.");
  if (!text) return std::unexpected(std::move(text.error()));
  auto signer = text->ends_with('\n') ? Signer::parse(std::string_view(*text).substr(0, text->size() - 1))
                                      : Result<Signer>(fail(Errc::corrupt, "ledger.bad_key", "The file is cut."));
  if (!signer)
    return damaged(layout, "ledger.key_damaged", layout.private_key(), 0, 0, std::string(signer.error().text()));
  if (signer->public_key() != key)
    return damaged(layout, "ledger.key_damaged", layout.private_key(), 0, 0,
                   "Private and public key do not belong together: one was replaced.");
  return std::move(*signer);
}

Found<SignedHead> read_head(const Layout& layout, const PublicKey& key) {
  auto note = read_whole(layout, layout.head(), 16u << 10);
  if (!note && note.error().slug == std::string_view("ledger.file_missing"))
    return damaged(layout, "ledger.head_missing", layout.head(), 0, 0,
                   "The signed head is missing: what was signed can no longer be shown to be complete.");
  if (!note) return std::unexpected(std::move(note.error()));
  auto head = open_head(*note, key);
  if (!head)
    return damaged(layout, "ledger.head_damaged", layout.head(), 0, 0,
                   karez::format("{} It was changed, or signed with another key.", head.error().text()));
  return std::move(*head);
}

Result<State> recover(const Layout& layout, const std::string& origin, Log& log) {
  if (is_new(layout)) KZ_CHECK(create(layout, origin));
  State state;
  auto found = RecoverySteps(layout, state, log).run();
  if (!found) return std::unexpected(std::move(found).error());
  return state;
}

}  // namespace karez::ledger::store
