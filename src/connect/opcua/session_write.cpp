// SPDX-License-Identifier: Apache-2.0
#include "base/format.h"
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

std::vector<WriteResult> Session::write(const std::vector<Write>& writes, net::Deadline deadline) {
  using enum WriteResult::Outcome;
  std::vector<WriteResult> results;
  for (const Write& w : writes) {
    const auto item = items_.find(w.point.value);
    if (client_ == nullptr || (state_ != LinkState::online && state_ != LinkState::degraded)) {
      results.push_back(outcome(
          refused, Error(Errc::unavailable, "connect.offline").with("The link is not online; nothing was sent.")));
    } else if (item == items_.end()) {
      results.push_back(outcome(refused, Error(Errc::not_found, "connect.unknown_point")));
    } else if (deadline.passed()) {
      results.push_back(outcome(refused, error_of(UA_STATUSCODE_BADTIMEOUT, "Waiting for the turn; nothing was sent")));
    } else {
      wait_at_most(client_, settings_, deadline.left());
      results.push_back(write_one(*item->second, w));
    }
    counters_.written(results.back().outcome);
  }
  if (client_ != nullptr) wait_at_most(client_, settings_, settings_.timeout);
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
  const auto address = parse_address(item.address);
  if (!address) return outcome(refused, address.error());
  auto id = node_id(*address, namespaces_);
  if (!id) return outcome(refused, id.error());
  Owned<UA_NodeId> node(*id, UA_TYPES[UA_TYPES_NODEID]);
  const auto type = native_type(item, *node);
  if (!type) return outcome(refused, type.error());

  const PointMap::Entry& entry = filter_->map().points[item.index];
  RawValue raw{.type = write.type, .bits = write.bits, .text = write.text};
  const bool scaled = entry.scale != 1 || entry.offset != 0;  // else an int64 keeps all its digits
  if (scaled && (write.type == model::ValueType::int64 || write.type == model::ValueType::float64)) {
    const auto number = to_raw(entry, model::numeric(write.type, write.bits));
    if (!number) return outcome(refused, number.error());
    raw = RawValue::of(*number);
  }
  Owned<UA_Variant> value(UA_TYPES[UA_TYPES_VARIANT]);
  if (auto made = make_scalar(*type, raw, *value); !made) return outcome(refused, made.error());
  const Monotonic sent = context_.clock.monotonic();
  counters_.requests.add();
  const auto status = UA_Client_writeValueAttribute(client_, *node, &*value);
  counters_.rtt.observe(context_.clock.monotonic() - sent);
  if (status != UA_STATUSCODE_GOOD) {
    counters_.exceptions.add();
    const auto how = unknown_after(status) ? unknown : refused_by(status) ? refused : failed;
    return outcome(how, error_of(status, karez::format("Writing {}", item.address)));
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
