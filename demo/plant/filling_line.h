// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace karez::plant {

/// A bottle filling line as a few coupled equations: speeds that ramp, a tank that is refilled, cooling,
/// jams, cleaning, and machines behind that follow the filler. Invented, but of one piece: what one
/// protocol shows agrees with what another shows.
/// Thread: one.
class FillingLine {
 public:
  enum class State : std::uint8_t { stopped, starting, running, fault, cleaning };
  struct Filler {
    State state = State::starting;
    bool run = true, door_closed = true, low_level = false, jam = false;
    double speed_setpoint = 24'000, temperature_setpoint = 4;
    double speed = 0;  ///< bottles per hour
    double temperature = 6, level = 70, pressure = 0, motor_current = 0, vibration = 0;
    double bottles = 0, rejects = 0, running_seconds = 0;
    int lot = 1;
  };
  struct Capper {
    double speed = 0, torque = 1.8, cap_level = 90, count = 0;
    State state = State::stopped;
  };
  struct Labeller {
    double speed = 0, glue_temperature = 160, labels_left = 40'000, misread = 0, count = 0;
    State state = State::stopped;
  };
  struct Palletiser {
    double layers = 0, arm_current = 5;
    State state = State::stopped;
    int layer() const { return static_cast<int>(static_cast<std::uint64_t>(layers) % 5) + 1; }
    std::int64_t pallets() const { return static_cast<std::int64_t>(layers / 5); }
  };

  static constexpr double kBottlesPerLot = 50'000;

  explicit FillingLine(std::uint64_t seed) : random_(seed) {}
  /// Moves the line on by `seconds` of its own time, in steps of a second at most.
  void advance(double seconds);

  Filler filler;
  Capper capper;
  Labeller labeller;
  Palletiser palletiser;

  std::string lot_name() const;
  std::uint16_t status_word() const;

 private:
  void step(double dt);
  void step_filler(double dt);
  void step_downstream(double dt);
  double noise(double deviation);
  bool happens(double per_hour, double dt);

  std::mt19937_64 random_;
  bool refilling_ = false;
  double starting_left_ = 10, fault_left_ = 0, cleaning_left_ = 0, since_cleaning_ = 0,
         temperature_lag_ = 6;  // seconds, °C
};

}  // namespace karez::plant
