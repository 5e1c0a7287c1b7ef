// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "catalog/plant_registry.h"

namespace karez::server {

struct PlantPorts {
  std::uint16_t modbus = 0, opcua = 0, mqtt = 0;
};

/// A recording that becomes the past of a point: one value every `step`, the last one now.
struct Backfill {
  model::PointId point;
  std::string file;  ///< in the plant's data folder: a name, then one number a line
  Duration step{0};
};

/// Puts the plant of `description` (demo/plant/plant.json) into the tenant: enterprise data, equipment,
/// links, devices, points. What is there by name already is left alone, but for the links' ports, which
/// change with every start. Answers what past to give to new points. Thread: worker.
/// Errors: demo.bad_description, registry errors.
Result<std::vector<Backfill>> import_plant(catalog::PlantRegistry& registry, model::TenantId tenant,
                                           std::string_view description, const PlantPorts& ports);

}  // namespace karez::server
