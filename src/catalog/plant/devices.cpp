// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "base/format.h"
#include "catalog/plant/impl.h"
#include "catalog/plant/list.h"

namespace karez::catalog {

using stores::SqlSession;

namespace {

/// Puts `error` on the list of all that is wrong, or returns it where nobody keeps a list.
Result<> note(std::vector<Error>* errors, Error error) {
  if (!errors) return std::unexpected(std::move(error));
  errors->push_back(std::move(error));
  return {};
}

/// What can be judged without the store.
Result<> check_new_device(const NewDevice& wanted, std::vector<Error>* errors) {
  if (wanted.new_link)
    if (const auto ok = check_link(*wanted.new_link); !ok) KZ_CHECK(note(errors, below("/link", ok.error())));
  if (const auto ok = check_device(wanted.device); !ok) KZ_CHECK(note(errors, below("/device", ok.error())));
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < wanted.points.size(); ++i) {
    const std::string pointer = karez::format("/points/{}", i);
    const auto& point = wanted.points[i];
    if (const auto ok = check_point(point); !ok) KZ_CHECK(note(errors, below(pointer, ok.error())));
    if (!names.insert(point.name).second) KZ_CHECK(note(errors, duplicate_name(pointer + "/name", point.name).error()));
  }
  return {};
}

/// The node of a device: the enterprise when none is named. Errors: registry.invalid.
Result<model::EquipmentId> place(SqlSession& session, const model::Scope& scope, model::EquipmentId wanted) {
  if (!wanted && scope.whole_tenant()) return root_of(session, scope.tenant);
  if (const auto node = visible_equipment(session, scope, wanted); !node)
    return invalid("/equipment", "There is no such node.");
  return wanted;
}

/// Checks link and place of a new device against the store and fills them in.
Result<> place_new_device(SqlSession& session, const model::Scope& scope, NewDevice& wanted,
                          std::vector<Error>* errors) {
  model::Device& device = wanted.device;
  if (wanted.new_link) {
    KZ_TRY(const bool taken, link_name_taken(session, *wanted.new_link));
    if (taken) KZ_CHECK(note(errors, duplicate_name("/link/name", wanted.new_link->name).error()));
  } else if (device.link) {
    const auto link = load_link(session, device.link);
    if (!link) return std::unexpected(link.error());
    if (!*link || (*link)->tenant != scope.tenant)
      KZ_CHECK(note(errors, invalid("/device/link", "There is no such link.").error()));
    KZ_TRY(const bool taken, device_name_taken(session, device));
    if (taken) KZ_CHECK(note(errors, duplicate_name("/device/name", device.name).error()));
  } else {
    KZ_TRY(const bool taken, device_name_taken(session, device));
    if (taken) KZ_CHECK(note(errors, duplicate_name("/device/name", device.name).error()));
  }
  auto node = place(session, scope, device.equipment);
  if (node) device.equipment = *node;
  else KZ_CHECK(note(errors, below("/device", node.error())));
  return {};
}

void fill_in(NewDevice& wanted, model::TenantId tenant) {
  wanted.device.id = {};
  wanted.device.tenant = tenant;
  if (wanted.device.config.empty()) wanted.device.config = "{}";
  if (wanted.new_link) {
    wanted.new_link->id = {};
    wanted.new_link->tenant = tenant;
    if (wanted.new_link->config.empty()) wanted.new_link->config = "{}";
  }
  for (model::Point& point : wanted.points) {
    point.id = {};
    point.tenant = tenant;
  }
}

}  // namespace

Result<bool> device_name_taken(SqlSession& session, const model::Device& device) {
  return count(session, "SELECT count(*) FROM plant_device WHERE tenant = ?1 AND link = ?2 AND name = ?3 AND id <> ?4",
               {sql_id(device.tenant), sql_id(device.link), device.name, sql_id(device.id)})
      .transform([](auto n) { return n > 0; });
}

Result<DeviceRow> visible_device(SqlSession& session, const model::Scope& scope, model::DeviceId id) {
  KZ_TRY(auto found, load_device(session, id));
  if (!found || found->tenant != scope.tenant) return not_found("device");
  KZ_TRY(const bool visible, in_scope(session, scope, found->equipment));
  if (!visible) return not_found("device");
  return std::move(*found);
}

Result<Page<DeviceRow>> PlantRegistry::devices(const model::Scope& scope, const ListQuery& query) const {
  KZ_CHECK(require(scope, model::Role::viewer));
  static constexpr SortColumn kSorts[] = {{"name", "d.name"},
                                          {"class", "d.class"},
                                          {"driver", "coalesce(l.driver, '')"},
                                          {"link_name", "coalesce(l.name, '')"},
                                          {"equipment_name", "e.name"},
                                          {"origin", "d.origin"}};
  static constexpr Join kJoins[] = {{"l.", " LEFT JOIN plant_link l ON l.id = d.link"},
                                    {"e.", " LEFT JOIN plant_equipment e ON e.id = d.equipment"}};
  static constexpr ListSpec kSpec{"plant_device d", "d.", kJoins, kSorts};
  if (query.only_devices.size() > kMaxOnly) return invalid("", "At most 200,000 ids.");
  return impl_->read<Page<DeviceRow>>([&](SqlSession& session) -> Result<Page<DeviceRow>> {
    ListBuilder list(kSpec, query, scope.tenant);
    list.within("d.equipment", scope);
    if (query.equipment) list.within("d.equipment", *query.equipment);
    if (query.link) list.narrow("d.link = " + list.parameter(sql_id(query.link)));
    if (query.device) list.narrow("d.id = " + list.parameter(sql_id(query.device)));
    if (query.device_class) list.filter("d.class = " + list.parameter(std::string(to_string(*query.device_class))));
    if (!query.driver.empty()) list.filter("l.driver = " + list.parameter(query.driver));
    if (!query.only_devices.empty()) list.among("d.id", std::span(query.only_devices));
    KZ_TRY(auto ids, list.read(session));
    Page<DeviceRow> page{.items = {}, .next_cursor = std::move(ids.next_cursor), .total = ids.total};
    for (const std::int64_t id : ids.ids) {
      KZ_TRY(auto row, load_device(session, model::DeviceId{static_cast<std::uint64_t>(id)}));
      page.items.push_back(std::move(*row));
    }
    return page;
  });
}

