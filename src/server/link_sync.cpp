// SPDX-License-Identifier: Apache-2.0
#include "server/link_sync.h"

namespace karez::server {
namespace {

std::shared_ptr<const connect::PointMap> make_map(const catalog::PlantRegistry::LinkPlan& plan,
                                                  std::uint64_t revision) {
  auto map = std::make_shared<connect::PointMap>();
  map->revision = revision;
  map->tenant = plan.link.tenant;
  std::unordered_map<model::DeviceId, std::size_t> index;
  for (const model::Device& d : plan.devices) {
    index.emplace(d.id, map->devices.size());
    map->devices.push_back({.id = d.id, .name = d.name, .config = d.config, .origin = d.origin});
  }
  map->points.reserve(plan.points.size());
  for (const model::Point& p : plan.points) {
    const auto device = index.find(p.device);
    if (device == index.end()) continue;
    map->points.push_back({.id = p.id,
                           .device = device->second,
                           .address = p.address,
                           .type = p.type,
                           .scale = p.scale,
                           .offset = p.offset,
                           .deadband = p.deadband,
                           .period = p.period,
                           .access = p.access});
  }
  return map;
}

}  // namespace

LinkSync::LinkSync(catalog::PlantRegistry& registry, connect::LinkHub& hub, Log& log)
    : registry_(registry), hub_(hub), log_(log), thread_([this](std::stop_token stop) {
        while (auto id = queue_.pop(stop)) apply(*id);
      }) {}

LinkSync::~LinkSync() {
  thread_.request_stop();
  queue_.close();
}

void LinkSync::changed(const std::vector<model::LinkId>& links) {
  for (const model::LinkId id : links)
    if (!queue_.try_push(model::LinkId(id))) apply(id);
}

std::string LinkSync::name_of(model::LinkId link, model::DeviceId device) const {
  const std::lock_guard lock(names_mutex_);
  if (device) {
    const auto it = device_names_.find(device);
    return it == device_names_.end() ? "" : it->second;
  }
  const auto it = link_names_.find(link);
  return it == link_names_.end() ? "" : it->second;
}

void LinkSync::remember(const catalog::PlantRegistry::LinkPlan& plan) {
  const std::lock_guard lock(names_mutex_);
  link_names_[plan.link.id] = plan.link.name;
  for (const model::Device& d : plan.devices) device_names_[d.id] = d.name;
}

void LinkSync::apply(model::LinkId id) {
  const std::lock_guard lock(applying_);
  auto plan = registry_.link_plan(id);
  if (!plan) {
    hub_.remove(id);
    if (plan.error().code() != Errc::not_found)
      log_.error("server", "Link {} is stopped, its plan cannot be read: {}", to_string(id), plan.error().message());
    return;
  }
  remember(*plan);
  if (!plan->link.enabled) {
    hub_.remove(id);
    return;
  }
  const connect::LinkConfig config{
      .id = id, .tenant = plan->link.tenant, .name = plan->link.name, .config = plan->link.config};
  if (auto done = hub_.apply(config, plan->link.driver, make_map(*plan, ++revision_));
      !done && done.error().code() != Errc::cancelled)  // cancelled: the platform is stopping
    log_.error("server", "Link '{}' cannot start: {}", plan->link.name, done.error().message());
}

}  // namespace karez::server
