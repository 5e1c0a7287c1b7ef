// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unordered_map>

#include "base/text.h"
#include "security/detail/lockout.h"
#include "security/detail/password.h"
#include "security/identity.h"

namespace karez::security {

struct Identity::Impl {
  Impl(stores::SqlStore& store, Clock& time, Options o)
      : sql(store), clock(time), options(o), hasher(o.argon2_memory_kib, o.argon2_passes), lockout(time) {}

  stores::SqlStore& sql;
  Clock& clock;
  const Options options;
  PasswordHasher hasher;
  Lockout lockout;
  std::string dummy_hash;  ///< checked for unknown users, so that time does not tell who exists
  std::mutex touch_mutex;
  std::unordered_map<std::string, Timestamp> touched;  ///< fingerprints whose use was written lately

  /// Users with their grants; `where` refers to table `u`.
  Result<std::vector<UserWithGrants>> load_users(stores::SqlSession& s, std::string_view where,
                                                 std::initializer_list<stores::SqlValue> parameters) const;
  Result<UserWithGrants> load_user(stores::SqlSession& s, model::UserId id) const;
  /// True once a minute per fingerprint: writing each use would be a commit per request.
  bool should_touch(const std::string& fingerprint, Timestamp now);
  static Result<> last_owner_stays(stores::SqlSession& s, model::TenantId tenant);

  /// What one guess counts against: the user from that address; the user from anywhere and the address
  /// with any user, which may be shared (a proxy) and so bear far more.
  struct Attempt {
    std::string mine, user, address;
  };
  Result<Attempt> begin_attempt(std::string_view name, std::string_view address);
  void right(const Attempt& attempt);
  void not_judged(const Attempt& attempt);
};

/// At most 200 characters, none of them a control character.
inline bool is_shown_name(std::string_view text) { return is_printable_name(text, 800) && utf8_length(text) <= 200; }

inline Result<> need_owner(const model::Scope& scope) {
  if (scope.at_least(model::Role::owner) && scope.whole_tenant()) return {};
  return fail(
      Error(Errc::denied, "auth.denied").with("Only an owner of the enterprise may do this.").cure("Ask an owner."));
}

}  // namespace karez::security
