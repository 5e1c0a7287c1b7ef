// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "catalog/plant_registry.h"

/// Between rows of the tables and the plain structs of `model`.
namespace karez::catalog {

template <class IdType>
std::int64_t sql_id(IdType id) {
  return static_cast<std::int64_t>(id.value);
}
template <class IdType>
IdType id_at(const stores::SqlRow& row, int column) {
  return IdType{static_cast<typename IdType::value_type>(row.integer(column))};
}

/// Columns in the order that the reader of the same name expects them.
constexpr std::string_view kTenantColumns = "id, slug, name, uscc, industry, region, time_zone, version";
constexpr std::string_view kEquipmentColumns = "id, tenant, parent, level, name, description, version";
constexpr std::string_view kLinkColumns = "id, tenant, name, driver, config, enabled, version";
constexpr std::string_view kDeviceColumns =
    "d.id, d.tenant, d.link, d.equipment, d.class, d.name, d.description, d.manufacturer, d.model, d.config, d.origin, "
    "d.enabled, d.version";
constexpr std::string_view kPointColumns =
    "p.id, p.tenant, p.device, p.name, p.description, p.address, p.type, p.unit, p.factor, p.addend, p.digits, "
    "p.deadband, p.period, p.access, p.display_low, p.display_high, p.normal_low, p.normal_high, p.limit_low, "
    "p.limit_high, p.interpolation, p.expected, p.history, p.enabled, p.version";
constexpr int kDeviceColumnCount = 13, kPointColumnCount = 25;

model::Tenant read_tenant(const stores::SqlRow& row);
model::Equipment read_equipment(const stores::SqlRow& row);
model::Link read_link(const stores::SqlRow& row);
model::Device read_device(const stores::SqlRow& row);
model::Point read_point(const stores::SqlRow& row);

// One by id; nothing when it does not exist. Scope is the caller's business.
Result<std::optional<model::Tenant>> load_tenant(stores::SqlSession& session, model::TenantId id);
Result<std::optional<EquipmentRow>> load_equipment(stores::SqlSession& session, model::EquipmentId id);
Result<std::optional<model::Link>> load_link(stores::SqlSession& session, model::LinkId id);
Result<std::optional<DeviceRow>> load_device(stores::SqlSession& session, model::DeviceId id);
Result<std::optional<PointRow>> load_point(stores::SqlSession& session, model::PointId id);

// New rows; the id is set.
Result<> insert_equipment(stores::SqlSession& session, model::Equipment& node);
Result<> insert_link(stores::SqlSession& session, model::Link& link);
Result<> insert_device(stores::SqlSession& session, model::Device& device);
Result<> insert_point(stores::SqlSession& session, model::Point& point);

// By id; the version counts up. What never changes (tenant, driver, link of a device, type) is left alone.
Result<> update_equipment_row(stores::SqlSession& session, const model::Equipment& node);
Result<> update_link_row(stores::SqlSession& session, const model::Link& link);
Result<> update_device_row(stores::SqlSession& session, const model::Device& device);
Result<> update_point_row(stores::SqlSession& session, const model::Point& point);

/// A single number.
Result<std::int64_t> count(stores::SqlSession& session, std::string_view sql, std::vector<stores::SqlValue> parameters);

}  // namespace karez::catalog
