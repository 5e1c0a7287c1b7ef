// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/session.h"

#include <utility>

#include "connect/backoff.h"

namespace karez::connect::opcua {
namespace {

constexpr Duration kBackoffBase = std::chrono::milliseconds(500), kBackoffCap = std::chrono::seconds(60),
                   kStable = std::chrono::seconds(30);
constexpr std::size_t kMostPerCall = 500;

/// What the server takes in one call; 0 and no answer mean that it sets no limit.
std::size_t most_items_per_call(UA_Client* client) {
  Owned<UA_Variant> value(UA_TYPES[UA_TYPES_VARIANT]);
  const auto node = UA_NODEID_NUMERIC(0, UA_NS0ID_SERVER_SERVERCAPABILITIES_OPERATIONLIMITS_MAXMONITOREDITEMSPERCALL);
  UA_UInt32 limit = 0;
  if (UA_Client_readValueAttribute(client, node, &*value) == UA_STATUSCODE_GOOD &&
      UA_Variant_hasScalarType(&*value, &UA_TYPES[UA_TYPES_UINT32]))
    limit = *static_cast<const UA_UInt32*>(value->data);
  return limit == 0 ? kMostPerCall : std::min<std::size_t>(limit, kMostPerCall);
}

}  // namespace

Session::Session(Guest& guest, Settings settings, DriverContext& context, LinkCounters& counters)
    : guest_(guest),
      settings_(std::move(settings)),
      context_(context),
      counters_(counters),
      outbox_(context, counters),
      filter_(std::make_unique<PointFilter>(context.points())) {
  guest_.add(this);
  set_state(LinkState::connecting, nullptr);
}

Session::~Session() {
  (void)finish();
  guest_.remove(this);
}

bool Session::finish() {
  close_client();  // the library may hand over more values meanwhile
  set_state(LinkState::disabled, nullptr);
  outbox_.flush();
  return outbox_.empty();
}

void Session::set_state(LinkState state, const Error* reason) {
  if (state == state_ && reason == nullptr) return;
  state_ = state;
  counters_.state(state);
  if (reason != nullptr) counters_.error(*reason, context_.clock.now());
  context_.observer.link_state(state, reason);
  const auto map = context_.points();
  for (const auto& device : map->devices) context_.observer.device_state(device.id, state, reason);
}

void Session::turn() {
  outbox_.flush();
  const Monotonic now = context_.clock.monotonic();
  switch (state_) {
    case LinkState::connecting:
      if (client_ == nullptr) {
        connect();
      } else if (activated_) {
        if (auto ready = set_up(); !ready) lose(ready.error());
      } else if (broken_ || now >= attempt_deadline_) {
        lose(error_of(broken_ ? broken_status_ : UA_STATUSCODE_BADTIMEOUT, settings_.endpoint));
      }
      break;
    case LinkState::online:
    case LinkState::degraded: run_online(now); break;
    case LinkState::backoff:
    case LinkState::offline:
      if (now >= next_attempt_) set_state(LinkState::connecting, nullptr);
      break;
    case LinkState::disabled: break;
  }
}

void Session::run_online(Monotonic now) {
  if (broken_) return lose(error_of(broken_status_, settings_.endpoint));
  if (context_.points()->revision != filter_->map().revision) adopt_map();
  else if (now >= next_retry_) retry_refused(now);
  settle();
}

void Session::connect() {
  activated_ = broken_ = false;
  discovery_ = {};
  broken_status_ = UA_STATUSCODE_BADCONNECTIONCLOSED;
  attempt_deadline_ = context_.clock.monotonic() + settings_.timeout * 2;
  client_ = make_client(guest_, settings_, this);
  if (client_ == nullptr) return lose(Error(Errc::exhausted, "opcua.memory"));
  UA_ClientConfig* config = UA_Client_getConfig(client_);
  config->stateCallback = on_state;
  config->subscriptionInactivityCallback = on_silence;
  config->inactivityCallback = on_inactive;
  counters_.requests.add();
  if (const auto status = UA_Client_connectAsync(client_, settings_.endpoint.c_str()); status != UA_STATUSCODE_GOOD)
    lose(error_of(status, settings_.endpoint));
}

void Session::on_state(UA_Client* client, UA_SecureChannelState channel, UA_SessionState session,
                       UA_StatusCode status) {
  auto& self = *static_cast<Session*>(UA_Client_getContext(client));
  self.discovery_.follow(client, channel, session);
  if (session == UA_SESSIONSTATE_ACTIVATED) self.activated_ = true;
  const bool was_up = self.activated_;
  if (status != UA_STATUSCODE_GOOD || (was_up && session != UA_SESSIONSTATE_ACTIVATED) ||
      (was_up && channel == UA_SECURECHANNELSTATE_CLOSED)) {
    if (!self.broken_ && status != UA_STATUSCODE_GOOD) self.broken_status_ = status;
    self.broken_ = true;
  }
}

void Session::on_silence(UA_Client* client, UA_UInt32, void*) {
  // The socket lives, the subscription does not.
  static_cast<Session*>(UA_Client_getContext(client))->break_off(UA_STATUSCODE_BADTIMEOUT);
}

void Session::on_inactive(UA_Client* client) { on_silence(client, 0, nullptr); }

/// The connection is of no use any more; the next turn gives it up.
void Session::break_off(UA_StatusCode status) {
  broken_status_ = status;
  broken_ = true;
}

void Session::close_client() {
  delete_client(std::exchange(client_, nullptr), settings_);
  subscription_ = 0;
  gone_.clear();
  for (auto& [id, item] : items_) item->monitored = 0;
}

/// Every point that was not lost yet gets exactly one bad sample; then a pause that grows.
void Session::lose(const Error& why) {
  const Monotonic now = context_.clock.monotonic();
  const bool was_online = state_ == LinkState::online || state_ == LinkState::degraded;
  close_client();
  const Timestamp at = context_.clock.now();
  for (std::size_t i = 0; i < filter_->map().points.size(); ++i)
    if (const auto bad = filter_->lose(i, model::quality::kBadNotConnected, at)) outbox_.add(*bad, {});
  if (was_online) {
    counters_.reconnects.add();
    if (now - online_since_ >= kStable) attempts_ = 0;
  }
  const Duration ceiling = std::min<Duration>(kBackoffCap, kBackoffBase * (1ll << std::min(attempts_, 10u)));
  ++attempts_;
  next_attempt_ =
      now + BackOff::limited(Duration{std::uniform_int_distribution<std::int64_t>(0, ceiling.count())(jitter_)});
  if (why.code() == Errc::timeout) counters_.timeouts.add();
  set_state(was_online ? LinkState::offline : LinkState::backoff, &why);
}

Result<> Session::set_up() {
  KZ_TRY(namespaces_, read_namespaces(client_));
  per_call_ = most_items_per_call(client_);
  UA_CreateSubscriptionRequest request = UA_CreateSubscriptionRequest_default();
  const auto publishing = std::chrono::duration_cast<std::chrono::milliseconds>(settings_.publishing).count();
  request.requestedPublishingInterval = static_cast<double>(publishing);
  request.requestedMaxKeepAliveCount = static_cast<UA_UInt32>(std::max<std::int64_t>(2, 5000 / publishing));
  request.requestedLifetimeCount = request.requestedMaxKeepAliveCount * 6;
  Owned<UA_CreateSubscriptionResponse> response(
      UA_Client_Subscriptions_create(client_, request, this, nullptr, nullptr),
      UA_TYPES[UA_TYPES_CREATESUBSCRIPTIONRESPONSE]);
  if (const auto status = response->responseHeader.serviceResult; status != UA_STATUSCODE_GOOD)
    return fail(error_of(status, "CreateSubscription"));
  subscription_ = response->subscriptionId;
  online_since_ = context_.clock.monotonic();
  set_state(LinkState::online, nullptr);
  subscribe_heartbeat();
  adopt_map();
  return {};
}

}  // namespace karez::connect::opcua
