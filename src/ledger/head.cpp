// SPDX-License-Identifier: Apache-2.0
#include "ledger/head.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <ranges>

#include "base/format.h"
#include "base/text.h"

namespace karez::ledger {
namespace {

constexpr std::string_view kDash = "\u2014 ";  // begins each signature line
constexpr std::string_view kPrivate = "PRIVATE+KEY+";
constexpr std::byte kEd25519{1};
constexpr std::size_t kMaxNote = 16u << 10, kSignature = 64;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* raw(const std::byte* bytes) { return reinterpret_cast<const unsigned char*>(bytes); }

std::string to_base64(ByteView bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int n =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), raw(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(n));
  return out;
}

/// The one canonical text of exactly `size` bytes, or nothing.
std::optional<std::vector<std::byte>> from_base64(std::string_view text, std::size_t size) {
  if (text.size() != (size + 2) / 3 * 4) return std::nullopt;
  std::vector<std::byte> out(text.size() / 4 * 3);
  const int n = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (n != static_cast<int>(out.size())) return std::nullopt;
  out.resize(size);
  if (to_base64(out) != text) return std::nullopt;
  return out;
}

std::unexpected<Error> bad_head(std::string_view text) { return fail(Errc::corrupt, "ledger.bad_head", text); }
std::unexpected<Error> bad_key(std::string_view text) { return fail(Errc::invalid_argument, "ledger.bad_key", text); }

struct KeyText {
  std::string name;
  std::array<std::byte, 32> bytes{};
};

/// "NAME+id+base64(0x01 || 32 bytes)"; the id is left to the caller, who compares the whole text.
Result<KeyText> parse_key(std::string_view text) {
  const auto parts = split(text, '+');
  // base64 itself may hold '+': only the first two are separators
  if (parts.size() < 3 || !is_origin(parts[0]) || parts[1].size() != 8) return bad_key("This is no key of a ledger.");
  const auto bytes = from_base64(text.substr(parts[0].size() + 10), 33);
  if (!bytes || bytes->front() != kEd25519) return bad_key("This is no Ed25519 key of a ledger.");
  KeyText out{.name = std::string(parts[0])};
  std::ranges::copy(*bytes | std::views::drop(1), out.bytes.begin());
  return out;
}

std::string key_text(std::string_view name, std::string_view id, const std::array<std::byte, 32>& bytes) {
  std::vector<std::byte> tagged{kEd25519};
  tagged.insert(tagged.end(), bytes.begin(), bytes.end());
  return karez::format("{}+{}+{}", name, id, to_base64(tagged));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (ec != std::errc{} || end != text.data() + text.size() || std::to_string(out) != text) return std::nullopt;
  return out;
}

/// Exactly origin, size, root: heads of ours have no extension lines.
Result<TreeHead> parse_text(std::string_view text) {
  const auto lines = split(text, '\n');  // the last is the empty one after the final line feed
  if (lines.size() != 4 || !lines[3].empty()) return bad_head("A head has an origin, a size and a root.");
  const auto size = parse_size(lines[1]);
  const auto root = from_base64(lines[2], 32);
  if (!is_origin(lines[0]) || !size || !root) return bad_head("Origin, size or root of the head cannot be read.");
  TreeHead out{.origin = std::string(lines[0]), .size = *size};
  std::ranges::copy(*root, out.root.begin());
  return out;
}

bool verify_signature(const PublicKey& key, std::string_view text, ByteView signature) {
  const Key pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw(key.key.data()), key.key.size()),
                 &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return pkey && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
         EVP_DigestVerify(context.get(), raw(signature.data()), signature.size(), raw(as_bytes(text).data()),
                          text.size()) == 1;
}

}  // namespace

bool is_origin(std::string_view text) {
  return !text.empty() && text.size() <= 100 &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '+'; });
}

std::array<std::byte, 4> PublicKey::id() const {
  std::vector<std::byte> named;
  ByteWriter w(named);
  w.text(name);
  w.u8('\n');
  w.u8(1);
  w.bytes(key);
  const Hash sum = sha256(named);
  return {sum[0], sum[1], sum[2], sum[3]};
}

std::string PublicKey::id_text() const {
  Hash wide{};
  std::ranges::copy(id(), wide.begin());
  return to_hex(wide).substr(0, 8);
}

std::string PublicKey::text() const { return key_text(name, id_text(), key); }

