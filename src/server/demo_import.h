// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/file.h"
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
/// links, devices, points. The file `marks` remembers what was imported, so that what people renamed,
/// changed or deleted since is left alone; only the links' ports change with every start, where they are
/// still those of the start before. An import that was interrupted goes on at the next start. Answers what
/// past to give to new points. Thread: worker.
/// Errors: demo.bad_description, registry errors, file errors.
Result<std::vector<Backfill>> import_plant(catalog::PlantRegistry& registry, model::TenantId tenant,
                                           std::string_view description, const PlantPorts& ports, const Path& marks);

}  // namespace karez::server
