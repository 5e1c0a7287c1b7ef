// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace karez::plant {

/// A table of numbers with names over its columns, as recorded.
struct Recording {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;

  /// Comma-separated numbers under one line of names. Errors: plant.bad_recording with file and line,
  /// file errors.
  static Result<Recording> load(const Path& file);
};

/// The recordings of the `data` folder.
struct Recordings {
  Recording machine, ambient;
  std::vector<Recording> engines;  ///< one per recorded engine, first row its first cycle

  /// Errors: those of Recording::load, plant.bad_recording when the engines' columns are missing.
  static Result<Recordings> load(const Path& folder);
};

/// Columns of an engine's row before its sensors: unit, cycle, three settings.
constexpr std::size_t kEngineHead = 5;

}  // namespace karez::plant
