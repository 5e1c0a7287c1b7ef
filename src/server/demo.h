// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/error.h"
#include "server/options.h"
#include "server/platform.h"

namespace karez::server {

/// The demonstration plant: a private Mosquitto and `karez-plant` as child processes on free loopback
/// ports, and the plant's equipment, links, devices and points in the registry. They die with us.
/// Thread: main.
class Demo {
 public:
  /// Before Platform::start. On the first start the plant is imported; later the links are only pointed
  /// at the ports of today. Errors: demo.no_mosquitto, demo.no_plant, demo.not_ready, registry errors.
  static Result<std::unique_ptr<Demo>> start(Platform& platform, const ServerOptions& options);
  ~Demo();
  /// After Platform::start: gives points that replay a recording the recording as their past, so that
  /// there is history to look at from the first minute. Only on the first start. Errors: file errors,
  /// demo.bad_recording.
  Result<> backfill(Platform& platform);
  Demo(const Demo&) = delete;
  Demo& operator=(const Demo&) = delete;

 private:
  struct Impl;
  explicit Demo(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::server