Result<DeviceRow> PlantRegistry::device(const model::Scope& scope, model::DeviceId id) const {
  KZ_CHECK(require(scope, model::Role::viewer));
  return impl_->read<DeviceRow>([&](SqlSession& session) { return visible_device(session, scope, id); });
}

Result<DeviceRow> PlantRegistry::create_device(const model::Scope& scope, const NewDevice& device,
                                               std::vector<Error>* errors) {
  KZ_CHECK(require(scope, model::Role::engineer));
  if (device.points.size() > kMaxRows)
    return fail(Errc::exhausted, "registry.limit", "At most 100,000 points at once.");
  NewDevice wanted = device;
  fill_in(wanted, scope.tenant);
  if (errors) errors->clear();
  KZ_CHECK(check_new_device(wanted, errors));
  const std::size_t wrong_before = errors ? errors->size() : 0;
  return impl_->write<DeviceRow>([&](SqlSession& session, Change& change) -> Result<DeviceRow> {
    NewDevice made = wanted;
    if (errors) errors->erase(errors->begin() + static_cast<std::ptrdiff_t>(wrong_before), errors->end());
    KZ_CHECK(place_new_device(session, scope, made, errors));
    if (errors && !errors->empty()) return std::unexpected(errors->front());
    KZ_CHECK(check_room(session, "plant_device", scope.tenant, 1, impl_->limits.devices_per_tenant));
    KZ_CHECK(check_room(session, "plant_point", scope.tenant, made.points.size(), impl_->limits.points_per_tenant));
    if (made.new_link) {
      KZ_CHECK(check_room(session, "plant_link", scope.tenant, 1, impl_->limits.devices_per_tenant));
      KZ_CHECK(insert_link(session, *made.new_link));
      KZ_CHECK(impl_->entry_of(session, "link", *made.new_link, {}, model::Origin::unknown));
      made.device.link = made.new_link->id;
    }
    KZ_CHECK(insert_device(session, made.device));
    KZ_CHECK(impl_->entry_of(session, "device", made.device, made.device.description, made.device.origin));
    for (model::Point& point : made.points) {
      point.device = made.device.id;
      KZ_CHECK(insert_point(session, point));
      KZ_CHECK(impl_->entry_of(session, "point", point, point.description, made.device.origin));
    }
    change.link(made.device.link);
    change.devices.push_back(made.device.id);
    return visible_device(session, scope, made.device.id);
  });
}

Result<DeviceRow> PlantRegistry::update_device(const model::Scope& scope, const model::Device& device) {
  KZ_CHECK(require(scope, model::Role::engineer));
  KZ_CHECK(check_device(device));
  return impl_->write<DeviceRow>([&](SqlSession& session, Change& change) -> Result<DeviceRow> {
    KZ_TRY(const auto old, visible_device(session, scope, device.id));
    if (old.version != device.version) return stale();
    if (old.link != device.link) return invalid("/link", "The link of a device never changes; make a new device.");
    model::Device changed = device;
    changed.tenant = scope.tenant;
    if (changed.config.empty()) changed.config = "{}";
    KZ_TRY(changed.equipment, place(session, scope, changed.equipment));
    KZ_TRY(const bool taken, device_name_taken(session, changed));
    if (taken) return duplicate_name("/name", changed.name);
    KZ_CHECK(update_device_row(session, changed));
    KZ_CHECK(impl_->entry_of(session, "device", changed, changed.description, changed.origin));
    change.link(changed.link);
    if (changed.origin != old.origin) change.devices.push_back(changed.id);
    return visible_device(session, scope, changed.id);
  });
}

Result<std::vector<model::PointId>> PlantRegistry::remove_device(const model::Scope& scope, model::DeviceId id,
                                                                 std::uint64_t version) {
  KZ_CHECK(require(scope, model::Role::engineer));
  using Ids = std::vector<model::PointId>;
  return impl_->write<Ids>([&](SqlSession& session, Change& change) -> Result<Ids> {
    KZ_TRY(const auto old, visible_device(session, scope, id));
    if (old.version != version) return stale();
    std::vector<model::Point> points;
    KZ_CHECK(session.query(karez::format("SELECT {} FROM plant_point p WHERE p.device = ?1", kPointColumns),
                           {sql_id(id)}, [&](const stores::SqlRow& row) { points.push_back(read_point(row)); }));
    Ids gone;
    for (const model::Point& point : points) {
      gone.push_back(point.id);
      KZ_CHECK(impl_->entry_of(session, "point", point, point.description, old.origin, true));
    }
    for (const std::string_view sql :
         {"DELETE FROM plant_series WHERE point IN (SELECT id FROM plant_point WHERE device = ?1)",
          "DELETE FROM plant_series_group WHERE device = ?1", "DELETE FROM plant_point WHERE device = ?1",
          "DELETE FROM plant_device WHERE id = ?1"})
      KZ_CHECK(session.execute(sql, {sql_id(id)}));
    KZ_CHECK(impl_->entry_of(session, "device", old, old.description, old.origin, true));
    change.link(old.link);
    return gone;
  });
}

}  // namespace karez::catalog
