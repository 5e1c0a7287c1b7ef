// SPDX-License-Identifier: Apache-2.0
#include "ledger/entry.h"

#include <algorithm>

#include "base/format.h"
#include "base/json.h"
#include "base/text.h"

namespace karez::ledger {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kHasBefore = 1, kHasAfter = 2;
constexpr unsigned kMaxDepth = 16;

bool is_slug(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

bool is_plain(std::string_view text, std::size_t max) {
  return text.size() <= max && is_utf8(text) &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::unexpected<Error> bad(const char* pointer, std::string_view text) {
  return fail(Error(Errc::invalid_argument, "ledger.bad_entry").with(text).at(pointer));
}

Result<> write_canonical(JsonValue value, JsonWriter& w) {
  using Kind = JsonValue::Kind;
  switch (value.kind()) {
    case Kind::object: {
      auto members = value.members();
      std::ranges::sort(members, {}, [](const auto& m) { return m.first; });
      w.begin_object();
      for (std::size_t i = 0; i < members.size(); ++i) {
        if (i > 0 && members[i].first == members[i - 1].first)
          return fail(Errc::invalid_argument, "ledger.bad_details",
                      karez::format("The key '{}' is there twice.", members[i].first));
        w.key(members[i].first);
        KZ_CHECK(write_canonical(members[i].second, w));
      }
      w.end_object();
      return {};
    }
    case Kind::array:
      w.begin_array();
      for (const JsonValue element : value.elements()) KZ_CHECK(write_canonical(element, w));
      w.end_array();
      return {};
    case Kind::string: w.string(value.string().value_or("")); return {};
    case Kind::boolean: w.boolean(value.boolean().value_or(false)); return {};
    case Kind::integer:
      if (const auto i = value.integer()) w.integer(*i);
      else w.raw(value.dump());
      return {};
    case Kind::number: w.number(value.number().value_or(0)); return {};
    case Kind::null:
    case Kind::absent: w.null(); return {};
  }
  return {};
}

std::string tidy_text(std::string_view text, std::size_t max) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t n = utf8_character(text.substr(at));
    const auto c = static_cast<unsigned char>(text[at]);
    const bool usable = n > 0 && c >= 0x20 && c != 0x7f;
    const std::string_view piece = usable ? text.substr(at, n) : std::string_view("\uFFFD");
    if (out.size() + piece.size() + 3 > max) {
      out += "…";
      return out;
    }
    out += piece;
    at += std::max<std::size_t>(n, 1);
  }
  return out;
}

void put_text(ByteWriter& w, std::string_view text) {
  w.u16le(static_cast<std::uint16_t>(text.size()));
  w.text(text);
}

std::string take_text(ByteReader& r) { return std::string(as_text(r.take(r.u16le()))); }

std::optional<Hash> take_hash(ByteReader& r, bool there) {
  if (!there) return std::nullopt;
  Hash out{};
  const ByteView bytes = r.take(out.size());
  std::ranges::copy(bytes, out.begin());
  return out;
}

/// Everything but the details, which decode() leaves as they were written.
Result<> check_fields(const Entry& e) {
  if (e.actor_kind > ActorKind::token) return bad("/actor_kind", "The kind of actor is not known.");
  if (e.outcome > Outcome::failed) return bad("/outcome", "The outcome is not known.");
  if (!is_plain(e.actor, kMaxActor)) return bad("/actor", "The actor is no plain text of at most 128 bytes.");
  if (!is_slug(e.action) || e.action.size() > kMaxAction)
    return bad("/action", "The action is no slug of 1 to 64 letters, digits, '.', '_' and '-'.");
  if (!is_plain(e.object_kind, kMaxObjectKind))
    return bad("/object_kind", "The kind of object is no plain text of at most 64 bytes.");
  if (!is_plain(e.object_id, kMaxObjectId))
    return bad("/object_id", "The object's id is no plain text of at most 256 bytes.");
  if (!is_plain(e.source, kMaxSource)) return bad("/source", "The source is no plain text of at most 64 bytes.");
  return {};
}

}  // namespace

std::string_view to_string(ActorKind kind) {
  switch (kind) {
    case ActorKind::system: return "system";
    case ActorKind::user: return "user";
    case ActorKind::token: return "token";
  }
  return "unknown";
}

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::done: return "done";
    case Outcome::refused: return "refused";
    case Outcome::failed: return "failed";
  }
  return "unknown";
}

