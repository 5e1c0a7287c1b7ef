// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/bounded_queue.h"
#include "base/log.h"
#include "catalog/plant_registry.h"
#include "connect/link_hub.h"

namespace karez::server {

/// Keeps the running links equal to the registry: builds each link's point map and hands it to the hub.
/// Changes are applied one after the other on a thread of its own, since applying may wait.
/// Thread: any.
class LinkSync {
 public:
  LinkSync(catalog::PlantRegistry& registry, connect::LinkHub& hub, Log& log);
  ~LinkSync();  ///< waits for the change under way
  LinkSync(const LinkSync&) = delete;
  LinkSync& operator=(const LinkSync&) = delete;

  /// Applies these links soon. A full queue applies on the caller's thread instead of losing any.
  void changed(const std::vector<model::LinkId>& links);
  /// Name of a link or device that was applied once; for events, which come from threads that must not
  /// ask the registry. Empty when unknown.
  std::string name_of(model::LinkId link, model::DeviceId device) const;

 private:
  void apply(model::LinkId id);
  catalog::PlantRegistry& registry_;
  connect::LinkHub& hub_;
  Log& log_;
  void remember(const catalog::PlantRegistry::LinkPlan& plan);
  std::mutex applying_;
  mutable std::mutex names_mutex_;
  std::unordered_map<model::LinkId, std::string> link_names_;
  std::unordered_map<model::DeviceId, std::string> device_names_;
  std::uint64_t revision_ = 0;
  BoundedQueue<model::LinkId> queue_{4096};
  std::jthread thread_;
};

}  // namespace karez::server
