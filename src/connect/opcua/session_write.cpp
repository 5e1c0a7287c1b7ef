// SPDX-License-Identifier: Apache-2.0
#include <format>

#include "connect/opcua/session.h"

namespace karez::connect::opcua {
namespace {

WriteResult outcome(WriteResult::Outcome how, Error error) {
  WriteResult r;
  r.outcome = how;
  r.error = std::move(error);
  return r;
}

/// After these nobody knows whether the server acted.
bool unknown_after(UA_StatusCode status) {
  return status == UA_STATUSCODE_BADTIMEOUT || status == UA_STATUSCODE_BADCONNECTIONCLOSED ||
         status == UA_STATUSCODE_BADSECURECHANNELCLOSED || status == UA_STATUSCODE_BADREQUESTTIMEOUT ||
         status == UA_STATUSCODE_BADDISCONNECT;
}

bool refused_by(UA_StatusCode status) {
  return status == UA_STATUSCODE_BADNOTWRITABLE || status == UA_STATUSCODE_BADUSERACCESSDENIED ||
         status == UA_STATUSCODE_BADWRITENOTSUPPORTED || status == UA_STATUSCODE_BADOUTOFRANGE ||
         status == UA_STATUSCODE_BADTYPEMISMATCH;
}

}  // namespace

std::vector<WriteResult> Session::write(const std::vector<Write>& writes) {
  std::vector<WriteResult> results;
  for (const Write& w : writes) {
    const auto item = items_.find(w.point.value);
    if (client_ == nullptr || (state_ != LinkState::online && state_ != LinkState::degraded))
      results.push_back(
          outcome(WriteResult::Outcome::refused,
                  Error(Errc::unavailable, "connect.offline").with("The link is not online; nothing was sent.")));
    else if (item == items_.end())
      results.push_back(outcome(WriteResult::Outcome::refused, Error(Errc::not_found, "connect.unknown_point")));
    else results.push_back(write_one(*item->second, w));
    switch (results.back().outcome) {
      case WriteResult::Outcome::done: counts_.writes_done.add(); break;
      case WriteResult::Outcome::refused: counts_.writes_refused.add(); break;
      case WriteResult::Outcome::failed: counts_.writes_failed.add(); break;
      case WriteResult::Outcome::unknown: counts_.writes_unknown.add(); break;
    }
  }
  return results;
}

/// The type to write is the node's own; a notification told it, or the present value does.
Result<const UA_DataType*> Session::native_type(Item& item, const UA_NodeId& id) {
  if (item.native != nullptr) return item.native;
  Owned<UA_Variant> value(UA_TYPES[UA_TYPES_VARIANT]);
  const auto status = UA_Client_readValueAttribute(client_, id, &*value);
  if (status != UA_STATUSCODE_GOOD) return fail(error_of(status, "Reading the present value"));
  if (value->type == nullptr)
    return fail(Errc::unsupported, "opcua.no_type", "The node has no value yet, so its type is not known.");
  return item.native = value->type;
}

WriteResult Session::write_one(Item& item, const Write& write) {
  using enum WriteResult::Outcome;
  const auto address = parse_address(item.entry.address);
  if (!address) return outcome(refused, address.error());
  auto id = node_id(*address, namespaces_);
  if (!id) return outcome(refused, id.error());
  Owned<UA_NodeId> node(*id, UA_TYPES[UA_TYPES_NODEID]);
  const auto type = native_type(item, *node);
  if (!type) return outcome(refused, type.error());

  double number = model::numeric(write.type, write.bits);
  if (write.type != model::ValueType::text && write.type != model::ValueType::boolean) {
    const auto raw = to_raw(item.entry, number);
    if (!raw) return outcome(refused, raw.error());
    number = *raw;
  }
  Owned<UA_Variant> value(UA_TYPES[UA_TYPES_VARIANT]);
  if (auto made = make_scalar(*type, number, write.text, *value); !made) return outcome(refused, made.error());
  const Monotonic sent = context_.clock.monotonic();
  counts_.requests.add();
  const auto status = UA_Client_writeValueAttribute(client_, *node, &*value);
  counts_.rtt.observe(context_.clock.monotonic() - sent);
  if (status != UA_STATUSCODE_GOOD) {
    counts_.exceptions.add();
    const auto how = unknown_after(status) ? unknown : refused_by(status) ? refused : failed;
    return outcome(how, error_of(status, std::format("Writing {}", item.entry.address)));
  }
  WriteResult done_result;
  done_result.outcome = done;
  Owned<UA_Variant> back(UA_TYPES[UA_TYPES_VARIANT]);
  if (UA_Client_readValueAttribute(client_, *node, &*back) == UA_STATUSCODE_GOOD) {
    UA_DataValue shown;
    UA_DataValue_init(&shown);
    shown.hasValue = true;
    shown.value = *back;
    done_result.read_back = value_text(shown);
  }
  return done_result;
}

}  // namespace karez::connect::opcua