std::optional<ActorKind> parse_actor_kind(std::string_view text) {
  for (const auto kind : {ActorKind::system, ActorKind::user, ActorKind::token})
    if (to_string(kind) == text) return kind;
  return std::nullopt;
}

std::optional<Outcome> parse_outcome(std::string_view text) {
  for (const auto outcome : {Outcome::done, Outcome::refused, Outcome::failed})
    if (to_string(outcome) == text) return outcome;
  return std::nullopt;
}

Result<std::string> canonical_details(std::string_view json) {
  if (json.empty()) return std::string();
  const auto too_large = [] {
    return fail(Errc::invalid_argument, "ledger.details_too_large",
                karez::format("Details of an entry have at most {} bytes.", kMaxDetails));
  };
  if (json.size() > 4 * kMaxDetails) return too_large();
  const auto document = JsonDocument::parse(json, {.max_bytes = 4 * kMaxDetails, .max_depth = kMaxDepth});
  if (!document || !document->root().is_object())
    return fail(Errc::invalid_argument, "ledger.bad_details", "Details of an entry are a JSON object.");
  JsonWriter w;
  KZ_CHECK(write_canonical(document->root(), w));
  if (w.view().size() > kMaxDetails) return too_large();
  return w.take();
}

Result<> check(const Entry& entry) {
  KZ_CHECK(check_fields(entry));
  KZ_CHECK(canonical_details(entry.details));
  return {};
}

Entry tidy(Entry e) {
  if (e.actor_kind > ActorKind::token) e.actor_kind = ActorKind::system;
  if (e.outcome > Outcome::failed) e.outcome = Outcome::failed;
  if (!is_plain(e.actor, kMaxActor)) e.actor = tidy_text(e.actor, kMaxActor);
  if (!is_slug(e.action) || e.action.size() > kMaxAction) e.action = "unknown";
  if (!is_plain(e.object_kind, kMaxObjectKind)) e.object_kind = tidy_text(e.object_kind, kMaxObjectKind);
  if (!is_plain(e.object_id, kMaxObjectId)) e.object_id = tidy_text(e.object_id, kMaxObjectId);
  if (!is_plain(e.source, kMaxSource)) e.source = tidy_text(e.source, kMaxSource);
  auto details = canonical_details(e.details);
  e.details = details ? std::move(*details) : R"({"unreadable":true})";
  return e;
}

std::vector<std::byte> encode(const Entry& e) {
  std::vector<std::byte> out;
  out.reserve(128 + e.details.size());
  ByteWriter w(out);
  w.u8(kVersion);
  w.u64le(e.seq);
  w.u64le(static_cast<std::uint64_t>(to_ns(e.time)));
  w.u32le(e.tenant.value);
  w.u8(static_cast<std::uint8_t>(e.actor_kind));
  w.u8(static_cast<std::uint8_t>(e.outcome));
  w.u8(static_cast<std::uint8_t>((e.before ? kHasBefore : 0) | (e.after ? kHasAfter : 0)));
  for (const std::string* text : {&e.actor, &e.action, &e.object_kind, &e.object_id, &e.source, &e.details})
    put_text(w, *text);
  if (e.before) w.bytes(*e.before);
  if (e.after) w.bytes(*e.after);
  return out;
}

Result<Entry> decode(ByteView bytes) {
  ByteReader r(bytes);
  Entry e;
  if (r.u8() != kVersion) return bad("", "The entry has a version that this program does not know.");
  e.seq = r.u64le();
  e.time = from_ns(static_cast<std::int64_t>(r.u64le()));
  e.tenant.value = r.u32le();
  e.actor_kind = static_cast<ActorKind>(r.u8());
  e.outcome = static_cast<Outcome>(r.u8());
  const std::uint8_t flags = r.u8();
  for (std::string* text : {&e.actor, &e.action, &e.object_kind, &e.object_id, &e.source, &e.details})
    *text = take_text(r);
  e.before = take_hash(r, (flags & kHasBefore) != 0);
  e.after = take_hash(r, (flags & kHasAfter) != 0);
  if (!r.done() || (flags & ~(kHasBefore | kHasAfter)) != 0) return bad("", "The entry has not the form of one.");
  KZ_CHECK(check_fields(e));
  if (e.details.size() > kMaxDetails || !is_utf8(e.details)) return bad("/details", "The details are not text.");
  return e;
}

void set_seq(std::vector<std::byte>& encoded, std::uint64_t seq) {
  for (unsigned i = 0; i < 8; ++i) encoded[1 + i] = static_cast<std::byte>(seq >> (8 * i));
}

}  // namespace karez::ledger
