// SPDX-License-Identifier: Apache-2.0

#include "base/format.h"
#include "catalog/plant/impl.h"
#include "catalog/plant/list.h"

namespace karez::catalog {

using stores::SqlSession;

namespace {

/// A link may be used by devices anywhere, so only who sees the whole tenant may change one.
Result<> require_change(const model::Scope& scope) {
  KZ_CHECK(require(scope, model::Role::engineer));
  if (!scope.whole_tenant()) return denied();
  return {};
}

}  // namespace

Result<bool> link_name_taken(SqlSession& session, const model::Link& link) {
  return count(session, "SELECT count(*) FROM plant_link WHERE tenant = ?1 AND name = ?2 AND id <> ?3",
               {sql_id(link.tenant), link.name, sql_id(link.id)})
      .transform([](auto n) { return n > 0; });
}

Result<model::Link> visible_link(SqlSession& session, const model::Scope& scope, model::LinkId id) {
  KZ_TRY(auto found, load_link(session, id));
  if (!found || found->tenant != scope.tenant) return not_found("link");
  if (scope.whole_tenant()) return std::move(*found);
  std::vector<model::EquipmentId> nodes;
  KZ_CHECK(session.query("SELECT DISTINCT equipment FROM plant_device WHERE link = ?1", {sql_id(id)},
                         [&](const stores::SqlRow& row) { nodes.push_back(id_at<model::EquipmentId>(row, 0)); }));
  for (const model::EquipmentId node : nodes) {
    KZ_TRY(const bool visible, in_scope(session, scope, node));
    if (visible) return std::move(*found);
  }
  return not_found("link");
}

Result<Page<model::Link>> PlantRegistry::links(const model::Scope& scope, const ListQuery& query) const {
  KZ_CHECK(require(scope, model::Role::viewer));
  static constexpr SortColumn kSorts[] = {{"name", "l.name"}, {"driver", "l.driver"}};
  static constexpr ListSpec kSpec{"plant_link l", "l.", {}, kSorts};
  return impl_->read<Page<model::Link>>([&](SqlSession& session) -> Result<Page<model::Link>> {
    ListBuilder list(kSpec, query, scope.tenant);
    if (!query.driver.empty()) list.filter("l.driver = " + list.parameter(query.driver));
    if (query.link) list.narrow("l.id = " + list.parameter(sql_id(query.link)));
    list.within("l.id IN (SELECT d.link FROM plant_device d WHERE d.equipment", scope, ")");
    if (query.equipment)
      list.within("l.id IN (SELECT d.link FROM plant_device d WHERE d.equipment", *query.equipment, ")");
    KZ_TRY(auto ids, list.read(session));
    Page<model::Link> page{.items = {}, .next_cursor = std::move(ids.next_cursor), .total = ids.total};
    for (const std::int64_t id : ids.ids) {
      KZ_TRY(auto row, load_link(session, model::LinkId{static_cast<std::uint64_t>(id)}));
      page.items.push_back(std::move(*row));
    }
    return page;
  });
}

Result<model::Link> PlantRegistry::link(const model::Scope& scope, model::LinkId id) const {
  KZ_CHECK(require(scope, model::Role::viewer));
  return impl_->read<model::Link>([&](SqlSession& session) { return visible_link(session, scope, id); });
}

Result<model::Link> PlantRegistry::create_link(const model::Scope& scope, const model::Link& link) {
  KZ_CHECK(require_change(scope));
  KZ_CHECK(check_link(link));
  return impl_->write<model::Link>([&](SqlSession& session, Change& change) -> Result<model::Link> {
    model::Link made = link;
    made.id = {};
    made.tenant = scope.tenant;
    if (made.config.empty()) made.config = "{}";
    KZ_TRY(const bool taken, link_name_taken(session, made));
    if (taken) return duplicate_name("/name", made.name);
    KZ_CHECK(check_room(session, "plant_link", scope.tenant, 1, impl_->limits.devices_per_tenant));
    KZ_CHECK(insert_link(session, made));
    KZ_CHECK(impl_->entry_of(session, "link", made, {}, model::Origin::unknown));
    change.link(made.id);
    return made;
  });
}

Result<model::Link> PlantRegistry::update_link(const model::Scope& scope, const model::Link& link) {
  KZ_CHECK(require_change(scope));
  KZ_CHECK(check_link(link));
  return impl_->write<model::Link>([&](SqlSession& session, Change& change) -> Result<model::Link> {
    KZ_TRY(const auto old, visible_link(session, scope, link.id));
    if (old.version != link.version) return stale();
    if (old.driver != link.driver) return invalid("/driver", "The driver of a link never changes; make a new link.");
    model::Link changed = link;
    changed.tenant = scope.tenant;
    if (changed.config.empty()) changed.config = "{}";
    KZ_TRY(const bool taken, link_name_taken(session, changed));
    if (taken) return duplicate_name("/name", changed.name);
    KZ_CHECK(update_link_row(session, changed));
    KZ_CHECK(impl_->entry_of(session, "link", changed, {}, model::Origin::unknown));
    ++changed.version;
    change.link(changed.id);
    return changed;
  });
}

Result<> PlantRegistry::remove_link(const model::Scope& scope, model::LinkId id, std::uint64_t version) {
  KZ_CHECK(require_change(scope));
  return impl_
      ->write<bool>([&](SqlSession& session, Change& change) -> Result<bool> {
        KZ_TRY(const auto old, visible_link(session, scope, id));
        if (old.version != version) return stale();
        KZ_TRY(const auto devices, count(session, "SELECT count(*) FROM plant_device WHERE link = ?1", {sql_id(id)}));
        if (devices > 0)
          return fail(Errc::conflict, "registry.in_use",
                      karez::format("{} device{} it.", devices, devices == 1 ? " uses" : "s use"));
        KZ_CHECK(session.execute("DELETE FROM plant_link WHERE id = ?1", {sql_id(id)}));
        KZ_CHECK(impl_->entry_of(session, "link", old, {}, model::Origin::unknown, true));
        change.link(id);
        return true;
      })
      .transform([](bool) {});
}

}  // namespace karez::catalog
