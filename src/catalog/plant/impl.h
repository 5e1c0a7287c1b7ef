// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "catalog/plant/check.h"
#include "catalog/plant/rows.h"
#include "catalog/plant_registry.h"

namespace karez::catalog {

constexpr std::size_t kMaxRows = 100'000;  ///< points in one call
constexpr std::size_t kMaxOnly = 200'000;  ///< ids in a list's filter

/// What a transaction changed, for those who must be told after the commit.
struct Change {
  std::vector<model::LinkId> links;      ///< to be applied again
  std::vector<model::DeviceId> devices;  ///< whose points are new or changed their origin
  void link(model::LinkId id) {
    if (id) links.push_back(id);
  }
};

struct PlantRegistry::Impl {
  Impl(stores::SqlStore& sql_in, stores::EntrySink* entries_in, Limits limits_in)
      : sql(sql_in), entries(entries_in), limits(limits_in) {}

  stores::SqlStore& sql;
  stores::EntrySink* const entries;
  const Limits limits;

  mutable std::mutex mutex;
  LinksChanged listener;                                         // guarded by mutex
  std::shared_ptr<const std::vector<model::Origin>> origins_now  // guarded by mutex; shared with its readers
      = std::make_shared<std::vector<model::Origin>>();
  std::mutex refreshing;  // held while origins are read again, so that the newest state wins
  std::vector<model::DeviceId> owed;  // guarded by refreshing: devices whose origins are still to be read

  /// Runs `work(session)` on a snapshot and returns what it returned.
  template <class T, class Work>
  Result<T> read(const Work& work) const {
    std::optional<T> out;
    KZ_CHECK(sql.read([&](stores::SqlSession& session) -> Result<> {
      KZ_TRY(out, work(session));
      return {};
    }));
    return std::move(*out);
  }
  /// Runs `work(session, change)` in a transaction, then tells of the change.
  template <class T, class Work>
  Result<T> write(const Work& work) {
    std::optional<T> out;
    Change change;
    KZ_CHECK(sql.write({}, [&](stores::SqlSession& session) -> Result<> {
      change = {};
      KZ_TRY(out, work(session, change));
      return {};
    }));
    tell(std::move(change));
    return std::move(*out);
  }
  void tell(Change change);
  // In the caller's transaction.
  Result<model::Tenant> change_tenant(stores::SqlSession& session, const model::Tenant& tenant) const;
  Result<> add_equipment(stores::SqlSession& session, const model::Scope& scope, model::Equipment& node) const;
  Result<> refresh_origins(const std::vector<model::DeviceId>* devices);

  /// Catalogue entry of a thing, in its own transaction.
  Result<> entry(stores::SqlSession& session, const stores::Entry& entry) const;
  template <class Thing>
  Result<> entry_of(stores::SqlSession& session, const char* kind, const Thing& thing, std::string description,
                    model::Origin origin, bool removed = false) const {
    return entry(session, {.tenant = to_string(thing.tenant),
                           .kind = kind,
                           .native_key = to_string(thing.id),
                           .title = thing.name,
                           .description = std::move(description),
                           .origin = std::string(to_string(origin)),
                           .removed = removed});
  }
};

// What the scope may see; registry.not_found for everything else, so that ids of others tell nothing.
Result<EquipmentRow> visible_equipment(stores::SqlSession& session, const model::Scope& scope, model::EquipmentId id);
Result<model::Link> visible_link(stores::SqlSession& session, const model::Scope& scope, model::LinkId id);
Result<DeviceRow> visible_device(stores::SqlSession& session, const model::Scope& scope, model::DeviceId id);
Result<PointRow> visible_point(stores::SqlSession& session, const model::Scope& scope, model::PointId id);

/// `node` lies in a subtree of the scope (which may be the whole tenant).
Result<bool> in_scope(stores::SqlSession& session, const model::Scope& scope, model::EquipmentId node);
/// The enterprise node of a tenant.
Result<model::EquipmentId> root_of(stores::SqlSession& session, model::TenantId tenant);
/// registry.limit when the tenant has no room for `more` rows of a table.
Result<> check_room(stores::SqlSession& session, std::string_view table, model::TenantId tenant, std::uint64_t more,
                    std::uint64_t limit);
Result<bool> device_name_taken(stores::SqlSession& session, const model::Device& device);
Result<bool> link_name_taken(stores::SqlSession& session, const model::Link& link);

}  // namespace karez::catalog
