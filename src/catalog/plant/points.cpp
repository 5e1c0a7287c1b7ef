// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <unordered_map>

#include "base/format.h"
#include "catalog/plant/impl.h"
#include "catalog/plant/list.h"

namespace karez::catalog {

using stores::SqlSession;

namespace {

/// Judges new points against the store, one after the other.
class PointJudge {
 public:
  PointJudge(SqlSession& session, const model::Scope& scope) : session_(session), scope_(scope) {}

  /// The outer error is one of the store, the inner one says what is wrong with the point.
  Result<Result<>> judge(const model::Point& point) {
    if (auto ok = check_point(point); !ok) return ok;
    KZ_TRY(const DeviceRow* const owner, device(point.device));
    if (!owner) return Result<>(invalid("/device", "There is no such device."));
    KZ_TRY(const auto taken, count(session_, "SELECT count(*) FROM plant_point WHERE device = ?1 AND name = ?2",
                                   {sql_id(point.device), point.name}));
    if (taken > 0 || !names_.insert({point.device, point.name}).second)
      return Result<>(duplicate_name("/name", point.name));
    return Result<>();
  }
  /// Null when it does not exist or may not be seen.
  Result<const DeviceRow*> device(model::DeviceId id) {
    if (const auto known = devices_.find(id); known != devices_.end()) return known->second ? &*known->second : nullptr;
    auto found = visible_device(session_, scope_, id);
    if (!found && found.error().slug() != "registry.not_found") return std::unexpected(std::move(found).error());
    auto& kept = devices_[id];
    if (found) kept = std::move(*found);
    return kept ? &*kept : nullptr;
  }

