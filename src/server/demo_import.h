// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "catalog/plant_registry.h"

namespace karez::server {

struct PlantPorts {
  std::uint16_t modbus = 0, opcua = 0, mqtt = 0;
};

/// Puts the plant of `description` (demo/plant/plant.json) into the tenant: enterprise data, equipment,
/// links, devices, points. What is there by name already is left alone, but for the links' ports, which
/// change with every start. Thread: worker. Errors: demo.bad_description, registry errors.
Result<> import_plant(catalog::PlantRegistry& registry, model::TenantId tenant, std::string_view description,
                      const PlantPorts& ports);

}  // namespace karez::server
