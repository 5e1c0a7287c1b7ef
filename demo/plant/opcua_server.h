// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "base/error.h"
#include "base/time.h"
#include "plant/plant.h"

namespace karez::plant {

/// An OPC UA server with open62541: the test hall with its engines and the filling line as a tree worth
/// browsing. Some sensors fail now and then, so that bad and uncertain values are seen.
/// Thread: one.
class OpcUaServer {
 public:
  /// On 127.0.0.1, anonymous, no security: a demonstration. Errors: plant.cannot_listen.
  static Result<std::unique_ptr<OpcUaServer>> open(std::uint16_t port, const Plant& plant);
  ~OpcUaServer();

  /// Takes over what clients wrote, then shows the present values with `now` as source time.
  void show(Plant& plant, Timestamp now);
  /// Serves what is waiting; does not block.
  void serve();

 private:
  struct Impl;
  explicit OpcUaServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::plant
