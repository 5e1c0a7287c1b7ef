// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "connect/driver.h"
#include "connect/opcua/guest.h"
#include "connect/opcua/session.h"

namespace karez::connect::opcua {

/// A connection for looking around before anything is saved: tests and browses with plain blocking
/// calls. Kept between pages of one browse, since continuation points belong to the session.
/// Thread: the guest's.
class Probe {
 public:
  Probe(Guest& guest, Settings settings) : guest_(guest), settings_(std::move(settings)) {}
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  Result<TestReport> test(const PointMap& points);
  Result<BrowsePage> browse(const BrowseRequest& request);

 private:
  Result<> connect();
  void describe(std::vector<BrowseNode>& nodes, const std::vector<UA_NodeId>& ids);
  void close();
  void identify(TestReport& report);
  void read_first(const PointMap& points, TestReport& report);
  Guest& guest_;
  Settings settings_;
  UA_Client* client_ = nullptr;
  UA_ByteString continuation_ = UA_BYTESTRING_NULL;
  std::string continuation_name_;
};

}  // namespace karez::connect::opcua
