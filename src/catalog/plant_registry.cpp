// SPDX-License-Identifier: Apache-2.0
#include "catalog/plant_registry.h"

#include <algorithm>

#include "base/format.h"
#include "catalog/plant/impl.h"
#include "catalog/plant/schema.h"

namespace karez::catalog {

using stores::SqlRow;
using stores::SqlSession;

PlantRegistry::PlantRegistry(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PlantRegistry::~PlantRegistry() = default;

Result<std::unique_ptr<PlantRegistry>> PlantRegistry::open(stores::SqlStore& sql, stores::EntrySink* entries,
                                                           Limits limits) {
  KZ_CHECK(sql.migrate(plant_migrations()));
  auto impl = std::make_unique<Impl>(sql, entries, limits);
  KZ_CHECK(impl->refresh_origins(nullptr));
  return std::unique_ptr<PlantRegistry>(new PlantRegistry(std::move(impl)));
}

void PlantRegistry::on_links_changed(LinksChanged listener) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->listener = std::move(listener);
}

void PlantRegistry::Impl::tell(Change change) {
  // The change is committed, so a failure here is not one of the caller: what is owed is read next time.
  if (!change.devices.empty()) (void)refresh_origins(&change.devices);
  std::ranges::sort(change.links);
  const auto doubles = std::ranges::unique(change.links);
  change.links.erase(doubles.begin(), doubles.end());
  if (change.links.empty()) return;
  LinksChanged told;
  {
    const std::scoped_lock lock(mutex);
    told = listener;
  }
  if (told) told(change.links);
}

/// Reads origins of the points of `devices` (of all, when null) as committed and publishes a new
/// snapshot.
Result<> PlantRegistry::Impl::refresh_origins(const std::vector<model::DeviceId>* devices) {
  const std::scoped_lock order(refreshing);
  if (devices) owed.insert(owed.end(), devices->begin(), devices->end());
  auto next = std::make_shared<std::vector<model::Origin>>(devices ? *origins_now : std::vector<model::Origin>());
  const auto take = [&](const SqlRow& row) {
    const auto id = static_cast<std::size_t>(row.integer(0));
    if (id >= next->size()) next->resize(id + 1, model::Origin::unknown);
    (*next)[id] = model::parse_origin(row.text(1)).value_or(model::Origin::unknown);
  };
  KZ_CHECK(sql.read([&](SqlSession& session) -> Result<> {
    constexpr std::string_view kAll =
        "SELECT p.id, d.origin FROM plant_point p JOIN plant_device d ON d.id = p.device ORDER BY p.id DESC";
    constexpr std::string_view kOfDevice =
        "SELECT p.id, d.origin FROM plant_point p JOIN plant_device d ON d.id = p.device WHERE d.id = ?1 "
        "ORDER BY p.id DESC";
    if (!devices) return session.query(kAll, {}, take);
    for (const model::DeviceId device : owed) KZ_CHECK(session.query(kOfDevice, {sql_id(device)}, take));
    return {};
  }));
  owed.clear();
  const std::scoped_lock lock(mutex);
  origins_now = std::move(next);
  return {};
}

std::shared_ptr<const std::vector<model::Origin>> PlantRegistry::origins() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->origins_now;
}

Result<> PlantRegistry::Impl::entry(SqlSession& session, const stores::Entry& entry) const {
  if (!entries) return {};
  return entries->put(session, entry);
}

Result<bool> in_scope(SqlSession& session, const model::Scope& scope, model::EquipmentId node) {
  if (scope.whole_tenant()) return true;
  bool found = false;
  KZ_CHECK(session.query("SELECT ancestor FROM plant_equipment_below WHERE node = ?1", {sql_id(node)},
                         [&](const SqlRow& row) {
                           found = found || std::ranges::contains(scope.subtrees, id_at<model::EquipmentId>(row, 0));
                         }));
  return found;
}

Result<> check_room(SqlSession& session, std::string_view table, model::TenantId tenant, std::uint64_t more,
                    std::uint64_t limit) {
  KZ_TRY(const std::int64_t have,
         count(session, karez::format("SELECT count(*) FROM {} WHERE tenant = ?1", table), {sql_id(tenant)}));
  if (static_cast<std::uint64_t>(have) + more <= limit) return {};
  return fail(Errc::exhausted, "registry.limit",
              karez::format("A tenant may have {} of these, {} are there.", limit, have));
}

// ---- tenants -------------------------------------------------------------------------------------

