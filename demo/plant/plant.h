// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <utility>

#include "plant/filling_line.h"
#include "plant/recording.h"

namespace karez::plant {

/// Power and compressed air: simulated, following the line.
struct Utilities {
  double active_power = 60, reactive_power = 20, energy_wh = 0, frequency = 50;
  double voltage[3] = {230, 230, 230};
  bool breaker_closed = true;
  double air_pressure = 7, air_power = 0, oil_temperature = 60;
  bool loaded = true;
  std::int64_t starts = 1;
};

/// What one engine test cell shows: a recorded engine from its first cycle to its failure, then the next.
struct TestCell {
  std::size_t recording = 0, row = 0;
};

/// Everything that the servers show, moved on by one call. One recorded value a second of plant time.
/// Thread: one.
class Plant {
 public:
  static constexpr std::size_t kCells = 5;

  Plant(Recordings recordings, std::uint64_t seed);
  /// `seconds` of plant time. True when a whole second has passed: recorded values are new.
  bool advance(double seconds);

  /// Whole seconds of plant time since the start.
  std::uint64_t second() const noexcept { return static_cast<std::uint64_t>(time_); }
  double machine_temperature() const;
  double ambient_temperature() const;
  std::span<const double> engine(std::size_t cell) const;  ///< unit, cycle, settings, sensors
  /// Least and greatest recorded value of a column over all engines.
  std::pair<double, double> engine_range(std::size_t column) const;
  std::span<const std::string> engine_columns() const { return recordings_.engines.front().columns; }

  FillingLine line;
  Utilities utilities;

 private:
  void step_utilities(double dt);
  Recordings recordings_;
  std::vector<TestCell> cells_;
  std::mt19937_64 random_;
  double time_ = 0;
};

}  // namespace karez::plant
