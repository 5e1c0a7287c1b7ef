// SPDX-License-Identifier: Apache-2.0
#include "plant/filling_line.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"

namespace karez::plant {
namespace {

constexpr double kCleanEvery = 4 * 3600, kCleanFor = 600;  // seconds

double towards(double now, double aim, double seconds, double dt) {
  return now + (aim - now) * (1 - std::exp(-dt / seconds));
}

}  // namespace

double FillingLine::noise(double deviation) { return std::normal_distribution<double>(0, deviation)(random_); }

bool FillingLine::happens(double per_hour, double dt) {
  return std::uniform_real_distribution<double>(0, 1)(random_) < per_hour * dt / 3600;
}

void FillingLine::advance(double seconds) {
  for (seconds = std::min(seconds, 3600.0); seconds > 0; seconds -= 1) step(std::min(seconds, 1.0));
}

void FillingLine::step(double dt) {
  step_filler(dt);
  step_downstream(dt);
}

void FillingLine::step_filler(double dt) {
  Filler& f = filler;
  if (!f.run) {
    f.state = State::stopped;
    starting_left_ = 10;
  } else if (fault_left_ > 0) {
    f.state = State::fault;
    fault_left_ -= dt;
    starting_left_ = 10;
  } else if (cleaning_left_ > 0) {
    f.state = State::cleaning;
    cleaning_left_ -= dt;
    starting_left_ = 10;
  } else if (starting_left_ > 0) {
    f.state = State::starting;
    starting_left_ -= dt;
  } else {
    f.state = State::running;
    since_cleaning_ += dt;
    if (happens(8, dt)) fault_left_ = 15 + std::abs(noise(30));
    if (since_cleaning_ > kCleanEvery) {
      since_cleaning_ = 0;
      cleaning_left_ = kCleanFor;
    }
  }
  const bool running = f.state == State::running;
  f.jam = f.state == State::fault;
  f.door_closed = !(f.jam && fault_left_ > 5);  // somebody opens it to clear the bottles
  f.speed =
      towards(f.speed, running ? std::clamp(f.speed_setpoint, 0.0, 30'000.0) + noise(60) : 0, running ? 8 : 2, dt);
  if (f.speed < 1) f.speed = 0;
  const double filled = f.speed * dt / 3600;
  f.bottles += filled;
  if (running && happens(60, dt)) f.rejects += 1;
  f.lot = 1 + static_cast<int>(f.bottles / kBottlesPerLot);
  // Half a litre a bottle out of a tank of 3,000 litres; a valve refills it between two levels.
  f.level -= filled * 0.5 / 3000 * 100;
  if (f.level < 45) refilling_ = true;
  if (f.level > 88) refilling_ = false;
  if (refilling_) f.level += 0.15 * dt;
  f.level = std::clamp(f.level, 0.0, 100.0);
  f.low_level = f.level < 20;
  const double aim = f.state == State::cleaning ? 78 : f.temperature_setpoint + (refilling_ ? 0.8 : 0);
  temperature_lag_ = towards(temperature_lag_, aim, 60, dt);
  f.temperature = temperature_lag_ + noise(0.04);
  f.pressure = towards(f.pressure, running ? 2.2 : 0.4, 5, dt) + noise(0.004);
  f.motor_current = std::max(0.0, 3 + f.speed / 30'000 * 22 + noise(0.15));
  f.vibration = std::max(0.1, 0.4 + f.speed / 30'000 * 1.9 + (f.jam ? 2.5 : 0) + noise(0.08));
  if (running) f.running_seconds += dt;
}

void FillingLine::step_downstream(double dt) {
  capper.speed = towards(capper.speed, filler.speed, 3, dt);
  capper.state = capper.speed > 500 ? State::running : State::stopped;
  capper.torque = capper.state == State::running ? 1.8 + noise(0.06) : 0;
  capper.count += capper.speed * dt / 3600;
  capper.cap_level -= capper.speed * dt / 3600 / 300;
  if (capper.cap_level < 12) capper.cap_level = 95;

  labeller.speed = towards(labeller.speed, capper.speed, 4, dt);
  labeller.state = labeller.speed > 500 ? State::running : State::stopped;
  labeller.glue_temperature = towards(labeller.glue_temperature, 160, 120, dt) + noise(0.1);
  labeller.labels_left -= labeller.speed * dt / 3600;
  if (labeller.labels_left < 200) labeller.labels_left = 40'000;
  if (labeller.state == State::running && happens(20, dt)) labeller.misread += 1;
  labeller.count += labeller.speed * dt / 3600;

  palletiser.layers = labeller.count / 240;
  palletiser.state = labeller.state;
  palletiser.arm_current = std::max(0.5, (labeller.state == State::running ? 12 : 2) + noise(0.8));
}

std::string FillingLine::lot_name() const { return karez::format("LOT-{:06}", filler.lot); }

std::uint16_t FillingLine::status_word() const {
  return static_cast<std::uint16_t>((filler.state == State::running ? 1 : 0) | (filler.low_level ? 2 : 0) |
                                    (filler.jam ? 4 : 0) | (filler.door_closed ? 8 : 0) |
                                    (filler.state == State::cleaning ? 16 : 0));
}

}  // namespace karez::plant
