// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "model/ids.h"
#include "model/origin.h"
#include "model/sample.h"

/// The things a plant consists of, as the metadata store keeps them. Plain data; `version` counts
/// changes and makes ETags. Texts are UTF-8. Configurations are JSON objects as text, checked against
/// the driver's schema before they get here.
namespace karez::model {

/// An enterprise as a tenant of the platform.
struct Tenant {
  TenantId id;
  std::string slug;  ///< in addresses: "demo"; [a-z0-9-]{1,40}
  std::string name;
  std::string uscc;      ///< unified social credit code, GB 32100, 18 characters; empty while unknown
  std::string industry;  ///< GB/T 4754 code: section letter + 0..4 digits, "C1521"
  std::string region;    ///< GB/T 2260 code, 6 digits
  std::string time_zone = "Asia/Shanghai";
  std::uint64_t version = 1;
};

/// Levels of the role-based equipment hierarchy (IEC 62264-1, 5.3), from the top down.
enum class EquipmentLevel : std::uint8_t {
  enterprise,
  site,
  area,
  process_cell,     ///< batch
  production_unit,  ///< continuous
  production_line,  ///< discrete
  storage_zone,
  unit,              ///< below process cell, production unit, line
  work_cell,         ///< below line
  storage_unit,
  equipment_module,
};
std::string_view to_string(EquipmentLevel level);
std::optional<EquipmentLevel> parse_equipment_level(std::string_view text);
/// Whether a node of level `child` may stand directly below `parent`.
bool may_contain(EquipmentLevel parent, EquipmentLevel child);

struct Equipment {
  EquipmentId id;
  TenantId tenant;
  EquipmentId parent;  ///< 0: the root (the enterprise)
  EquipmentLevel level = EquipmentLevel::area;
  std::string name, description;
  std::uint64_t version = 1;
};

enum class DeviceClass : std::uint8_t { production_equipment, process_unit, product_in_use, control_system, gateway };
std::string_view to_string(DeviceClass device_class);
std::optional<DeviceClass> parse_device_class(std::string_view text);

/// One transport to one or more devices: a data source.
struct Link {
  LinkId id;
  TenantId tenant;
  std::string name, driver;
  std::string config;  ///< JSON object by the driver's link schema
  bool enabled = true;
  std::uint64_t version = 1;
};

struct Device {
  DeviceId id;
  TenantId tenant;
  LinkId link;  ///< 0: no driver (line protocol, CSV)
  EquipmentId equipment;
  DeviceClass device_class = DeviceClass::production_equipment;
  std::string name, description, manufacturer, model;
  std::string config;  ///< JSON object by the driver's device schema
  Origin origin = Origin::unknown;
  bool enabled = true;
  std::uint64_t version = 1;
};

enum class Access : std::uint8_t { read, write, read_write };
enum class Interpolation : std::uint8_t { linear, step };

struct Range {
  std::optional<double> low, high;
};

struct Point {
  PointId id;
  TenantId tenant;
  DeviceId device;
  std::string name, description;
  std::string address;  ///< in the driver's grammar; empty for line protocol
  ValueType type = ValueType::float64;
  std::string unit;  ///< UCUM code, "Cel"; "1" for dimensionless, empty while unknown
  double scale = 1, offset = 0;  ///< stored = raw * scale + offset
  int precision = -1;            ///< digits after the point on screens; -1 automatic
  double deadband = 0;           ///< absolute, in the stored unit
  Duration period = std::chrono::seconds(1);  ///< wanted poll or sampling interval
  Access access = Access::read;
  Range display, normal, limit;
  Interpolation interpolation = Interpolation::linear;
  Duration expected_interval{0};  ///< 0: derived from period
  bool history = true;
  bool enabled = true;
  std::uint64_t version = 1;
};

}  // namespace karez::model
