// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/error.h"
#include "base/time.h"
#include "plant/mqtt_client.h"
#include "plant/plant.h"

namespace karez::plant {

/// The edge node "Karez/Utilities" of Sparkplug B 3.0 with the devices Meter1 (simulated, data by alias)
/// and Ambient (replayed, data by name): births, data by exception, death as will, rebirth on command.
/// Thread: one.
class SparkplugNode {
 public:
  static Result<std::unique_ptr<SparkplugNode>> open(const Broker& broker, Plant& plant, const Clock& clock);
  ~SparkplugNode();

  bool connected() const noexcept;
  void serve();
  /// Sends what changed since the last call.
  void show();
  /// Publishes the death and disconnects.
  void close();

 private:
  struct Impl;
  explicit SparkplugNode(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::plant
