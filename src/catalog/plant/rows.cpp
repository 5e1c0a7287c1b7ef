// SPDX-License-Identifier: Apache-2.0
#include "catalog/plant/rows.h"

#include "base/format.h"
#include "catalog/plant/check.h"

namespace karez::catalog {
namespace {

using stores::SqlRow;
using stores::SqlSession;
using stores::SqlValue;

std::string text_at(const SqlRow& row, int column) { return std::string(row.text(column)); }
bool flag_at(const SqlRow& row, int column) { return row.integer(column) != 0; }
std::uint64_t number_at(const SqlRow& row, int column) { return static_cast<std::uint64_t>(row.integer(column)); }
std::optional<double> real_at(const SqlRow& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return row.real(column);
}
SqlValue value_of(const std::optional<double>& v) { return v ? SqlValue(*v) : SqlValue(std::monostate{}); }
SqlValue value_of(bool v) { return std::int64_t{v ? 1 : 0}; }
SqlValue value_of(Duration d) { return std::int64_t{d.count()}; }
template <class Enum>
SqlValue name_of(Enum e) {
  return std::string(to_string(e));
}

/// The one row of a statement about an id.
template <class T, class Reader>
Result<std::optional<T>> one(SqlSession& session, const std::string& sql, std::int64_t id, const Reader& reader) {
  std::optional<T> out;
  KZ_CHECK(session.query(sql, {id}, [&](const SqlRow& row) { out = reader(row); }));
  return out;
}

std::string_view to_text(model::Access access) {
  switch (access) {
    case model::Access::read: return "read";
    case model::Access::write: return "write";
    case model::Access::read_write: return "read_write";
  }
  return "read";
}
std::string_view to_text(model::Interpolation interpolation) {
  return interpolation == model::Interpolation::step ? "step" : "linear";
}
model::Access access_of(std::string_view text) {
  if (text == "write") return model::Access::write;
  return text == "read_write" ? model::Access::read_write : model::Access::read;
}

// What a change may write, in the order of `add_fields`; the rest is fixed when a row is made.
constexpr std::string_view kEquipmentFields[] = {"parent", "level", "name", "description", "search"};
constexpr std::string_view kLinkFields[] = {"name", "config", "enabled", "search"};
constexpr std::string_view kDeviceFields[] = {"equipment", "class",  "name",   "description", "manufacturer",
                                              "model",     "config", "origin", "enabled",     "search"};
constexpr std::string_view kPointFields[] = {
    "name",      "description", "address",       "unit",        "factor",       "addend",     "digits",
    "deadband",  "period",      "access",        "display_low", "display_high", "normal_low", "normal_high",
    "limit_low", "limit_high",  "interpolation", "expected",    "history",      "enabled",    "search"};

void add(std::vector<SqlValue>& to, std::initializer_list<SqlValue> values) { to.insert(to.end(), values); }

void add_fields(std::vector<SqlValue>& to, const model::Equipment& e) {
  add(to, {sql_id(e.parent), name_of(e.level), e.name, e.description, search_text({e.name, e.description})});
}
void add_fields(std::vector<SqlValue>& to, const model::Link& l) {
  add(to, {l.name, l.config, value_of(l.enabled), search_text({l.name, l.driver})});
}
void add_fields(std::vector<SqlValue>& to, const model::Device& d) {
  add(to, {sql_id(d.equipment), name_of(d.device_class), d.name, d.description, d.manufacturer, d.model, d.config,
           name_of(d.origin), value_of(d.enabled), search_text({d.name, d.description, d.manufacturer, d.model})});
}
void add_fields(std::vector<SqlValue>& to, const model::Point& p) {
  add(to, {p.name,
           p.description,
           p.address,
           p.unit,
           p.scale,
           p.offset,
           std::int64_t{p.precision},
           p.deadband,
           value_of(p.period),
           std::string(to_text(p.access)),
           value_of(p.display.low),
           value_of(p.display.high),
           value_of(p.normal.low),
           value_of(p.normal.high),
           value_of(p.limit.low),
           value_of(p.limit.high),
           std::string(to_text(p.interpolation)),
           value_of(p.expected_interval),
           value_of(p.history),
           value_of(p.enabled),
           search_text({p.name, p.description, p.address})});
}

/// The two statements that write rows of a table, made from one list of columns.
class Table {
 public:
  Table(std::string_view name, std::initializer_list<std::string_view> fixed,
        std::span<const std::string_view> fields) {
    insert_ = karez::format("INSERT INTO {} (version", name);
    update_ = karez::format("UPDATE {} SET version = version + 1", name);
    std::string places = "1";
    std::size_t n = 0;
    for (const std::string_view column : fixed) {
      insert_.append(", ").append(column);
      places += karez::format(", ?{}", ++n);
    }
    std::size_t place = 1;  // ?1 is the id
    for (const std::string_view column : fields) {
      insert_.append(", ").append(column);
      places += karez::format(", ?{}", ++n);
      update_ += karez::format(", {} = ?{}", column, ++place);
    }
    insert_ += karez::format(") VALUES ({}) RETURNING id", places);
    update_ += " WHERE id = ?1";
  }
  /// `values`: of the fixed columns, then of the fields. Sets id and version.
  template <class Thing>
  Result<> insert(SqlSession& session, const std::vector<SqlValue>& values, Thing& thing) const {
    thing.version = 1;
    return session.query(insert_, values, [&](const SqlRow& row) { thing.id = id_at<decltype(thing.id)>(row, 0); });
  }
  template <class Thing>
  Result<> update(SqlSession& session, const Thing& thing) const {
    std::vector<SqlValue> values{sql_id(thing.id)};
    add_fields(values, thing);
    return session.execute(update_, values).transform([](auto) {});
  }

