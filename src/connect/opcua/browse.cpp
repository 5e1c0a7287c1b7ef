// SPDX-License-Identifier: Apache-2.0
#include <unordered_set>

#include "base/hash.h"
#include "connect/opcua/browse_place.h"
#include "connect/opcua/probe.h"

namespace karez::connect::opcua {
namespace {

std::uint64_t mark(std::string_view id) { return xxh3(as_bytes(id)); }

BrowseNode describe_reference(const UA_ReferenceDescription& r) {
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
  return n;
}

}  // namespace

/// Children in the server's order, each once even when several references lead to it.
class Probe::Children {
 public:
  Children() = default;
  ~Children() {
    for (Child& child : all_) UA_ReferenceDescription_clear(&child.reference);
  }
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  void take(UA_BrowseResult& result) {
    for (std::size_t i = 0; i < result.referencesSize; ++i) {
      UA_ReferenceDescription& r = result.references[i];
      if (r.nodeId.serverIndex != 0) continue;  // lives in another server
      BrowseNode shown = describe_reference(r);
      if (!seen_.insert(shown.id).second) continue;
      all_.push_back({std::move(shown), r});
      UA_ReferenceDescription_init(&r);
    }
  }
  std::span<Child> all() { return all_; }

 private:
  std::vector<Child> all_;
  std::unordered_set<std::string> seen_;
};

/// Reads until `wanted` children are known or the server has no more.
Result<> Probe::read_children(const UA_NodeId& node, std::size_t wanted, net::Deadline deadline, Children& into) {
  UA_BrowseDescription what;
  UA_BrowseDescription_init(&what);
  what.nodeId = node;
  what.browseDirection = UA_BROWSEDIRECTION_FORWARD;
  what.referenceTypeId = UA_NODEID_NUMERIC(0, UA_NS0ID_HIERARCHICALREFERENCES);
  what.includeSubtypes = true;
  what.nodeClassMask = UA_NODECLASS_OBJECT | UA_NODECLASS_VARIABLE;
  what.resultMask = UA_BROWSERESULTMASK_ALL;
  UA_BrowseRequest first;
  UA_BrowseRequest_init(&first);
  first.requestedMaxReferencesPerNode = static_cast<UA_UInt32>(std::min<std::size_t>(wanted, 1000));
  first.nodesToBrowse = &what;
  first.nodesToBrowseSize = 1;
  Owned<UA_ByteString> more(UA_TYPES[UA_TYPES_BYTESTRING]);
  const auto keep = [&](UA_StatusCode service, std::size_t count, UA_BrowseResult* results) -> Result<> {
    if (count != 1) return fail(error_of(service, "Browsing"));
    if (results->statusCode != UA_STATUSCODE_GOOD) return fail(error_of(results->statusCode, "Browsing"));
    into.take(*results);
    UA_ByteString_clear(&*more);
    std::swap(*more, results->continuationPoint);
    return {};
  };
  const auto go_on = [&](bool release) -> Result<> {
    UA_BrowseNextRequest next;
    UA_BrowseNextRequest_init(&next);
    next.releaseContinuationPoints = release;
    next.continuationPoints = &*more;
    next.continuationPointsSize = 1;
    Owned<UA_BrowseNextResponse> response(UA_Client_Service_browseNext(client_, next),
                                          UA_TYPES[UA_TYPES_BROWSENEXTRESPONSE]);
    if (release) return {};
    return keep(response->responseHeader.serviceResult, response->resultsSize, response->results);
  };
  {
    Owned<UA_BrowseResponse> response(UA_Client_Service_browse(client_, first), UA_TYPES[UA_TYPES_BROWSERESPONSE]);
    KZ_CHECK(keep(response->responseHeader.serviceResult, response->resultsSize, response->results));
  }
  while (more->length != 0 && into.all().size() < wanted) {
    KZ_CHECK(keep_to(deadline));
    KZ_CHECK(go_on(false));
  }
  if (more->length != 0) {
    KZ_CHECK(keep_to(deadline));
    KZ_CHECK(go_on(true));
  }
  return {};
}

Result<BrowsePage> Probe::browse(const BrowseRequest& request, net::Deadline deadline) {
  BrowsePlace place{.node = request.node.empty() ? "i=85" : request.node};
  if (!request.continuation.empty()) {
    KZ_TRY(place, parse_browse_place(request.continuation));
  }
  KZ_TRY(const auto address, parse_address(place.node));
  KZ_CHECK(connect(deadline));
  KZ_TRY(const UA_NodeId id, node_id(address, namespaces_));
  Owned<UA_NodeId> node(id, UA_TYPES[UA_TYPES_NODEID]);
  const std::size_t end = place.shown + std::clamp<std::size_t>(request.limit, 1, 1000);
  Children children;
  KZ_CHECK(read_children(*node, end + 1, deadline, children));

  const auto all = children.all();
  if (place.shown > 0 && (place.shown > all.size() || mark(all[place.shown - 1].shown.id) != place.last))
    return fail(Error(Errc::conflict, "connect.browse_expired")
                    .with("The folder changed since the page before.")
                    .cure("Open the folder again."));
  const auto some = all.subspan(place.shown, std::min(end, all.size()) - place.shown);
  describe(some, deadline);
  BrowsePage page;
  for (Child& child : some) page.nodes.push_back(std::move(child.shown));
  if (all.size() > end && end < BrowsePlace::kMostShown)
    page.continuation = to_text({.shown = end, .last = mark(page.nodes.back().id), .node = place.node});
  return page;
}

/// Value, type, description and access of the variables of one page, in one read.
void Probe::describe(std::span<Child> children, net::Deadline deadline) {
  constexpr UA_UInt32 kAttributes[] = {UA_ATTRIBUTEID_VALUE, UA_ATTRIBUTEID_USERACCESSLEVEL,
                                       UA_ATTRIBUTEID_DESCRIPTION};
  constexpr std::size_t kPerCall = 50;  // 150 attributes: below the read limit of small servers
  std::vector<Child*> variables;
  for (Child& child : children)
    if (child.shown.kind == BrowseNode::Kind::variable) variables.push_back(&child);
  for (std::size_t at = 0; at < variables.size(); at += kPerCall) {
    const auto some = std::span(variables).subspan(at, std::min(kPerCall, variables.size() - at));
    std::vector<UA_ReadValueId> reads;
    for (const Child* child : some)
      for (const UA_UInt32 attribute : kAttributes) {
        UA_ReadValueId read;
        UA_ReadValueId_init(&read);
        read.nodeId = child->reference.nodeId.nodeId;
        read.attributeId = attribute;
        reads.push_back(read);
      }
    UA_ReadRequest request;
    UA_ReadRequest_init(&request);
    request.nodesToRead = reads.data();
    request.nodesToReadSize = reads.size();
    request.timestampsToReturn = UA_TIMESTAMPSTORETURN_NEITHER;
    if (!keep_to(deadline)) return;  // names are shown all the same
    Owned<UA_ReadResponse> response(UA_Client_Service_read(client_, request), UA_TYPES[UA_TYPES_READRESPONSE]);
    if (response->resultsSize != reads.size()) return;
    for (std::size_t k = 0; k < some.size(); ++k) {
      BrowseNode& n = some[k]->shown;
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
