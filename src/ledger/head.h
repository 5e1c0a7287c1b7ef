// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "ledger/merkle.h"

/// Signed tree heads: C2SP checkpoints as signed notes with Ed25519, so that witnesses can add their lines.
namespace karez::ledger {

struct TreeHead {
  std::string origin;  ///< which log: "karez/4f1c…"; the name of its key too
  std::uint64_t size = 0;
  Hash root{};

  bool operator==(const TreeHead&) const = default;
};

/// Who signs. Text form (C2SP vkey): "NAME+8 hex digits+base64(0x01 || 32 bytes)".
struct PublicKey {
  std::string name;
  std::array<std::byte, 32> key{};

  std::array<std::byte, 4> id() const;  ///< first bytes of SHA-256(name || "\n" || 0x01 || key)
  std::string id_text() const;          ///< 8 lower-case hex digits
  std::string text() const;
  /// Only the one canonical text. Errors: ledger.bad_key.
  static Result<PublicKey> parse(std::string_view text);
  bool operator==(const PublicKey&) const = default;
};

struct SignedHead {
  TreeHead head;
  std::string note;  ///< the whole signed note, to publish or to keep elsewhere
};

/// True for 1 to 100 bytes of visible ASCII without '+': what an origin may be.
bool is_origin(std::string_view text);
/// Origin, size and root, a line each: what is signed.
std::string head_text(const TreeHead& head);
/// Reads a note of at most 16 KiB and checks the signature of `key`; lines of other signers are let be.
/// Errors: ledger.bad_head (form), ledger.bad_signature.
Result<SignedHead> open_head(std::string_view note, const PublicKey& key);

/// The private half. Thread: any; immutable.
class Signer {
 public:
  /// A new key from the operating system's generator. Errors: ledger.bad_key for an unusable name.
  static Result<Signer> create(std::string_view name);
  /// Text form: "PRIVATE+KEY+NAME+8 hex digits+base64(0x01 || 32 byte seed)". Errors: ledger.bad_key.
  static Result<Signer> parse(std::string_view text);
  std::string private_text() const;
  const PublicKey& public_key() const noexcept { return public_; }
  SignedHead sign(const TreeHead& head) const;

 private:
  static Result<Signer> of(std::string_view name, const std::array<std::byte, 32>& seed);
  PublicKey public_;
  std::array<std::byte, 32> seed_{};
};

}  // namespace karez::ledger
