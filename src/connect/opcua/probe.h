// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "connect/driver.h"
#include "connect/opcua/client.h"

namespace karez::connect::opcua {

/// A connection for looking around before anything is saved: tests and browses with plain blocking
/// calls.
/// Thread: the guest's.
class Probe {
 public:
  Probe(Guest& guest, Settings settings) : guest_(guest), settings_(std::move(settings)) {}
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  Result<TestReport> test(const PointMap& points, net::Deadline deadline);
  /// A continuation holds where it goes on, so any probe of this server understands it: the session that
  /// gave the page before may be gone, and some servers know no continuation points.
  Result<BrowsePage> browse(const BrowseRequest& request, net::Deadline deadline);

 private:
  Result<> connect(net::Deadline deadline);
  /// Calls end by the deadline. Errors: opcua.timeout once it has passed.
  Result<> keep_to(net::Deadline deadline);
  struct Child {
    BrowseNode shown;
    UA_ReferenceDescription reference;
  };
  class Children;
  Result<> read_children(const UA_NodeId& node, std::size_t wanted, net::Deadline deadline, Children& into);
  void describe(std::span<Child> children, net::Deadline deadline);
  void close();
  void identify(TestReport& report, net::Deadline deadline);
  Result<> read_first(const PointMap& points, TestReport& report, net::Deadline deadline);
  TestValue read(const std::string& address);
  Guest& guest_;
  Settings settings_;
  UA_Client* client_ = nullptr;
  Discovery discovery_;
  std::vector<std::string> namespaces_;
};

}  // namespace karez::connect::opcua