 private:
  SqlSession& session_;
  const model::Scope& scope_;
  std::unordered_map<model::DeviceId, std::optional<DeviceRow>> devices_;
  std::set<std::pair<model::DeviceId, std::string>> names_;
};

Result<> judge_all(PointJudge& judge, std::span<const model::Point> points, std::vector<RowError>& errors) {
  errors.clear();
  for (std::size_t i = 0; i < points.size(); ++i) {
    KZ_TRY(auto verdict, judge.judge(points[i]));
    if (!verdict) errors.push_back({i, std::move(verdict).error()});
  }
  return {};
}

}  // namespace

Result<PointRow> visible_point(SqlSession& session, const model::Scope& scope, model::PointId id) {
  KZ_TRY(auto found, load_point(session, id));
  if (!found || found->tenant != scope.tenant) return not_found("point");
  if (!scope.whole_tenant())
    if (const auto device = visible_device(session, scope, found->device); !device) return not_found("point");
  return std::move(*found);
}

Result<Page<PointRow>> PlantRegistry::points(const model::Scope& scope, const ListQuery& query) const {
  KZ_CHECK(require(scope, model::Role::viewer));
  static constexpr SortColumn kSorts[] = {{"name", "p.name"},
                                          {"address", "substr(p.address, 1, 60)"},
                                          {"device_name", "d.name"},
                                          {"type", "p.type"},
                                          {"unit", "p.unit"}};
  static constexpr Join kJoins[] = {{"d.", " LEFT JOIN plant_device d ON d.id = p.device"}};
  static constexpr ListSpec kSpec{"plant_point p", "p.", kJoins, kSorts};
  if (query.only_points.size() > kMaxOnly || query.only_devices.size() > kMaxOnly)
    return invalid("", "At most 200,000 ids.");
  return impl_->read<Page<PointRow>>([&](SqlSession& session) -> Result<Page<PointRow>> {
    ListBuilder list(kSpec, query, scope.tenant);
    list.within("d.equipment", scope);
    if (query.equipment) list.within("d.equipment", *query.equipment);
    if (query.link) list.narrow("d.link = " + list.parameter(sql_id(query.link)));
    if (query.device) list.narrow("p.device = " + list.parameter(sql_id(query.device)));
    if (query.device_class) list.filter("d.class = " + list.parameter(std::string(to_string(*query.device_class))));
    if (!query.driver.empty())
      list.filter("d.link IN (SELECT l.id FROM plant_link l WHERE l.tenant = p.tenant AND l.driver = " +
                  list.parameter(query.driver) + ")");
    if (!query.only_points.empty()) list.among("p.id", std::span(query.only_points));
    if (!query.only_devices.empty()) list.among("p.device", std::span(query.only_devices));
    KZ_TRY(auto ids, list.read(session));
    Page<PointRow> page{.items = {}, .next_cursor = std::move(ids.next_cursor), .total = ids.total};
    for (const std::int64_t id : ids.ids) {
      KZ_TRY(auto row, load_point(session, model::PointId{static_cast<std::uint32_t>(id)}));
      page.items.push_back(std::move(*row));
    }
    return page;
  });
}

Result<PointRow> PlantRegistry::point(const model::Scope& scope, model::PointId id) const {
  KZ_CHECK(require(scope, model::Role::viewer));
  return impl_->read<PointRow>([&](SqlSession& session) { return visible_point(session, scope, id); });
}

Result<std::vector<PointRow>> PlantRegistry::points_by_id(const model::Scope& scope,
                                                          std::span<const model::PointId> ids) const {
  KZ_CHECK(require(scope, model::Role::viewer));
  return impl_->read<std::vector<PointRow>>([&](SqlSession& session) -> Result<std::vector<PointRow>> {
    std::vector<PointRow> out;
    out.reserve(ids.size());
    for (const model::PointId id : ids) {
      auto row = visible_point(session, scope, id);
      if (row) out.push_back(std::move(*row));
      else if (row.error().slug() != "registry.not_found") return std::unexpected(std::move(row).error());
    }
    return out;
  });
}

Result<std::vector<model::Point>> PlantRegistry::create_points(const model::Scope& scope,
                                                               std::vector<model::Point> points, bool dry_run,
                                                               std::vector<RowError>& errors) {
  KZ_CHECK(require(scope, model::Role::engineer));
  if (points.size() > kMaxRows) return fail(Errc::exhausted, "registry.limit", "At most 100,000 points at once.");
  for (model::Point& point : points) {
    point.id = {};
    point.tenant = scope.tenant;
    point.version = 1;
  }
  const auto run = [&](SqlSession& session, Change& change) -> Result<std::vector<model::Point>> {
    PointJudge judge(session, scope);
    KZ_CHECK(judge_all(judge, points, errors));
    KZ_CHECK(check_room(session, "plant_point", scope.tenant, points.size() - errors.size(),
                        impl_->limits.points_per_tenant));
    std::vector<model::Point> made = points;
    if (dry_run) return made;
    if (!errors.empty())
      return invalid(karez::format("/{}", errors.front().index),
                     karez::format("{} rows are wrong; nothing was created.", errors.size()));
    std::set<model::DeviceId> devices;
    for (model::Point& point : made) {
      KZ_TRY(const DeviceRow* const owner, judge.device(point.device));
      KZ_CHECK(insert_point(session, point));
      KZ_CHECK(impl_->entry_of(session, "point", point, point.description, owner->origin));
      change.link(owner->link);
      devices.insert(point.device);
    }
    change.devices.assign(devices.begin(), devices.end());
    return made;
  };
  if (!dry_run) return impl_->write<std::vector<model::Point>>(run);
  Change none;
  return impl_->read<std::vector<model::Point>>([&](SqlSession& session) { return run(session, none); });
}

Result<model::Point> PlantRegistry::update_point(const model::Scope& scope, const model::Point& point) {
  KZ_CHECK(require(scope, model::Role::engineer));
  KZ_CHECK(check_point(point));
  return impl_->write<model::Point>([&](SqlSession& session, Change& change) -> Result<model::Point> {
    KZ_TRY(const auto old, visible_point(session, scope, point.id));
    if (old.version != point.version) return stale();
    if (old.device != point.device) return invalid("/device", "A point stays with its device.");
    // History of one point has one type, so another type is another point.
    if (old.type != point.type)
      return fail(Error(Errc::invalid_argument, "registry.invalid")
                      .with("The type of a point never changes.")
                      .cure("Disable this point and make a successor with the new type.")
                      .at("/type"));
    if (old.name != point.name) {
      KZ_TRY(const auto taken, count(session, "SELECT count(*) FROM plant_point WHERE device = ?1 AND name = ?2",
                                     {sql_id(point.device), point.name}));
      if (taken > 0) return duplicate_name("/name", point.name);
    }
    model::Point changed = point;
    changed.tenant = scope.tenant;
    KZ_CHECK(update_point_row(session, changed));
    KZ_CHECK(impl_->entry_of(session, "point", changed, changed.description, old.origin));
    ++changed.version;
    change.link(old.link);
    return changed;
  });
}

Result<> PlantRegistry::remove_point(const model::Scope& scope, model::PointId id, std::uint64_t version) {
  KZ_CHECK(require(scope, model::Role::engineer));
  return impl_
      ->write<bool>([&](SqlSession& session, Change& change) -> Result<bool> {
        KZ_TRY(const auto old, visible_point(session, scope, id));
        if (old.version != version) return stale();
        KZ_CHECK(session.execute("DELETE FROM plant_series WHERE point = ?1", {sql_id(id)}));
        KZ_CHECK(session.execute("DELETE FROM plant_point WHERE id = ?1", {sql_id(id)}));
        KZ_CHECK(impl_->entry_of(session, "point", old, old.description, old.origin, true));
        change.link(old.link);
        return true;
      })
      .transform([](bool) {});
}

}  // namespace karez::catalog
