// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "connect/driver.h"

namespace karez::connect {

/// Told of every state change of links and devices. Thread: loops; must not block.
using StateListener =
    std::function<void(model::TenantId, model::LinkId, model::DeviceId, LinkState, std::string slug, std::string text)>;

/// `reason_text` is what the slug does not say (an address, a status name), in English and without a cure;
/// `since` is the beginning of the state, where connecting, back-off and offline count as one.
struct DeviceStatus {
  model::DeviceId device;
  LinkState state = LinkState::connecting;
  std::string reason_slug, reason_text;
  Timestamp since = kMinTime;
};
struct LinkStatus {
  LinkState state = LinkState::disabled;
  std::string reason_slug, reason_text;
  Timestamp since = kMinTime;
  LinkStats stats;
  std::vector<DeviceStatus> devices;
};

/// Runs the drivers of all enabled links on a few loops, restarts one when its connection settings
/// change, hands new point maps to running ones.
/// Thread: any worker (calls may wait; never from a loop or lane).
class LinkHub {
 public:
  struct Options {
    unsigned loops = 2;
    std::uint32_t first_source = 1'000;  ///< SourceIds from here on are the hub's; others take lower ones
    /// See DriverContext; called on loops, must not block.
    std::function<void(std::span<const model::PointId>, Timestamp)> seen = {};
  };
  LinkHub(Options options, const std::vector<const DriverInfo*>& drivers, model::SampleSink& out,
          model::BatchPool& blocks, Clock& clock, Log& log, StateListener listener);
  ~LinkHub();
  LinkHub(const LinkHub&) = delete;
  LinkHub& operator=(const LinkHub&) = delete;

  /// Starts the link, or changes it to this. `config` differing from the running one reconnects; a new
  /// map alone does not.
  Result<> apply(const LinkConfig& link, const std::string& driver, std::shared_ptr<const PointMap> points);
  /// Stops it; nothing when it does not run.
  void remove(model::LinkId link);
  LinkStatus status(model::LinkId link) const;

  Result<TestReport> test(const std::string& driver, const LinkConfig& link, std::shared_ptr<const PointMap> points,
                          Duration timeout);
  Result<BrowsePage> browse(const std::string& driver, const LinkConfig& link, const BrowseRequest& request,
                            Duration timeout);
  Result<Address> validate(const std::string& driver, std::string_view address) const;
  Result<std::vector<WriteResult>> write(model::LinkId link, std::vector<Write> writes, Duration timeout);
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::connect
