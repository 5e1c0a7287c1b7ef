// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/probe.h"

#include <format>

#include "base/ids.h"

namespace karez::connect::opcua {
namespace {

constexpr std::size_t kFirstValues = 20;

}  // namespace

Probe::~Probe() { close(); }

void Probe::close() {
  UA_ByteString_clear(&continuation_);
  continuation_name_.clear();
  if (client_ != nullptr) UA_Client_delete(client_);
  client_ = nullptr;
}

Result<> Probe::connect() {
  if (client_ != nullptr) {
    UA_SecureChannelState channel;
    UA_SessionState session;
    UA_StatusCode status;
    UA_Client_getState(client_, &channel, &session, &status);
    if (session == UA_SESSIONSTATE_ACTIVATED && status == UA_STATUSCODE_GOOD) return {};
    close();
  }
  client_ = make_client(guest_, settings_, nullptr);
  if (client_ == nullptr) return fail(Errc::exhausted, "opcua.memory");
  const auto status = UA_Client_connect(client_, settings_.endpoint.c_str());
  if (status == UA_STATUSCODE_GOOD) return {};
  close();
  return fail(error_of(status, "Connecting to " + settings_.endpoint));
}

void Probe::identify(TestReport& report) {
  const auto read = [&](UA_UInt32 node, const char* name, auto& into) {
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

void Probe::read_first(const PointMap& points, TestReport& report) {
  for (std::size_t i = 0; i < std::min(points.points.size(), kFirstValues); ++i) {
    const std::string& text = points.points[i].address;
    TestValue shown{.address = text, .text = {}, .quality = model::quality::kBadConfiguration};
    const auto address = parse_address(text);
    auto id = address ? node_id(*address, {}) : Result<UA_NodeId>(fail(Error(address.error())));
    if (id) {
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
      if (response->resultsSize == 1) {
        const UA_DataValue& value = response->results[0];
        shown.text = value_text(value);
        shown.quality = quality_of(value.hasStatus ? value.status : UA_STATUSCODE_GOOD);
      } else {
        shown.quality = quality_of(response->responseHeader.serviceResult);
      }
    }
    report.values.push_back(std::move(shown));
  }
}

Result<TestReport> Probe::test(const PointMap& points) {
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
    KZ_CHECK(connect());
    s.text = settings_.user.empty() ? "None, anonymous" : "None, user " + settings_.user;
    return {};
  });
  if (!connected) return report;
  step("identify", [&](TestStep& s) -> Result<> {
    identify(report);
    if (!report.identity.empty()) s.text = report.identity.front().second;
    return {};
  });
  if (!points.points.empty())
    step("read", [&](TestStep& s) -> Result<> {
      read_first(points, report);
      const auto good = std::ranges::count_if(report.values, [](const TestValue& v) { return v.quality.good(); });
      s.text = std::format("{} / {}", good, report.values.size());
      if (good == 0)
        return fail(Error(Errc::not_found, "opcua.no_good_value")
                        .with("None of the points could be read.")
                        .cure("Browse the server and choose the nodes again."));
      return {};
    });
  close();
  return report;
}

Result<BrowsePage> Probe::browse(const BrowseRequest& request) {
  const UA_UInt32 limit = static_cast<UA_UInt32>(std::clamp<std::size_t>(request.limit, 1, 1000));
  Owned<UA_BrowseResult> result(UA_TYPES[UA_TYPES_BROWSERESULT]);
  if (!request.continuation.empty()) {
    if (client_ == nullptr || request.continuation != continuation_name_ || continuation_.length == 0)
      return fail(Error(Errc::conflict, "connect.browse_expired")
                      .with("This page of the browse is no longer kept.")
                      .cure("Open the folder again."));
    UA_BrowseNextRequest next;
    UA_BrowseNextRequest_init(&next);
    next.continuationPoints = &continuation_;
    next.continuationPointsSize = 1;
    Owned<UA_BrowseNextResponse> response(UA_Client_Service_browseNext(client_, next),
                                          UA_TYPES[UA_TYPES_BROWSENEXTRESPONSE]);
    if (response->resultsSize != 1) return fail(error_of(response->responseHeader.serviceResult, "Browsing on"));
    std::swap(*result, response->results[0]);
  } else {
    KZ_TRY(const auto address, request.node.empty() ? parse_address("i=85") : parse_address(request.node));
    KZ_CHECK(connect());
    KZ_TRY(const UA_NodeId id, node_id(address, {}));
    Owned<UA_NodeId> node(id, UA_TYPES[UA_TYPES_NODEID]);
    UA_BrowseDescription what;
    UA_BrowseDescription_init(&what);
    what.nodeId = *node;
    what.browseDirection = UA_BROWSEDIRECTION_FORWARD;
    what.referenceTypeId = UA_NODEID_NUMERIC(0, UA_NS0ID_HIERARCHICALREFERENCES);
    what.includeSubtypes = true;
    what.nodeClassMask = UA_NODECLASS_OBJECT | UA_NODECLASS_VARIABLE;
    what.resultMask = UA_BROWSERESULTMASK_ALL;
    UA_BrowseRequest all;
    UA_BrowseRequest_init(&all);
    all.requestedMaxReferencesPerNode = limit;
    all.nodesToBrowse = &what;
    all.nodesToBrowseSize = 1;
    Owned<UA_BrowseResponse> response(UA_Client_Service_browse(client_, all), UA_TYPES[UA_TYPES_BROWSERESPONSE]);
    if (response->resultsSize != 1) return fail(error_of(response->responseHeader.serviceResult, "Browsing"));
    std::swap(*result, response->results[0]);
  }
  if (result->statusCode != UA_STATUSCODE_GOOD) return fail(error_of(result->statusCode, "Browsing"));

  BrowsePage page;
  std::vector<UA_NodeId> ids;  // borrowed from `result`
  for (std::size_t i = 0; i < result->referencesSize; ++i) {
    const UA_ReferenceDescription& r = result->references[i];
    if (r.nodeId.serverIndex != 0) continue;  // lives in another server
    BrowseNode n;
    n.id = node_text(r.nodeId.nodeId);
    n.name = view(r.browseName.name);
    n.display = view(r.displayName.text);
    if (n.display.empty()) n.display = n.name;
    n.kind = r.nodeClass == UA_NODECLASS_VARIABLE ? BrowseNode::Kind::variable : BrowseNode::Kind::object;
    const UA_NodeId folder = UA_NODEID_NUMERIC(0, UA_NS0ID_FOLDERTYPE);
    if (UA_NodeId_equal(&r.typeDefinition.nodeId, &folder)) n.kind = BrowseNode::Kind::folder;
    n.has_children = n.kind != BrowseNode::Kind::variable;
    if (n.kind == BrowseNode::Kind::variable) n.address = n.id;
    page.nodes.push_back(std::move(n));
    ids.push_back(r.nodeId.nodeId);
  }
  describe(page.nodes, ids);
  UA_ByteString_clear(&continuation_);
  std::swap(continuation_, result->continuationPoint);
  continuation_name_ = continuation_.length == 0 ? "" : random_hex(8);
  page.continuation = continuation_name_;
  return page;
}

/// Value, type, description and access of the variables of one page, in one read.
void Probe::describe(std::vector<BrowseNode>& nodes, const std::vector<UA_NodeId>& ids) {
  constexpr UA_UInt32 kAttributes[] = {UA_ATTRIBUTEID_VALUE, UA_ATTRIBUTEID_USERACCESSLEVEL,
                                       UA_ATTRIBUTEID_DESCRIPTION};
  constexpr std::size_t kPerCall = 50;  // 150 attributes: below the read limit of small servers
  std::vector<std::size_t> variables;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    if (nodes[i].kind == BrowseNode::Kind::variable) variables.push_back(i);
  for (std::size_t at = 0; at < variables.size(); at += kPerCall) {
    const auto some = std::span(variables).subspan(at, std::min(kPerCall, variables.size() - at));
    std::vector<UA_ReadValueId> reads;
    for (const std::size_t i : some)
      for (const UA_UInt32 attribute : kAttributes) {
        UA_ReadValueId read;
        UA_ReadValueId_init(&read);
        read.nodeId = ids[i];
        read.attributeId = attribute;
        reads.push_back(read);
      }
    UA_ReadRequest request;
    UA_ReadRequest_init(&request);
    request.nodesToRead = reads.data();
    request.nodesToReadSize = reads.size();
    request.timestampsToReturn = UA_TIMESTAMPSTORETURN_NEITHER;
    Owned<UA_ReadResponse> response(UA_Client_Service_read(client_, request), UA_TYPES[UA_TYPES_READRESPONSE]);
    if (response->resultsSize != reads.size()) return;  // names are shown all the same
    for (std::size_t k = 0; k < some.size(); ++k) {
      BrowseNode& n = nodes[some[k]];
      const UA_DataValue& value = response->results[k * 3];
      const UA_DataValue& access = response->results[k * 3 + 1];
      const UA_DataValue& description = response->results[k * 3 + 2];
      n.value = value_text(value);
      n.quality = quality_of(value.hasStatus ? value.status : UA_STATUSCODE_GOOD);
      if (value.hasValue && value.value.type != nullptr) {
        n.native_type = value.value.type->typeName;
        if (UA_Variant_isScalar(&value.value)) n.type = value_type(value.value.type);
      }
      if (access.hasValue && access.value.type == &UA_TYPES[UA_TYPES_BYTE])
        n.writable = (*static_cast<const UA_Byte*>(access.value.data) & UA_ACCESSLEVELMASK_WRITE) != 0;
      if (description.hasValue && description.value.type == &UA_TYPES[UA_TYPES_LOCALIZEDTEXT])
        n.description = view(static_cast<const UA_LocalizedText*>(description.value.data)->text);
    }
  }
}

}  // namespace karez::connect::opcua
