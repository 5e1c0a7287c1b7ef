// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/format.h"
#include "catalog/plant/impl.h"
#include "catalog/plant/list.h"

namespace karez::catalog {

using stores::SqlRow;
using stores::SqlSession;

namespace {

constexpr std::int64_t kMaxDepth = 32;

Result<bool> name_taken(SqlSession& session, const model::Equipment& node) {
  return count(session,
               "SELECT count(*) FROM plant_equipment WHERE tenant = ?1 AND parent = ?2 AND name = ?3 AND id <> ?4",
               {sql_id(node.tenant), sql_id(node.parent), node.name, sql_id(node.id)})
      .transform([](auto n) { return n > 0; });
}

/// The new parent of `node` exists, may be used, and its level allows that of the node.
Result<> check_parent(SqlSession& session, const model::Scope& scope, const model::Equipment& node) {
  const auto parent = visible_equipment(session, scope, node.parent);
  if (!parent) return invalid("/parent", "There is no such node.");
  if (!model::may_contain(parent->level, node.level))
    return invalid("/level",
                   karez::format("{} cannot stand below {}.", to_string(node.level), to_string(parent->level)));
  return {};
}

Result<> check_depth(SqlSession& session, model::EquipmentId parent, std::int64_t levels_below) {
  KZ_TRY(const auto depth,
         count(session, "SELECT coalesce(max(depth), 0) FROM plant_equipment_below WHERE node = ?1", {sql_id(parent)}));
  if (depth + 1 + levels_below < kMaxDepth) return {};
  return invalid("/parent", "The tree would become deeper than 32 levels.");
}

/// Takes the subtree of `node` out from under its old ancestors and puts it below `parent`.
Result<> move_subtree(SqlSession& session, model::EquipmentId node, model::EquipmentId parent) {
  KZ_TRY(const auto inside,
         count(session, "SELECT count(*) FROM plant_equipment_below WHERE ancestor = ?1 AND node = ?2",
               {sql_id(node), sql_id(parent)}));
  if (inside > 0) return invalid("/parent", "A node cannot move below itself.");
  KZ_TRY(
      const auto height,
      count(session, "SELECT coalesce(max(depth), 0) FROM plant_equipment_below WHERE ancestor = ?1", {sql_id(node)}));
  KZ_CHECK(check_depth(session, parent, height));
  KZ_CHECK(session.execute(
      "DELETE FROM plant_equipment_below WHERE node IN (SELECT node FROM plant_equipment_below WHERE ancestor = ?1) "
      "AND ancestor NOT IN (SELECT node FROM plant_equipment_below WHERE ancestor = ?1)",
      {sql_id(node)}));
  KZ_CHECK(
      session.execute("INSERT INTO plant_equipment_below (ancestor, node, depth) "
                      "SELECT a.ancestor, b.node, a.depth + b.depth + 1 FROM plant_equipment_below a, "
                      "plant_equipment_below b WHERE a.node = ?2 AND b.ancestor = ?1",
                      {sql_id(node), sql_id(parent)}));
  return {};
}

/// The level of a node may change as long as what stands below it may stay there.
Result<> check_children(SqlSession& session, const model::Equipment& node) {
  bool fits = true;
  KZ_CHECK(session.query("SELECT DISTINCT level FROM plant_equipment WHERE tenant = ?1 AND parent = ?2",
                         {sql_id(node.tenant), sql_id(node.id)}, [&](const SqlRow& row) {
                           const auto level = model::parse_equipment_level(row.text(0));
                           fits = fits && level && model::may_contain(node.level, *level);
                         }));
  if (!fits) return invalid("/level", karez::format("{} cannot contain what stands below.", to_string(node.level)));
  return {};
}

}  // namespace

Result<model::EquipmentId> root_of(SqlSession& session, model::TenantId tenant) {
  return count(session, "SELECT id FROM plant_equipment WHERE tenant = ?1 AND parent = 0", {sql_id(tenant)})
      .transform([](std::int64_t id) { return model::EquipmentId{static_cast<std::uint64_t>(id)}; });
}

Result<EquipmentRow> visible_equipment(SqlSession& session, const model::Scope& scope, model::EquipmentId id) {
  KZ_TRY(auto found, load_equipment(session, id));
  if (!found || found->tenant != scope.tenant) return not_found("equipment");
  KZ_TRY(const bool visible, in_scope(session, scope, id));
  if (!visible) return not_found("equipment");
  return std::move(*found);
}

Result<Page<EquipmentRow>> PlantRegistry::equipment(const model::Scope& scope, const ListQuery& query) const {
  KZ_CHECK(require(scope, model::Role::viewer));
  static constexpr SortColumn kSorts[] = {{"name", "e.name"}, {"level", "e.level"}};
  static constexpr ListSpec kSpec{"plant_equipment e", "e.", {}, kSorts};
  return impl_->read<Page<EquipmentRow>>([&](SqlSession& session) -> Result<Page<EquipmentRow>> {
    ListBuilder list(kSpec, query, scope.tenant);
    list.within("e.id", scope);
    if (query.equipment) list.within("e.id", *query.equipment);
    if (query.parent) list.filter("e.parent = " + list.parameter(sql_id(*query.parent)));
    KZ_TRY(auto ids, list.read(session));
    Page<EquipmentRow> page{.items = {}, .next_cursor = std::move(ids.next_cursor), .total = ids.total};
    for (const std::int64_t id : ids.ids) {
      KZ_TRY(auto row, load_equipment(session, model::EquipmentId{static_cast<std::uint64_t>(id)}));
      page.items.push_back(std::move(*row));
    }
    return page;
  });
}

Result<EquipmentRow> PlantRegistry::equipment(const model::Scope& scope, model::EquipmentId id) const {
  KZ_CHECK(require(scope, model::Role::viewer));
  return impl_->read<EquipmentRow>([&](SqlSession& session) { return visible_equipment(session, scope, id); });
}

Result<std::vector<model::Equipment>> PlantRegistry::equipment_path(const model::Scope& scope,
                                                                    model::EquipmentId id) const {
  KZ_CHECK(require(scope, model::Role::viewer));
  return impl_->read<std::vector<model::Equipment>>([&](SqlSession& session) -> Result<std::vector<model::Equipment>> {
    KZ_CHECK(visible_equipment(session, scope, id));
    std::vector<model::Equipment> path;
    KZ_CHECK(
        session.query("SELECT e.id, e.tenant, e.parent, e.level, e.name, e.description, e.version "
                      "FROM plant_equipment_below b JOIN plant_equipment e ON e.id = b.ancestor "
                      "WHERE b.node = ?1 ORDER BY b.depth DESC",
                      {sql_id(id)}, [&](const SqlRow& row) { path.push_back(read_equipment(row)); }));
    return path;
  });
}

Result<model::Equipment> PlantRegistry::create_equipment(const model::Scope& scope, const model::Equipment& node) {
  KZ_CHECK(require(scope, model::Role::engineer));
  KZ_CHECK(check_equipment(node));
  return impl_->write<model::Equipment>([&](SqlSession& session, Change&) -> Result<model::Equipment> {
    model::Equipment made = node;
    KZ_CHECK(impl_->add_equipment(session, scope, made));
    return made;
  });
}

Result<> PlantRegistry::Impl::add_equipment(SqlSession& session, const model::Scope& scope,
                                            model::Equipment& node) const {
  node.id = {};
  node.tenant = scope.tenant;
  KZ_CHECK(check_parent(session, scope, node));
  KZ_CHECK(check_depth(session, node.parent, 0));
  KZ_TRY(const bool taken, name_taken(session, node));
  if (taken) return duplicate_name("/name", node.name);
  KZ_CHECK(check_room(session, "plant_equipment", scope.tenant, 1, limits.equipment_per_tenant));
  KZ_CHECK(insert_equipment(session, node));
  return entry_of(session, "equipment", node, node.description, model::Origin::unknown);
}

Result<model::Equipment> PlantRegistry::update_equipment(const model::Scope& scope, const model::Equipment& node) {
  KZ_CHECK(require(scope, model::Role::engineer));
  KZ_CHECK(check_equipment(node));
  return impl_->write<model::Equipment>([&](SqlSession& session, Change&) -> Result<model::Equipment> {
    KZ_TRY(const auto old, visible_equipment(session, scope, node.id));
    if (old.version != node.version) return stale();
    model::Equipment changed = node;
    changed.tenant = scope.tenant;
    if (!old.parent) {
      if (node.parent) return invalid("/parent", "The enterprise stands at the top.");
      if (node.level != old.level) return invalid("/level", "The top is the enterprise.");
    } else if (node.parent != old.parent || node.level != old.level) {
      KZ_CHECK(check_parent(session, scope, changed));
      if (node.parent != old.parent) KZ_CHECK(move_subtree(session, node.id, node.parent));
      if (node.level != old.level) KZ_CHECK(check_children(session, changed));
    }
    KZ_TRY(const bool taken, name_taken(session, changed));
    if (taken) return duplicate_name("/name", changed.name);
    KZ_CHECK(update_equipment_row(session, changed));
    KZ_CHECK(impl_->entry_of(session, "equipment", changed, changed.description, model::Origin::unknown));
    ++changed.version;
    return changed;
  });
}

Result<> PlantRegistry::remove_equipment(const model::Scope& scope, model::EquipmentId id, std::uint64_t version) {
  KZ_CHECK(require(scope, model::Role::engineer));
  return impl_
      ->write<bool>([&](SqlSession& session, Change&) -> Result<bool> {
        KZ_TRY(const auto old, visible_equipment(session, scope, id));
        if (old.version != version) return stale();
        if (!old.parent) return invalid("", "The enterprise itself cannot be removed.");
        if (old.children > 0 || old.devices > 0)
          return fail(Errc::conflict, "registry.in_use",
                      karez::format("{} node{} and {} device{} stand below it.", old.children,
                                    old.children == 1 ? "" : "s", old.devices, old.devices == 1 ? "" : "s"));
        KZ_CHECK(session.execute("DELETE FROM plant_equipment_below WHERE node = ?1", {sql_id(id)}));
        KZ_CHECK(session.execute("DELETE FROM plant_equipment WHERE id = ?1", {sql_id(id)}));
        KZ_CHECK(impl_->entry_of(session, "equipment", old, old.description, model::Origin::unknown, true));
        return true;
      })
      .transform([](bool) {});
}

}  // namespace karez::catalog
