// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>

#include "base/format.h"
#include "base/hash.h"
#include "base/text.h"
#include "catalog/plant/impl.h"
#include "model/unit.h"

namespace karez::catalog {

using stores::SqlRow;
using stores::SqlSession;

namespace {

constexpr std::size_t kMaxSeriesName = 4096, kMaxShown = 200, kMaxBatch = 100'000;

bool usable(const model::SeriesName& series) {
  const auto fine = [](std::string_view s) {
    return !s.empty() && s.size() <= kMaxSeriesName && is_utf8(s) && !s.contains('\0');
  };
  return fine(series.group) && fine(series.name) && series.type != model::ValueType::none;
}

/// A name people can be shown: the series' own, or, where that is too long or holds control
/// characters, its beginning and a hash that keeps it apart.
std::string shown_name(std::string_view name) {
  if (is_printable_name(name, kMaxShown)) return std::string(name);
  std::string out;
  for (std::string_view rest = name; !rest.empty() && out.size() < 160;) {
    const std::size_t n = utf8_character(rest);
    const bool control = n == 1 && (static_cast<unsigned char>(rest[0]) < 0x20 || rest[0] == 0x7f);
    out.append(control ? " " : rest.substr(0, n));
    rest.remove_prefix(n);
  }
  return karez::format("{}~{:016x}", trim(out), xxh3(as_bytes(name)));
}

struct Known {
  model::PointId point;
  model::ValueType type;
};

Result<std::optional<Known>> find_series(SqlSession& session, model::TenantId tenant, const model::SeriesName& series) {
  std::optional<Known> found;
  KZ_CHECK(session.query(
      "SELECT p.id, p.type FROM plant_series s JOIN plant_point p ON p.id = s.point "
      "WHERE s.tenant = ?1 AND s.group_name = ?2 AND s.name = ?3",
      {sql_id(tenant), series.group, series.name}, [&](const SqlRow& row) {
        found =
            Known{id_at<model::PointId>(row, 0), model::parse_value_type(row.text(1)).value_or(model::ValueType::none)};
      }));
  return found;
}

/// Makes what is missing, inside one transaction.
class SeriesMaker {
 public:
  SeriesMaker(SqlSession& session, model::TenantId tenant) : session_(session), tenant_(tenant) {}

  struct Group {
    model::Device device;
    bool made = false;
  };
  Result<Group*> group(const std::string& name);
  /// The point of that name, made or adopted; `made` says which.
  Result<model::Point> point(const Group& group, const model::SeriesName& series, bool& made);

  const std::unordered_map<std::string, Group>& groups() const { return groups_; }

 private:
  SqlSession& session_;
  const model::TenantId tenant_;
  std::unordered_map<std::string, Group> groups_;
};

Result<SeriesMaker::Group*> SeriesMaker::group(const std::string& name) {
  if (const auto known = groups_.find(name); known != groups_.end()) return &known->second;
  Group found;
  const auto take = [&](const SqlRow& row) { found.device = read_device(row); };
  KZ_CHECK(session_.query(karez::format("SELECT {} FROM plant_series_group g JOIN plant_device d ON d.id = g.device "
                                        "WHERE g.tenant = ?1 AND g.name = ?2",
                                        kDeviceColumns),
                          {sql_id(tenant_), name}, take));
  if (!found.device.id) {
    const std::string shown = shown_name(name);
    KZ_CHECK(
        session_.query(karez::format("SELECT {} FROM plant_device d WHERE d.tenant = ?1 AND d.link = 0 AND d.name = ?2",
                                     kDeviceColumns),
                       {sql_id(tenant_), shown}, take));
    if (!found.device.id) {
      KZ_TRY(const model::EquipmentId root, root_of(session_, tenant_));
      found.device = {.tenant = tenant_, .equipment = root, .name = shown, .config = "{}"};
      KZ_CHECK(insert_device(session_, found.device));
      found.made = true;
    }
    KZ_CHECK(session_.execute("INSERT INTO plant_series_group (tenant, name, device) VALUES (?1, ?2, ?3)",
                              {sql_id(tenant_), name, sql_id(found.device.id)}));
  }
  return &groups_.emplace(name, std::move(found)).first->second;
}

Result<model::Point> SeriesMaker::point(const Group& group, const model::SeriesName& series, bool& made) {
  model::Point point{
      .tenant = tenant_, .device = group.device.id, .name = shown_name(series.name), .type = series.type};
  model::Point adopted;
  KZ_CHECK(
      session_.query(karez::format("SELECT {} FROM plant_point p WHERE p.device = ?1 AND p.name = ?2", kPointColumns),
                     {sql_id(point.device), point.name}, [&](const SqlRow& row) { adopted = read_point(row); }));
  made = !adopted.id;
  if (made) {
    if (point.type != model::ValueType::float64) point.interpolation = model::Interpolation::step;
    // A unit that nobody understands is no reason to lose the values.
    if (const auto unit = model::guess_unit(series.unit); unit && !series.unit.empty()) point.unit = *unit;
    KZ_CHECK(insert_point(session_, point));
  } else {
    point = std::move(adopted);
  }
  KZ_CHECK(session_.execute("INSERT INTO plant_series (tenant, group_name, name, point) VALUES (?1, ?2, ?3, ?4)",
                            {sql_id(tenant_), series.group, series.name, sql_id(point.id)}));
  return point;
}

}  // namespace

Result<std::vector<model::PointId>> PlantRegistry::register_series(model::TenantId tenant,
                                                                   std::span<const model::SeriesName> names) {
  if (names.size() > kMaxBatch) return fail(Errc::exhausted, "registry.limit", "At most 100,000 series at once.");
  std::vector<std::size_t> missing;
  KZ_TRY(auto ids,
         impl_->read<std::vector<model::PointId>>([&](SqlSession& session) -> Result<std::vector<model::PointId>> {
           missing.clear();
           std::vector<model::PointId> out(names.size());
           for (std::size_t i = 0; i < names.size(); ++i) {
             if (!usable(names[i])) continue;
             KZ_TRY(const auto known, find_series(session, tenant, names[i]));
             if (!known) missing.push_back(i);
             else if (known->type == names[i].type) out[i] = known->point;
           }
           return out;
         }));
  if (missing.empty()) return ids;
  return impl_->write<std::vector<model::PointId>>(
      [&](SqlSession& session, Change& change) -> Result<std::vector<model::PointId>> {
        KZ_TRY(const auto exists, load_tenant(session, tenant));
        if (!exists) return not_found("tenant");
        KZ_CHECK(check_room(session, "plant_point", tenant, missing.size(), impl_->limits.points_per_tenant));
        SeriesMaker maker(session, tenant);
        auto out = ids;
        for (const std::size_t i : missing) {
      // Another call may have been faster, and one batch may hold a name twice.
          KZ_TRY(auto known, find_series(session, tenant, names[i]));
          if (!known) {
            KZ_TRY(const auto* const group, maker.group(names[i].group));
            bool made = false;
            KZ_TRY(const model::Point point, maker.point(*group, names[i], made));
            if (made) KZ_CHECK(impl_->entry_of(session, "point", point, {}, group->device.origin));
            known = Known{point.id, point.type};
          }
          if (known->type == names[i].type) out[i] = known->point;
        }
        for (const auto& [name, group] : maker.groups()) {
          change.devices.push_back(group.device.id);
          if (group.made) KZ_CHECK(impl_->entry_of(session, "device", group.device, {}, group.device.origin));
        }
        KZ_CHECK(check_room(session, "plant_device", tenant, 0, impl_->limits.devices_per_tenant));
        return out;
      });
}

}  // namespace karez::catalog
