// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/api_server.h"
#include "base/error.h"
#include "server/options.h"

namespace karez::server {

/// The whole running platform: built in order of dependency, stopped in reverse.
/// Thread: main.
class Platform {
 public:
  /// Everything but the network face and the links: stores opened, schemas up to date.
  /// Errors: server.data_in_use (another process has the data; nothing of it was touched), store errors.
  static Result<std::unique_ptr<Platform>> open(const ServerOptions& options);
  ~Platform();  ///< stops what runs
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  /// Starts lanes, links and the API.
  Result<> start();
  /// Stops taking input, drains, makes everything durable, closes.
  void stop();

  catalog::PlantRegistry& registry();
  stream::Lanes& lanes();
  model::BatchPool& blocks();
  Clock& clock();
  Log& log();
  /// The tenant that exists from the first start on.
  model::TenantId first_tenant() const;
  /// One-time password of user "admin", as long as nobody ever logged in. It replaces the one of the start
  /// before, so this comes last, when nothing can fail any more.
  Result<std::optional<std::string>> make_first_user();
  std::uint16_t port() const;

 private:
  struct Impl;
  explicit Platform(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::server