Result<model::Tenant> PlantRegistry::create_tenant(const model::Tenant& tenant) {
  KZ_CHECK(check_tenant(tenant));
  return impl_->write<model::Tenant>([&](SqlSession& session, Change&) -> Result<model::Tenant> {
    KZ_TRY(const auto taken, count(session, "SELECT count(*) FROM plant_tenant WHERE slug = ?1", {tenant.slug}));
    if (taken > 0) return duplicate_name("/slug", tenant.slug);
    model::Tenant made = tenant;
    made.version = 1;
    KZ_CHECK(
        session.query("INSERT INTO plant_tenant (slug, name, uscc, industry, region, time_zone, version) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1) RETURNING id",
                      {made.slug, made.name, made.uscc, made.industry, made.region, made.time_zone},
                      [&](const SqlRow& row) { made.id = id_at<model::TenantId>(row, 0); }));
    model::Equipment root{.tenant = made.id, .level = model::EquipmentLevel::enterprise, .name = made.name};
    KZ_CHECK(insert_equipment(session, root));
    KZ_CHECK(impl_->entry_of(session, "equipment", root, {}, model::Origin::unknown));
    return made;
  });
}

Result<std::vector<model::Tenant>> PlantRegistry::tenants() const {
  return impl_->read<std::vector<model::Tenant>>([](SqlSession& session) -> Result<std::vector<model::Tenant>> {
    std::vector<model::Tenant> out;
    KZ_CHECK(session.query(karez::format("SELECT {} FROM plant_tenant ORDER BY id", kTenantColumns), {},
                           [&](const SqlRow& row) { out.push_back(read_tenant(row)); }));
    return out;
  });
}

Result<model::Tenant> PlantRegistry::tenant(model::TenantId id) const {
  return impl_->read<model::Tenant>([&](SqlSession& session) -> Result<model::Tenant> {
    KZ_TRY(auto found, load_tenant(session, id));
    if (!found) return not_found("tenant");
    return std::move(*found);
  });
}

Result<model::Tenant> PlantRegistry::tenant_by_slug(std::string_view slug) const {
  return impl_->read<model::Tenant>([&](SqlSession& session) -> Result<model::Tenant> {
    std::optional<model::Tenant> found;
    KZ_CHECK(session.query(karez::format("SELECT {} FROM plant_tenant WHERE slug = ?1", kTenantColumns),
                           {std::string(slug)}, [&](const SqlRow& row) { found = read_tenant(row); }));
    if (!found) return not_found("tenant");
    return std::move(*found);
  });
}

namespace {

Result<> check_owner(const model::Scope& scope, const model::Tenant& tenant) {
  KZ_CHECK(require(scope, model::Role::owner));
  if (scope.tenant != tenant.id || !scope.whole_tenant()) return denied();
  return check_tenant(tenant);
}

}  // namespace

/// In the caller's transaction; answers the tenant as it was.
Result<model::Tenant> PlantRegistry::Impl::change_tenant(SqlSession& session, const model::Tenant& tenant) const {
  KZ_TRY(auto old, load_tenant(session, tenant.id));
  if (!old) return not_found("tenant");
  if (old->version != tenant.version) return stale();
  if (old->slug != tenant.slug) return invalid("/slug", "The slug is part of addresses and never changes.");
  KZ_CHECK(
      session.execute("UPDATE plant_tenant SET name = ?2, uscc = ?3, industry = ?4, region = ?5, time_zone = ?6, "
                      "version = version + 1 WHERE id = ?1",
                      {sql_id(tenant.id), tenant.name, tenant.uscc, tenant.industry, tenant.region, tenant.time_zone}));
  // The enterprise node goes by the enterprise's name until somebody names it otherwise.
  KZ_TRY(const auto root_id, root_of(session, tenant.id));
  KZ_TRY(auto root, load_equipment(session, root_id));
  if (root && root->name == old->name && old->name != tenant.name) {
    root->name = tenant.name;
    KZ_CHECK(update_equipment_row(session, *root));
    KZ_CHECK(entry_of(session, "equipment", *root, root->description, model::Origin::unknown));
  }
  return std::move(*old);
}

Result<model::Tenant> PlantRegistry::update_tenant(const model::Scope& scope, const model::Tenant& tenant) {
  KZ_CHECK(check_owner(scope, tenant));
  return impl_->write<model::Tenant>([&](SqlSession& session, Change&) -> Result<model::Tenant> {
    KZ_CHECK(impl_->change_tenant(session, tenant));
    model::Tenant changed = tenant;
    ++changed.version;
    return changed;
  });
}

Result<model::Tenant> PlantRegistry::set_up_tenant(const model::Scope& scope, const model::Tenant& tenant,
                                                   const model::Equipment& site) {
  KZ_CHECK(check_owner(scope, tenant));
  KZ_CHECK(check_equipment(site));
  return impl_->write<model::Tenant>([&](SqlSession& session, Change&) -> Result<model::Tenant> {
    KZ_TRY(const model::Tenant old, impl_->change_tenant(session, tenant));
    if (!old.industry.empty())
      return fail(Errc::conflict, "tenant.already_set_up", "The enterprise is set up already.");
    model::Equipment made = site;
    made.level = model::EquipmentLevel::site;
    KZ_TRY(made.parent, root_of(session, tenant.id));
    KZ_CHECK(impl_->add_equipment(session, scope, made));
    model::Tenant changed = tenant;
    ++changed.version;
    return changed;
  });
}

}  // namespace karez::catalog
