// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "plant/plant.h"

namespace karez::plant {

using Value = std::variant<double, std::int64_t, bool, std::string>;

/// What a client sees of one thing of the plant. Node ids are paths, "FillingLine.Capper.Torque"; the
/// parent of a node is the path before its last dot.
struct SpaceNode {
  enum class Kind : std::uint8_t { folder, object, variable, property } kind = Kind::folder;
  std::string path, name, description;
  std::string unit;                         ///< UCUM
  std::optional<std::pair<double, double>> range;
  std::function<Value(const Plant&)> read;  ///< variables and properties
  /// Upper 16 bits of the StatusCode by second of plant time; none: always good.
  std::function<std::uint16_t(std::uint64_t second)> status;
  std::function<void(Plant&, double)> write;  ///< what a client may set
};

/// The whole tree, parents before children.
std::vector<SpaceNode> make_space(const Plant& plant);

}  // namespace karez::plant
