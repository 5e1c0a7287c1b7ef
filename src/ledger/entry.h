// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "ledger/merkle.h"
#include "model/ids.h"

namespace karez::ledger {

/// Stored as these numbers; never renumber.
enum class ActorKind : unsigned char { system = 0, user = 1, token = 2 };
enum class Outcome : unsigned char { done = 0, refused = 1, failed = 2 };

std::string_view to_string(ActorKind kind);
std::string_view to_string(Outcome outcome);
std::optional<ActorKind> parse_actor_kind(std::string_view text);
std::optional<Outcome> parse_outcome(std::string_view text);

constexpr std::size_t kMaxActor = 128, kMaxAction = 64, kMaxObjectKind = 64, kMaxObjectId = 256, kMaxSource = 64;
constexpr std::size_t kMaxDetails = 8u << 10;
constexpr std::size_t kMaxEntryBytes = 16u << 10;

/// One thing that somebody did or was refused. Texts are UTF-8 without control characters.
struct Entry {
  std::uint64_t seq = 0;   ///< from 0 without gaps; given by the ledger
  Timestamp time;          ///< when it happened; 1970 (unset): the ledger stamps it
  model::TenantId tenant;  ///< 0: the installation as a whole
  ActorKind actor_kind = ActorKind::system;
  Outcome outcome = Outcome::done;
  std::string actor;        ///< opaque id, "u3"; or the name that was tried; empty for the platform itself
  std::string action;       ///< slug, "device.create": lower-case letters, digits, '.', '_', '-'
  std::string object_kind;  ///< "device"; may be empty
  std::string object_id;    ///< opaque id, "d42"
  std::string source;       ///< address the request came from, "10.0.0.7"; empty from inside
  std::string details;      ///< a JSON object or empty; made canonical by the ledger. Never a secret.
  std::optional<Hash> before, after;  ///< SHA-256 of the object before and after, where the caller has them

  bool operator==(const Entry&) const = default;
};

/// Object text with sorted keys (by their bytes), no white space, shortest numbers. Errors:
/// ledger.bad_details (not an object, a key twice, deeper than 16), ledger.details_too_large.
Result<std::string> canonical_details(std::string_view json);
/// Errors: ledger.bad_entry with the pointer of the field ("/action"), and those of canonical_details.
Result<> check(const Entry& entry);
/// Makes an entry acceptable whatever an attacker put into it: bad bytes become U+FFFD, long texts are cut
/// and end in "…", unusable details become {"unreadable":true}, an unusable action becomes "unknown".
Entry tidy(Entry entry);

/// The bytes that the leaf hash is over (docs/formats/ledger.md, "Entry"). `entry` passes check() and its
/// details are canonical.
std::vector<std::byte> encode(const Entry& entry);
/// Accepts exactly what encode() makes. Errors: ledger.bad_entry.
Result<Entry> decode(ByteView bytes);
/// Writes the sequence number into bytes of encode().
void set_seq(std::vector<std::byte>& encoded, std::uint64_t seq);

}  // namespace karez::ledger