Result<PublicKey> PublicKey::parse(std::string_view text) {
  KZ_TRY(KeyText read, parse_key(text));
  PublicKey out{.name = std::move(read.name), .key = read.bytes};
  if (out.text() != text) return bad_key("The key and its id do not belong together.");
  return out;
}

std::string head_text(const TreeHead& head) {
  return karez::format("{}\n{}\n{}\n", head.origin, head.size, to_base64(head.root));
}

Result<SignedHead> open_head(std::string_view note, const PublicKey& key) {
  if (note.size() > kMaxNote) return bad_head("The head is larger than a head can be.");
  const std::size_t gap = note.find("\n\n");
  if (gap == std::string_view::npos || !note.ends_with('\n')) return bad_head("The head has no signature lines.");
  const std::string_view text = note.substr(0, gap + 1);
  KZ_TRY(TreeHead head, parse_text(text));
  bool good = false;
  auto lines = split(note.substr(gap + 2), '\n');
  lines.pop_back();  // after the final line feed
  const auto own = key.id();
  for (std::string_view line : lines) {
    const auto parts =
        line.starts_with(kDash) ? split(line.substr(kDash.size()), ' ') : std::vector<std::string_view>();
    if (parts.size() != 2 || !is_origin(parts[0])) return bad_head("A signature line of the head cannot be read.");
    if (parts[0] != key.name) continue;
    const auto bytes = from_base64(parts[1], own.size() + kSignature);
    if (!bytes) return bad_head("The signature of the head cannot be read.");
    if (!std::ranges::equal(std::span(*bytes).first(own.size()), own)) continue;
    if (!verify_signature(key, text, std::span(*bytes).subspan(own.size())))
      return fail(Errc::corrupt, "ledger.bad_signature", "The signature of the head is wrong.");
    good = true;
  }
  if (!good)
    return fail(Errc::corrupt, "ledger.bad_signature",
                karez::format("The head is not signed by {} (key id {}).", key.name, key.id_text()));
  if (head.origin != key.name)
    return fail(Errc::corrupt, "ledger.bad_signature", "The head is that of another ledger.");
  return SignedHead{std::move(head), std::string(note)};
}

Result<Signer> Signer::of(std::string_view name, const std::array<std::byte, 32>& seed) {
  if (!is_origin(name)) return bad_key("The origin has 1 to 100 visible ASCII characters without '+'.");
  Signer out;
  out.seed_ = seed;
  out.public_.name = name;
  const Key pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed.data()), seed.size()),
                 &EVP_PKEY_free);
  std::size_t length = out.public_.key.size();
  if (!pkey ||
      EVP_PKEY_get_raw_public_key(pkey.get(), reinterpret_cast<unsigned char*>(out.public_.key.data()), &length) != 1)
    return fail(Errc::internal, "ledger.bad_key", "OpenSSL does not take the key.");
  return out;
}

Result<Signer> Signer::create(std::string_view name) {
  std::array<std::byte, 32> seed;
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(seed.data()), static_cast<int>(seed.size())) != 1)
    return fail(Errc::internal, "ledger.bad_key", "There are no random bytes for a key.");
  return of(name, seed);
}

Result<Signer> Signer::parse(std::string_view text) {
  if (!text.starts_with(kPrivate)) return bad_key("This is no private key of a ledger.");
  KZ_TRY(const KeyText read, parse_key(text.substr(kPrivate.size())));
  KZ_TRY(Signer out, of(read.name, read.bytes));
  if (out.private_text() != text) return bad_key("The private key and its id do not belong together.");
  return out;
}

std::string Signer::private_text() const {
  return std::string(kPrivate) + key_text(public_.name, public_.id_text(), seed_);
}

SignedHead Signer::sign(const TreeHead& head) const {
  const Key pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, raw(seed_.data()), seed_.size()),
                 &EVP_PKEY_free);
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  const std::string text = head_text(head);
  std::array<std::byte, 4 + kSignature> line;
  std::ranges::copy(public_.id(), line.begin());
  std::size_t length = kSignature;
  KZ_ASSERT(pkey && context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
            EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(line.data() + 4), &length,
                           raw(as_bytes(text).data()), text.size()) == 1 &&
            length == kSignature);
  return {head, karez::format("{}\n{}{} {}\n", text, kDash, public_.name, to_base64(line))};
}

}  // namespace karez::ledger
