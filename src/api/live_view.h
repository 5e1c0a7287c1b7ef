// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "api/api_server.h"

namespace karez::api {

/// What the API must know of a point to judge its latest value.
struct PointInfo {
  model::PointId id;
  model::DeviceId device;
  model::Origin origin = model::Origin::unknown;
  Duration stale_after{0};  ///< 0: never
};
struct DeviceInfo {
  model::DeviceId id;
  model::LinkId link;
  model::DeviceClass device_class = model::DeviceClass::production_equipment;
  bool enabled = true;
  std::size_t first = 0, count = 0;  ///< its points in Plant::points
};

/// All devices and points of a tenant at one moment, without names. Points are ordered by device.
struct Plant {
  std::vector<PointInfo> points;
  std::unordered_map<model::DeviceId, DeviceInfo> devices;
  std::unordered_map<model::PointId, std::size_t> by_id;  ///< index into points
  Monotonic made;

  std::span<const PointInfo> points_of(model::DeviceId device) const;
  const PointInfo* point(model::PointId id) const;
};

/// Older than three expected intervals. Derived from the period only where every poll gives a sample.
Duration stale_after(const model::Point& point, model::LinkId link, bool polled);
/// False for what was never received and where `stale_after` is 0.
bool is_old(const stream::Latest& value, Duration stale_after, Timestamp now);

struct ConnState {
  connect::LinkState state = connect::LinkState::disabled;
  std::string slug, text;
  Timestamp since = kMinTime;
};

/// Joins what is configured with what is running: states of devices, counts of good points.
/// Thread: any worker.
class LiveView {
 public:
  explicit LiveView(Services& services) : services_(services) {}

  /// At most a few seconds old; exact after `changed`.
  Result<std::shared_ptr<const Plant>> plant(model::TenantId tenant);
  /// Something of the tenant was changed through the API.
  void changed(model::TenantId tenant);

  struct Freshness {
    std::uint64_t good = 0;  ///< good and not stale
    std::uint64_t total = 0;
    Timestamp last = kMinTime;
  };
  Freshness freshness(const Plant& plant, model::DeviceId device) const;
  bool is_stale(const PointInfo& point, const stream::Latest& value) const;

 private:
  Result<std::shared_ptr<const Plant>> load(model::TenantId tenant);
  Services& services_;
  std::mutex mutex_;
  struct Slot {
    std::shared_ptr<const Plant> plant;  ///< shared with those who read it
    std::uint64_t changes = 0;           ///< so that what was read before a change is not kept after it
  };
  std::map<model::TenantId, Slot> plants_;
};

/// States of links, each asked once; for one request.
class States {
 public:
  explicit States(Services& services) : services_(services) {}
  const connect::LinkStatus& link(model::LinkId id);
  ConnState of_link(const model::Link& link);
  /// A device without a link is judged by its values.
  ConnState of_device(const DeviceInfo& device, const LiveView::Freshness& fresh);

 private:
  Services& services_;
  std::unordered_map<model::LinkId, connect::LinkStatus> links_;
};

}  // namespace karez::api
