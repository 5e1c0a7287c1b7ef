// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unordered_map>

#include "security/detail/lockout.h"
#include "security/detail/password.h"
#include "security/identity.h"

namespace karez::security {

struct Identity::Impl {
  Impl(stores::SqlStore& store, Clock& time, Options o)
      : sql(store),
        clock(time),
        options(o),
        hasher(o.argon2_memory_kib, o.argon2_passes),
        lockout(o.max_failures, time) {}

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
  Result<> set_password(stores::SqlSession& s, model::UserId id, const std::string& hash, bool must_change) const;
};

inline Result<> need_owner(const model::Scope& scope) {
  if (scope.at_least(model::Role::owner) && scope.whole_tenant()) return {};
  return fail(
      Error(Errc::denied, "auth.denied").with("Only an owner of the enterprise may do this.").cure("Ask an owner."));
}

}  // namespace karez::security