 private:
  std::string insert_, update_;
};

}  // namespace

model::Tenant read_tenant(const SqlRow& r) {
  return {.id = id_at<model::TenantId>(r, 0),
          .slug = text_at(r, 1),
          .name = text_at(r, 2),
          .uscc = text_at(r, 3),
          .industry = text_at(r, 4),
          .region = text_at(r, 5),
          .time_zone = text_at(r, 6),
          .version = number_at(r, 7)};
}

model::Equipment read_equipment(const SqlRow& r) {
  return {.id = id_at<model::EquipmentId>(r, 0),
          .tenant = id_at<model::TenantId>(r, 1),
          .parent = id_at<model::EquipmentId>(r, 2),
          .level = model::parse_equipment_level(r.text(3)).value_or(model::EquipmentLevel::area),
          .name = text_at(r, 4),
          .description = text_at(r, 5),
          .version = number_at(r, 6)};
}

model::Link read_link(const SqlRow& r) {
  return {.id = id_at<model::LinkId>(r, 0),
          .tenant = id_at<model::TenantId>(r, 1),
          .name = text_at(r, 2),
          .driver = text_at(r, 3),
          .config = text_at(r, 4),
          .enabled = flag_at(r, 5),
          .version = number_at(r, 6)};
}

model::Device read_device(const SqlRow& r) {
  return {.id = id_at<model::DeviceId>(r, 0),
          .tenant = id_at<model::TenantId>(r, 1),
          .link = id_at<model::LinkId>(r, 2),
          .equipment = id_at<model::EquipmentId>(r, 3),
          .device_class = model::parse_device_class(r.text(4)).value_or(model::DeviceClass::production_equipment),
          .name = text_at(r, 5),
          .description = text_at(r, 6),
          .manufacturer = text_at(r, 7),
          .model = text_at(r, 8),
          .config = text_at(r, 9),
          .origin = model::parse_origin(r.text(10)).value_or(model::Origin::unknown),
          .enabled = flag_at(r, 11),
          .version = number_at(r, 12)};
}

model::Point read_point(const SqlRow& r) {
  return {.id = id_at<model::PointId>(r, 0),
          .tenant = id_at<model::TenantId>(r, 1),
          .device = id_at<model::DeviceId>(r, 2),
          .name = text_at(r, 3),
          .description = text_at(r, 4),
          .address = text_at(r, 5),
          .type = model::parse_value_type(r.text(6)).value_or(model::ValueType::none),
          .unit = text_at(r, 7),
          .scale = r.real(8),
          .offset = r.real(9),
          .precision = static_cast<int>(r.integer(10)),
          .deadband = r.real(11),
          .period = Duration{r.integer(12)},
          .access = access_of(r.text(13)),
          .display = {real_at(r, 14), real_at(r, 15)},
          .normal = {real_at(r, 16), real_at(r, 17)},
          .limit = {real_at(r, 18), real_at(r, 19)},
          .interpolation = r.text(20) == "step" ? model::Interpolation::step : model::Interpolation::linear,
          .expected_interval = Duration{r.integer(21)},
          .history = flag_at(r, 22),
          .enabled = flag_at(r, 23),
          .version = number_at(r, 24)};
}

Result<std::optional<model::Tenant>> load_tenant(SqlSession& session, model::TenantId id) {
  static const std::string kSql = karez::format("SELECT {} FROM plant_tenant WHERE id = ?1", kTenantColumns);
  return one<model::Tenant>(session, kSql, sql_id(id), read_tenant);
}

Result<std::optional<EquipmentRow>> load_equipment(SqlSession& session, model::EquipmentId id) {
  static const std::string kSql = karez::format(
      "SELECT {}, (SELECT count(*) FROM plant_equipment c WHERE c.tenant = e.tenant AND c.parent = e.id), "
      "(SELECT count(*) FROM plant_equipment_below b JOIN plant_device d ON d.equipment = b.node WHERE b.ancestor = "
      "e.id) "
      "FROM plant_equipment e WHERE e.id = ?1",
      kEquipmentColumns);
  return one<EquipmentRow>(session, kSql, sql_id(id), [](const SqlRow& row) {
    return EquipmentRow{read_equipment(row), number_at(row, 7), number_at(row, 8)};
  });
}

Result<std::optional<model::Link>> load_link(SqlSession& session, model::LinkId id) {
  static const std::string kSql = karez::format("SELECT {} FROM plant_link WHERE id = ?1", kLinkColumns);
  return one<model::Link>(session, kSql, sql_id(id), read_link);
}

Result<std::optional<DeviceRow>> load_device(SqlSession& session, model::DeviceId id) {
  static const std::string kSql = karez::format(
      "SELECT {}, l.name, l.driver, e.name, (SELECT count(*) FROM plant_point p WHERE p.device = d.id) "
      "FROM plant_device d LEFT JOIN plant_link l ON l.id = d.link LEFT JOIN plant_equipment e ON e.id = d.equipment "
      "WHERE d.id = ?1",
      kDeviceColumns);
  return one<DeviceRow>(session, kSql, sql_id(id), [](const SqlRow& row) {
    constexpr int n = kDeviceColumnCount;
    return DeviceRow{read_device(row), text_at(row, n), text_at(row, n + 1), text_at(row, n + 2),
                     number_at(row, n + 3)};
  });
}

Result<std::optional<PointRow>> load_point(SqlSession& session, model::PointId id) {
  static const std::string kSql = karez::format(
      "SELECT {}, d.name, d.origin, d.link FROM plant_point p JOIN plant_device d ON d.id = p.device WHERE p.id = ?1",
      kPointColumns);
  return one<PointRow>(session, kSql, sql_id(id), [](const SqlRow& row) {
    constexpr int n = kPointColumnCount;
    return PointRow{read_point(row), text_at(row, n),
                    model::parse_origin(row.text(n + 1)).value_or(model::Origin::unknown),
                    id_at<model::LinkId>(row, n + 2)};
  });
}

Result<> insert_equipment(SqlSession& session, model::Equipment& node) {
  static const Table kTable("plant_equipment", {"tenant"}, kEquipmentFields);
  std::vector<SqlValue> values{sql_id(node.tenant)};
  add_fields(values, node);
  KZ_CHECK(kTable.insert(session, values, node));
  KZ_CHECK(session.execute("INSERT INTO plant_equipment_below (ancestor, node, depth) VALUES (?1, ?1, 0)",
                           {sql_id(node.id)}));
  KZ_CHECK(
      session.execute("INSERT INTO plant_equipment_below (ancestor, node, depth) "
                      "SELECT ancestor, ?1, depth + 1 FROM plant_equipment_below WHERE node = ?2",
                      {sql_id(node.id), sql_id(node.parent)}));
  return {};
}

Result<> insert_link(SqlSession& session, model::Link& link) {
  static const Table kTable("plant_link", {"tenant", "driver"}, kLinkFields);
  std::vector<SqlValue> values{sql_id(link.tenant), link.driver};
  add_fields(values, link);
  return kTable.insert(session, values, link);
}

Result<> insert_device(SqlSession& session, model::Device& d) {
  static const Table kTable("plant_device", {"tenant", "link"}, kDeviceFields);
  std::vector<SqlValue> values{sql_id(d.tenant), sql_id(d.link)};
  add_fields(values, d);
  return kTable.insert(session, values, d);
}

Result<> insert_point(SqlSession& session, model::Point& p) {
  static const Table kTable("plant_point", {"tenant", "device", "type"}, kPointFields);
  std::vector<SqlValue> values{sql_id(p.tenant), sql_id(p.device), name_of(p.type)};
  add_fields(values, p);
  return kTable.insert(session, values, p);
}

Result<> update_equipment_row(SqlSession& session, const model::Equipment& node) {
  static const Table kTable("plant_equipment", {}, kEquipmentFields);
  return kTable.update(session, node);
}

Result<> update_link_row(SqlSession& session, const model::Link& link) {
  static const Table kTable("plant_link", {}, kLinkFields);
  return kTable.update(session, link);
}

Result<> update_device_row(SqlSession& session, const model::Device& d) {
  static const Table kTable("plant_device", {}, kDeviceFields);
  return kTable.update(session, d);
}

Result<> update_point_row(SqlSession& session, const model::Point& p) {
  static const Table kTable("plant_point", {}, kPointFields);
  return kTable.update(session, p);
}

Result<std::int64_t> count(SqlSession& session, std::string_view sql, std::vector<SqlValue> parameters) {
  std::int64_t out = 0;
  KZ_CHECK(session.query(sql, parameters, [&](const SqlRow& row) { out = row.integer(0); }));
  return out;
}

}  // namespace karez::catalog
