// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/probe.h"

#include <utility>

#include "base/format.h"

namespace karez::connect::opcua {
namespace {

constexpr std::size_t kFirstValues = 20;

}  // namespace

Probe::~Probe() { close(); }

void Probe::close() { delete_client(std::exchange(client_, nullptr), settings_); }

Result<> Probe::keep_to(net::Deadline deadline) {
  if (deadline.passed()) return fail(error_of(UA_STATUSCODE_BADTIMEOUT, settings_.endpoint));
  wait_at_most(client_, settings_, deadline.left());
  return {};
}

Result<> Probe::connect(net::Deadline deadline) {
  if (client_ != nullptr) {
    UA_SecureChannelState channel;
    UA_SessionState session;
    UA_StatusCode status;
    UA_Client_getState(client_, &channel, &session, &status);
    if (session == UA_SESSIONSTATE_ACTIVATED && status == UA_STATUSCODE_GOOD) return keep_to(deadline);
    close();
  }
  client_ = make_client(guest_, settings_, &discovery_);
  if (client_ == nullptr) return fail(Errc::exhausted, "opcua.memory");
  discovery_ = {};
  UA_Client_getConfig(client_)->stateCallback = [](UA_Client* client, UA_SecureChannelState channel,
                                                   UA_SessionState session, UA_StatusCode) {
    static_cast<Discovery*>(UA_Client_getContext(client))->follow(client, channel, session);
  };
  KZ_CHECK(keep_to(deadline));
  const auto status = UA_Client_connect(client_, settings_.endpoint.c_str());
  auto names = status == UA_STATUSCODE_GOOD
                   ? keep_to(deadline).and_then([&] { return read_namespaces(client_); })
                   : Result<std::vector<std::string>>(fail(error_of(status, settings_.endpoint)));
  if (names) {
    namespaces_ = std::move(*names);
    return {};
  }
  close();
  return fail(std::move(names.error()));
}

void Probe::identify(TestReport& report, net::Deadline deadline) {
  const auto read = [&](UA_UInt32 node, const char* name, auto& into) {
    if (!keep_to(deadline)) return;
    Owned<UA_Variant> value(UA_TYPES[UA_TYPES_VARIANT]);
    if (UA_Client_readValueAttribute(client_, UA_NODEID_NUMERIC(0, node), &*value) != UA_STATUSCODE_GOOD) return;
    UA_DataValue shown;
    UA_DataValue_init(&shown);
    shown.hasValue = true;
    shown.value = *value;
    into.emplace_back(name, value_text(shown));
  };
  read(UA_NS0ID_SERVER_SERVERSTATUS_BUILDINFO_PRODUCTNAME, "product", report.identity);
  read(UA_NS0ID_SERVER_SERVERSTATUS_BUILDINFO_MANUFACTURERNAME, "manufacturer", report.identity);
  read(UA_NS0ID_SERVER_SERVERSTATUS_BUILDINFO_SOFTWAREVERSION, "version", report.identity);
  read(UA_NS0ID_SERVER_SERVERSTATUS_CURRENTTIME, "time", report.identity);
  read(UA_NS0ID_SERVER_SERVERCAPABILITIES_OPERATIONLIMITS_MAXNODESPERREAD, "max_nodes_per_read", report.limits);
  read(UA_NS0ID_SERVER_SERVERCAPABILITIES_OPERATIONLIMITS_MAXMONITOREDITEMSPERCALL, "max_items_per_call",
       report.limits);
}

TestValue Probe::read(const std::string& text) {
  TestValue shown{.address = text, .text = {}, .quality = model::quality::kBadConfiguration};
  const auto address = parse_address(text);
  auto id = address ? node_id(*address, namespaces_) : Result<UA_NodeId>(fail(Error(address.error())));
  if (!id) {
    if (id.error().code() == Errc::not_found) shown.quality = model::quality::kBadNodeUnknown;
    shown.error = id.error();
    return shown;
  }
  Owned<UA_NodeId> node(*id, UA_TYPES[UA_TYPES_NODEID]);
  UA_ReadValueId what;
  UA_ReadValueId_init(&what);
  what.nodeId = *node;
  what.attributeId = UA_ATTRIBUTEID_VALUE;
  UA_ReadRequest request;
  UA_ReadRequest_init(&request);
  request.nodesToRead = &what;
  request.nodesToReadSize = 1;
  Owned<UA_ReadResponse> response(UA_Client_Service_read(client_, request), UA_TYPES[UA_TYPES_READRESPONSE]);
  UA_StatusCode status = response->responseHeader.serviceResult;
  if (response->resultsSize == 1) {
    const UA_DataValue& value = response->results[0];
    shown.text = value_text(value);
    status = value.hasStatus ? value.status : UA_STATUSCODE_GOOD;
  }
  shown.quality = quality_of(status);
  if (UA_StatusCode_isBad(status)) shown.error = error_of(status, text);
  return shown;
}

Result<> Probe::read_first(const PointMap& points, TestReport& report, net::Deadline deadline) {
  for (std::size_t i = 0; i < std::min(points.points.size(), kFirstValues); ++i) {
    KZ_CHECK(keep_to(deadline));
    report.values.push_back(read(points.points[i].address));
  }
  return {};
}

Result<TestReport> Probe::test(const PointMap& points, net::Deadline deadline) {
  TestReport report;
  const auto step = [&](const char* name, auto&& act) {
    const auto start = std::chrono::steady_clock::now();
    TestStep s{.name = name, .ok = true, .took = {}, .text = {}, .error = {}};
    if (auto done = act(s); !done) {
      s.ok = false;
      s.error = done.error();
    }
    s.took = std::chrono::steady_clock::now() - start;
    report.steps.push_back(std::move(s));
    return report.steps.back().ok;
  };
  const bool connected = step("connect", [&](TestStep& s) -> Result<> {
    KZ_CHECK(connect(deadline));
    s.text = settings_.user.empty() ? "None, anonymous" : "None, user " + settings_.user;
    return {};
  });
  if (!connected) return report;
  step("identify", [&](TestStep& s) -> Result<> {
    KZ_CHECK(keep_to(deadline));
    identify(report, deadline);
    if (!report.identity.empty()) s.text = report.identity.front().second;
    return {};
  });
  if (!points.points.empty())
    step("read", [&](TestStep& s) -> Result<> {
      KZ_CHECK(read_first(points, report, deadline));
      const auto good = std::ranges::count_if(report.values, [](const TestValue& v) { return v.quality.good(); });
      s.text = karez::format("{} / {}", good, report.values.size());
      if (good == 0)
        return fail(Error(Errc::not_found, "opcua.no_good_value")
                        .with("None of the points could be read.")
                        .cure("Browse the server and choose the nodes again."));
      return {};
    });
  close();
  return report;
}

}  // namespace karez::connect::opcua
