// SPDX-License-Identifier: Apache-2.0
#include "api/live_view.h"

namespace karez::api {
namespace {

constexpr Duration kPlantAge = std::chrono::seconds(5);
/// Sources without a driver say nothing of their rhythm.
constexpr Duration kSilentAfter = std::chrono::minutes(3);

}  // namespace

std::span<const PointInfo> Plant::points_of(model::DeviceId device) const {
  const auto it = devices.find(device);
  if (it == devices.end()) return {};
  return std::span(points).subspan(it->second.first, it->second.count);
}

const PointInfo* Plant::point(model::PointId id) const {
  const auto it = by_id.find(id);
  return it == by_id.end() ? nullptr : &points[it->second];
}

Duration stale_after(const model::Point& point, model::LinkId link, bool polled) {
  if (point.expected_interval > Duration{0}) return 3 * point.expected_interval;
  if (!link) return kSilentAfter;
  // A deadband or a source that sends changes only leaves a steady value old but true.
  if (!polled || point.deadband > 0) return Duration{0};
  return 3 * std::max<Duration>(point.period, std::chrono::seconds(1));
}

Result<std::shared_ptr<const Plant>> LiveView::plant(model::TenantId tenant) {
  std::uint64_t changes = 0;
  {
    const std::lock_guard lock(mutex_);
    const Slot& slot = plants_[tenant];
    if (slot.plant && services_.clock.monotonic() - slot.plant->made < kPlantAge) return slot.plant;
    changes = slot.changes;
  }
  KZ_TRY(auto fresh, load(tenant));
  const std::lock_guard lock(mutex_);
  Slot& slot = plants_[tenant];
  if (slot.changes == changes) slot.plant = fresh;
  return fresh;
}

void LiveView::changed(model::TenantId tenant) {
  const std::lock_guard lock(mutex_);
  Slot& slot = plants_[tenant];
  slot.plant = nullptr;
  ++slot.changes;
}

Result<std::shared_ptr<const Plant>> LiveView::load(model::TenantId tenant) {
  const model::Scope scope{.tenant = tenant, .role = model::Role::owner, .user = {}, .subtrees = {}};
  auto plant = std::make_shared<Plant>();
  plant->made = services_.clock.monotonic();
  std::unordered_map<model::DeviceId, bool> polled;
  catalog::ListQuery query;
  query.limit = 1000;
  do {
    KZ_TRY(auto page, services_.registry.devices(scope, query));
    for (const catalog::DeviceRow& d : page.items) {
      plant->devices.emplace(
          d.id, DeviceInfo{.id = d.id, .link = d.link, .device_class = d.device_class, .enabled = d.enabled});
      const auto driver = std::ranges::find_if(services_.drivers, [&](const auto* i) { return i->id == d.driver; });
      polled[d.id] = driver != services_.drivers.end() && !(*driver)->subscribes;
    }
    query.cursor = page.next_cursor;
  } while (!query.cursor.empty());
  do {
    KZ_TRY(auto page, services_.registry.points(scope, query));
    for (const catalog::PointRow& p : page.items)
      plant->points.push_back({.id = p.id,
                               .device = p.device,
                               .origin = p.origin,
                               .stale_after = stale_after(p, p.link, polled[p.device])});
    query.cursor = page.next_cursor;
  } while (!query.cursor.empty());
  std::ranges::sort(plant->points, [](const PointInfo& a, const PointInfo& b) {
    return std::tie(a.device, a.id) < std::tie(b.device, b.id);
  });
  for (std::size_t i = 0; i < plant->points.size(); ++i) {
    plant->by_id.emplace(plant->points[i].id, i);
    DeviceInfo& device = plant->devices[plant->points[i].device];
    if (device.count++ == 0) device.first = i;
  }
  return plant;
}

bool is_old(const stream::Latest& value, Duration stale_after, Timestamp now) {
  if (!value.known() || stale_after <= Duration{0}) return false;
  const Timestamp seen = value.received != kMinTime ? value.received : value.time;
  return now - seen > stale_after;
}

bool LiveView::is_stale(const PointInfo& point, const stream::Latest& value) const {
  return is_old(value, point.stale_after, services_.clock.now());
}

LiveView::Freshness LiveView::freshness(const Plant& plant, model::DeviceId device) const {
  Freshness out;
  for (const PointInfo& p : plant.points_of(device)) {
    const stream::Latest value = services_.latest.get(p.id);
    ++out.total;
    if (!value.known()) continue;
    out.last = std::max(out.last, value.time);
    if (value.quality.good() && (value.flags & model::flag::kGap) == 0 && !is_stale(p, value)) ++out.good;
  }
  return out;
}

const connect::LinkStatus& States::link(model::LinkId id) {
  const auto it = links_.find(id);
  if (it != links_.end()) return it->second;
  return links_.emplace(id, services_.links.status(id)).first->second;
}

ConnState States::of_link(const model::Link& l) {
  if (!l.enabled) return {};
  const connect::LinkStatus& s = link(l.id);
  // Enabled, but its change is still on the way to the hub.
  const auto state = s.state == connect::LinkState::disabled ? connect::LinkState::connecting : s.state;
  return {.state = state, .slug = s.reason_slug, .text = s.reason_text, .since = s.since};
}

ConnState States::of_device(const DeviceInfo& device, const LiveView::Freshness& fresh) {
  if (!device.enabled) return {};
  if (!device.link) {
    if (fresh.good > 0 || fresh.total == 0)
      return {.state = connect::LinkState::online, .slug = {}, .text = {}, .since = fresh.last};
    return {.state = connect::LinkState::offline, .slug = "device.silent", .text = {}, .since = fresh.last};
  }
  const connect::LinkStatus& s = link(device.link);
  for (const connect::DeviceStatus& d : s.devices)
    if (d.device == device.id)
      return {.state = d.state, .slug = d.reason_slug, .text = d.reason_text, .since = d.since};
  return {.state = s.state, .slug = s.reason_slug, .text = s.reason_text, .since = s.since};
}

}  // namespace karez::api
