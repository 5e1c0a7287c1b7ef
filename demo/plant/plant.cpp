// SPDX-License-Identifier: Apache-2.0
#include "plant/plant.h"

#include <algorithm>
#include <cmath>

namespace karez::plant {

Plant::Plant(Recordings recordings, std::uint64_t seed)
    : line(seed), recordings_(std::move(recordings)), cells_(kCells), random_(seed + 1) {
  for (std::size_t i = 0; i < kCells; ++i) cells_[i].recording = i * 2 % recordings_.engines.size();
}

bool Plant::advance(double seconds) {
  const std::uint64_t before = second();
  time_ += seconds;
  line.advance(seconds);
  step_utilities(seconds);
  for (std::uint64_t passed = second() - before; passed > 0; --passed) {
    for (TestCell& cell : cells_) {
      if (++cell.row < recordings_.engines[cell.recording].rows.size()) continue;
      cell.recording = (cell.recording + 1) % recordings_.engines.size();
      cell.row = 0;
    }
  }
  return second() != before;
}

double Plant::machine_temperature() const {
  return recordings_.machine.rows[second() % recordings_.machine.rows.size()][0];
}

double Plant::ambient_temperature() const {
  return recordings_.ambient.rows[second() % recordings_.ambient.rows.size()][0];
}

std::span<const double> Plant::engine(std::size_t cell) const {
  return recordings_.engines[cells_.at(cell).recording].rows[cells_[cell].row];
}

std::pair<double, double> Plant::engine_range(std::size_t column) const {
  double low = recordings_.engines.front().rows.front()[column], high = low;
  for (const Recording& engine : recordings_.engines) {
    for (const auto& row : engine.rows) {
      low = std::min(low, row[column]);
      high = std::max(high, row[column]);
    }
  }
  return {low, high};
}

void Plant::step_utilities(double dt) {
  Utilities& u = utilities;
  const auto noise = [&](double deviation) { return std::normal_distribution<double>(0, deviation)(random_); };
  // The compressor loads below 6.8 bar and unloads above 7.4; the filler is its main consumer.
  u.air_pressure += dt * ((u.loaded ? 0.035 : 0) - 0.008 - line.filler.speed / 30'000 * 0.012);
  u.air_pressure = std::clamp(u.air_pressure, 5.0, 8.5);
  if (u.air_pressure > 7.4) u.loaded = false;
  if (u.air_pressure < 6.8 && !u.loaded) {
    u.loaded = true;
    ++u.starts;
  }
  u.air_power = std::max(0.0, (u.loaded ? 74 : 21) + noise(0.4));
  u.oil_temperature += ((u.loaded ? 88 : 66) - u.oil_temperature) * (1 - std::exp(-dt / 180));
  const double load =
      u.breaker_closed ? 48 + u.air_power + line.filler.motor_current * 1.4 + line.palletiser.arm_current : 0;
  u.active_power = u.breaker_closed ? std::max(0.0, load + noise(0.6)) : 0;
  u.reactive_power = u.active_power * 0.42;
  u.energy_wh += u.active_power * 1000 * dt / 3600;
  u.frequency = 50 + 0.02 * std::sin(time_ / 37) + noise(0.004);
  for (double& v : u.voltage) v = 231 - u.active_power * 0.012 + noise(0.25);
}

}  // namespace karez::plant
