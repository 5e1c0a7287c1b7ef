// SPDX-License-Identifier: Apache-2.0
#include "catalog/plant/schema.h"

namespace karez::catalog {
namespace {

// Enumerations are stored by name, times in ns, booleans as 0 and 1, a missing link or parent as 0.
constexpr std::string_view kFirst = R"sql(
CREATE TABLE plant_tenant (
  id {id}, slug TEXT NOT NULL UNIQUE, name TEXT NOT NULL, uscc TEXT NOT NULL, industry TEXT NOT NULL,
  region TEXT NOT NULL, time_zone TEXT NOT NULL, version BIGINT NOT NULL);

CREATE TABLE plant_equipment (
  id {id}, tenant BIGINT NOT NULL REFERENCES plant_tenant(id), parent BIGINT NOT NULL, level TEXT NOT NULL,
  name TEXT NOT NULL, description TEXT NOT NULL, version BIGINT NOT NULL, search TEXT NOT NULL);
CREATE UNIQUE INDEX plant_equipment_name ON plant_equipment(tenant, parent, name);
CREATE INDEX plant_equipment_sorted ON plant_equipment(tenant, name COLLATE natural_order, id);

-- Every node with each of its ancestors and itself (depth 0).
CREATE TABLE plant_equipment_below (
  ancestor BIGINT NOT NULL, node BIGINT NOT NULL, depth BIGINT NOT NULL, PRIMARY KEY (ancestor, node));
CREATE INDEX plant_equipment_above ON plant_equipment_below(node, depth, ancestor);

CREATE TABLE plant_link (
  id {id}, tenant BIGINT NOT NULL REFERENCES plant_tenant(id), name TEXT NOT NULL, driver TEXT NOT NULL,
  config TEXT NOT NULL, enabled BIGINT NOT NULL, version BIGINT NOT NULL, search TEXT NOT NULL);
CREATE UNIQUE INDEX plant_link_name ON plant_link(tenant, name);
CREATE INDEX plant_link_sorted ON plant_link(tenant, name COLLATE natural_order, id);

CREATE TABLE plant_device (
  id {id}, tenant BIGINT NOT NULL REFERENCES plant_tenant(id), link BIGINT NOT NULL,
  equipment BIGINT NOT NULL REFERENCES plant_equipment(id), class TEXT NOT NULL, name TEXT NOT NULL,
  description TEXT NOT NULL, manufacturer TEXT NOT NULL, model TEXT NOT NULL, config TEXT NOT NULL,
  origin TEXT NOT NULL, enabled BIGINT NOT NULL, version BIGINT NOT NULL, search TEXT NOT NULL);
CREATE UNIQUE INDEX plant_device_name ON plant_device(tenant, link, name);
CREATE INDEX plant_device_sorted ON plant_device(tenant, name COLLATE natural_order, id);
CREATE INDEX plant_device_link ON plant_device(link);
CREATE INDEX plant_device_equipment ON plant_device(equipment);

CREATE TABLE plant_point (
  id {id}, tenant BIGINT NOT NULL REFERENCES plant_tenant(id), device BIGINT NOT NULL REFERENCES plant_device(id),
  name TEXT NOT NULL, description TEXT NOT NULL, address TEXT NOT NULL, type TEXT NOT NULL, unit TEXT NOT NULL,
  factor DOUBLE PRECISION NOT NULL, addend DOUBLE PRECISION NOT NULL, digits BIGINT NOT NULL,
  deadband DOUBLE PRECISION NOT NULL, period BIGINT NOT NULL, access TEXT NOT NULL,
  display_low DOUBLE PRECISION, display_high DOUBLE PRECISION, normal_low DOUBLE PRECISION,
  normal_high DOUBLE PRECISION, limit_low DOUBLE PRECISION, limit_high DOUBLE PRECISION,
  interpolation TEXT NOT NULL, expected BIGINT NOT NULL, history BIGINT NOT NULL, enabled BIGINT NOT NULL,
  version BIGINT NOT NULL, search TEXT NOT NULL);
CREATE UNIQUE INDEX plant_point_name ON plant_point(device, name);
CREATE INDEX plant_point_sorted ON plant_point(tenant, name COLLATE natural_order, id);

-- Names that appeared at run time keep their point for good, also when people rename it.
CREATE TABLE plant_series_group (
  tenant BIGINT NOT NULL, name TEXT NOT NULL, device BIGINT NOT NULL, PRIMARY KEY (tenant, name));
CREATE INDEX plant_series_group_device ON plant_series_group(device);
CREATE TABLE plant_series (
  tenant BIGINT NOT NULL, group_name TEXT NOT NULL, name TEXT NOT NULL, point BIGINT NOT NULL,
  PRIMARY KEY (tenant, group_name, name));
CREATE INDEX plant_series_point ON plant_series(point);
)sql";

}  // namespace

const stores::Migrations& plant_migrations() {
  static const stores::Migrations kMigrations{"plant", {kFirst}};
  return kMigrations;
}

}  // namespace karez::catalog
