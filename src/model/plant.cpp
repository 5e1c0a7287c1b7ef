// SPDX-License-Identifier: Apache-2.0
#include "model/plant.h"

#include <array>
#include <utility>

namespace karez::model {
namespace {

constexpr std::array<std::pair<EquipmentLevel, std::string_view>, 11> kLevels{{
    {EquipmentLevel::enterprise, "enterprise"},
    {EquipmentLevel::site, "site"},
    {EquipmentLevel::area, "area"},
    {EquipmentLevel::process_cell, "process_cell"},
    {EquipmentLevel::production_unit, "production_unit"},
    {EquipmentLevel::production_line, "production_line"},
    {EquipmentLevel::storage_zone, "storage_zone"},
    {EquipmentLevel::unit, "unit"},
    {EquipmentLevel::work_cell, "work_cell"},
    {EquipmentLevel::storage_unit, "storage_unit"},
    {EquipmentLevel::equipment_module, "equipment_module"},
}};

constexpr std::array<std::pair<DeviceClass, std::string_view>, 5> kClasses{{
    {DeviceClass::production_equipment, "production_equipment"},
    {DeviceClass::process_unit, "process_unit"},
    {DeviceClass::product_in_use, "product_in_use"},
    {DeviceClass::control_system, "control_system"},
    {DeviceClass::gateway, "gateway"},
}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
  for (const auto& [v, name] : table)
    if (v == value) return name;
  return "";
}

template <class Value, class Table>
std::optional<Value> value_in(const Table& table, std::string_view text) {
  for (const auto& [v, name] : table)
    if (name == text) return v;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(EquipmentLevel level) { return name_in(kLevels, level); }
std::optional<EquipmentLevel> parse_equipment_level(std::string_view text) {
  return value_in<EquipmentLevel>(kLevels, text);
}

std::string_view to_string(DeviceClass device_class) { return name_in(kClasses, device_class); }
std::optional<DeviceClass> parse_device_class(std::string_view text) { return value_in<DeviceClass>(kClasses, text); }

bool may_contain(EquipmentLevel parent, EquipmentLevel child) {
  using enum EquipmentLevel;
  switch (parent) {
    case enterprise: return child == site;
    case site: return child == area;
    case area:
      return child == process_cell || child == production_unit || child == production_line || child == storage_zone;
    case process_cell:
    case production_unit: return child == unit;
    // The standard names work cells below a line; plants also number the machines of a line as units.
    case production_line: return child == work_cell || child == unit;
    case storage_zone: return child == storage_unit;
    case unit:
    case work_cell:
    case storage_unit:
    case equipment_module: return child == equipment_module;  // modules nest (IEC 61512-1, 5.2.2.4)
  }
  return false;
}

}  // namespace karez::model
