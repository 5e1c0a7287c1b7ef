// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "base/error.h"
#include "base/time.h"
#include "plant/plant.h"

namespace karez::plant {

/// A Modbus TCP server with libmodbus: unit 1 the machine monitor, unit 2 the filler's controller. The
/// register map is that of plant.json.
/// Thread: one.
class ModbusServer {
 public:
  /// On 127.0.0.1; port 0 takes a free one. Errors: plant.cannot_listen.
  static Result<std::unique_ptr<ModbusServer>> open(std::uint16_t port);
  ~ModbusServer();

  std::uint16_t port() const noexcept;
  /// Takes over what clients wrote, then shows the present values.
  void show(Plant& plant);
  /// Serves requests for `longest` at most; returns earlier after some.
  void serve(Duration longest);

 private:
  struct Impl;
  explicit ModbusServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::plant
