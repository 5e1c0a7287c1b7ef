// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/session.h"

#include <format>
#include <utility>

#include "base/json.h"

namespace karez::connect::opcua {
namespace {

constexpr Duration kBackoffBase = std::chrono::milliseconds(500), kBackoffCap = std::chrono::seconds(60),
                   kStable = std::chrono::seconds(30), kMaxArrivalSpan = std::chrono::milliseconds(100);

UA_UInt32 milliseconds(Duration d) {
  return static_cast<UA_UInt32>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

}  // namespace

Result<Settings> parse_settings(const std::string& json) {
  KZ_TRY(const auto doc, JsonDocument::parse(json));
  Settings s;
  s.endpoint = doc["endpoint"].string().value_or("");
  s.user = doc["user"].string().value_or("");
  s.password = doc["password"].string().value_or("");
  s.publishing = std::chrono::milliseconds(doc["publishing_ms"].integer().value_or(500));
  s.timeout = std::chrono::milliseconds(doc["timeout_ms"].integer().value_or(5000));
  s.queue_size = static_cast<std::uint32_t>(doc["queue_size"].integer().value_or(100));
  s.every_change = doc["every_change"].boolean().value_or(false);
  if (!s.endpoint.starts_with("opc.tcp://") || s.endpoint.size() > 1024)
    return fail(Error(Errc::invalid_argument, "opcua.bad_config")
                    .with("The endpoint does not start with opc.tcp://.")
                    .at("/endpoint")
                    .cure("Write it as opc.tcp://10.20.3.11:4840."));
  if (s.publishing < std::chrono::milliseconds(10) || s.publishing > std::chrono::hours(1) ||
      s.timeout < std::chrono::milliseconds(100) || s.timeout > std::chrono::minutes(2) || s.queue_size < 1 ||
      s.queue_size > 100'000)
    return fail(Errc::invalid_argument, "opcua.bad_config", "publishing_ms, timeout_ms or queue_size is out of range.");
  return s;
}

UA_Client* make_client(Guest& guest, const Settings& settings, void* context) {
  UA_ClientConfig config{};
  config.logging = const_cast<UA_Logger*>(guest.logger());
  config.eventLoop = guest.event_loop();
  config.externalEventLoop = true;
  if (UA_ClientConfig_setDefault(&config) != UA_STATUSCODE_GOOD) return nullptr;
  config.clientContext = context;
  config.timeout = milliseconds(settings.timeout);
  config.noReconnect = true;  // reconnecting is ours: points must be told
  config.noNewSession = true;
  config.securityMode = UA_MESSAGESECURITYMODE_NONE;
  config.connectivityCheckInterval = milliseconds(std::chrono::seconds(10));
  config.outStandingPublishRequests = 5;
  UA_String_clear(&config.clientDescription.applicationUri);
  config.clientDescription.applicationUri = UA_STRING_ALLOC("urn:karez:client");
  UA_LocalizedText_clear(&config.clientDescription.applicationName);
  config.clientDescription.applicationName = UA_LOCALIZEDTEXT_ALLOC("en", "Karez");
  if (!settings.user.empty()) {
    UA_UserNameIdentityToken* identity = UA_UserNameIdentityToken_new();
    if (identity == nullptr) return nullptr;
    identity->userName = UA_STRING_ALLOC(settings.user.c_str());
    const UA_String password = borrow(settings.password);
    UA_String_copy(&password, &identity->password);
    UA_ExtensionObject_clear(&config.userIdentityToken);
    UA_ExtensionObject_setValue(&config.userIdentityToken, identity, &UA_TYPES[UA_TYPES_USERNAMEIDENTITYTOKEN]);
  }
  return UA_Client_newWithConfig(&config);
}

Session::Session(Guest& guest, Settings settings, DriverContext& context, Counts& counts)
    : guest_(guest), settings_(std::move(settings)), context_(context), counts_(counts) {
  guest_.add(this);
  set_state(LinkState::connecting, nullptr);
}

Session::~Session() {
  flush();
  close_client();
  guest_.remove(this);
  set_state(LinkState::disabled, nullptr);
}

void Session::set_state(LinkState state, const Error* reason) {
  if (state == state_ && reason == nullptr) return;
  state_ = state;
  counts_.state = state;
  if (reason != nullptr) {
    const std::lock_guard lock(counts_.error_mutex);
    counts_.last_error = reason->message();
    counts_.last_error_ns = to_ns(context_.clock.now());
  }
  context_.observer.link_state(state, reason);
  for (const auto& device : context_.points()->devices) context_.observer.device_state(device.id, state, reason);
}

void Session::turn() {
  flush();
  const Monotonic now = context_.clock.monotonic();
  switch (state_) {
    case LinkState::connecting:
      if (client_ == nullptr) {
        connect();
      } else if (activated_) {
        if (auto ready = set_up(); !ready) lose(ready.error());
      } else if (broken_ || now >= attempt_deadline_) {
        lose(error_of(broken_ ? broken_status_ : UA_STATUSCODE_BADTIMEOUT, "Connecting to " + settings_.endpoint));
      }
      break;
    case LinkState::online:
    case LinkState::degraded:
      if (broken_) lose(error_of(broken_status_, "Connection to " + settings_.endpoint + " lost"));
      else if (context_.points()->revision != revision_) adopt_map();
      break;
    case LinkState::backoff:
    case LinkState::offline:
      if (now >= next_attempt_) set_state(LinkState::connecting, nullptr);
      break;
    case LinkState::disabled: break;
  }
}

void Session::connect() {
  activated_ = broken_ = false;
  broken_status_ = UA_STATUSCODE_BADCONNECTIONCLOSED;
  attempt_deadline_ = context_.clock.monotonic() + settings_.timeout * 2;
  client_ = make_client(guest_, settings_, this);
  if (client_ == nullptr) return lose(Error(Errc::exhausted, "opcua.memory"));
  UA_ClientConfig* config = UA_Client_getConfig(client_);
  config->stateCallback = on_state;
  config->subscriptionInactivityCallback = on_silence;
  config->inactivityCallback = on_inactive;
  counts_.requests.add();
  if (const auto status = UA_Client_connectAsync(client_, settings_.endpoint.c_str()); status != UA_STATUSCODE_GOOD)
    lose(error_of(status, "Connecting to " + settings_.endpoint));
}

void Session::on_state(UA_Client* client, UA_SecureChannelState channel, UA_SessionState session,
                       UA_StatusCode status) {
  auto& self = *static_cast<Session*>(UA_Client_getContext(client));
  if (session == UA_SESSIONSTATE_ACTIVATED) self.activated_ = true;
  const bool was_up = self.activated_;
  if (status != UA_STATUSCODE_GOOD || (was_up && session != UA_SESSIONSTATE_ACTIVATED) ||
      (was_up && channel == UA_SECURECHANNELSTATE_CLOSED)) {
    if (!self.broken_ && status != UA_STATUSCODE_GOOD) self.broken_status_ = status;
    self.broken_ = true;
  }
}

void Session::on_silence(UA_Client* client, UA_UInt32, void*) {
  auto& self = *static_cast<Session*>(UA_Client_getContext(client));
  self.broken_status_ = UA_STATUSCODE_BADTIMEOUT;  // the socket lives, the subscription does not
  self.broken_ = true;
}

void Session::on_inactive(UA_Client* client) { on_silence(client, 0, nullptr); }

void Session::close_client() {
  if (client_ == nullptr) return;
  UA_ClientConfig* config = UA_Client_getConfig(client_);
  config->stateCallback = nullptr;
  UA_Client_delete(client_);
  client_ = nullptr;
  subscription_ = 0;
}

/// Every point that was good gets exactly one bad sample; then a pause that grows.
void Session::lose(const Error& why) {
  const Monotonic now = context_.clock.monotonic();
  const bool was_online = state_ == LinkState::online || state_ == LinkState::degraded;
  close_client();
  if (was_online) {
    const Timestamp time = context_.clock.now();
    for (auto& [id, item] : items_) {
      counts_.bad.add();
      emit({.time = time,
            .bits = 0,
            .point = model::PointId{id},
            .quality = model::quality::kBadNotConnected,
            .type = model::ValueType::none,
            .flags = model::flag::kGap},
           {});
      item->monitored = 0;
      item->lost_at = time;
    }
    if (filter_) filter_->mark_gap();
    counts_.reconnects.add();
    if (now - online_since_ >= kStable) attempts_ = 0;
  }
  const Duration ceiling = std::min<Duration>(kBackoffCap, kBackoffBase * (1ll << std::min(attempts_, 10u)));
  ++attempts_;
  next_attempt_ = now + Duration{std::uniform_int_distribution<std::int64_t>(0, ceiling.count())(jitter_)};
  if (why.code() == Errc::timeout) counts_.timeouts.add();
  set_state(was_online ? LinkState::offline : LinkState::backoff, &why);
}

Result<> Session::set_up() {
  KZ_TRY(namespaces_, read_namespaces(client_));
  UA_CreateSubscriptionRequest request = UA_CreateSubscriptionRequest_default();
  request.requestedPublishingInterval = static_cast<double>(milliseconds(settings_.publishing));
  request.requestedMaxKeepAliveCount =
      std::max<UA_UInt32>(2, 5000 / std::max<UA_UInt32>(1, milliseconds(settings_.publishing)));
  request.requestedLifetimeCount = request.requestedMaxKeepAliveCount * 6;
  Owned<UA_CreateSubscriptionResponse> response(
      UA_Client_Subscriptions_create(client_, request, this, nullptr, nullptr),
      UA_TYPES[UA_TYPES_CREATESUBSCRIPTIONRESPONSE]);
  if (const auto status = response->responseHeader.serviceResult; status != UA_STATUSCODE_GOOD)
    return fail(error_of(status, "Creating the subscription"));
  subscription_ = response->subscriptionId;
  online_since_ = context_.clock.monotonic();
  set_state(LinkState::online, nullptr);
  revision_ = 0;
  adopt_map();
  return {};
}

/// Subscribes what is new, drops what is gone, leaves what is unchanged alone.
void Session::adopt_map() {
  const auto map = context_.points();
  revision_ = map->revision;
  const bool first_map = filter_ == nullptr;
  filter_ = std::make_unique<PointFilter>(map);
  if (!first_map && counts_.reconnects.value() > 0) filter_->mark_gap();
  std::unordered_map<std::uint32_t, std::unique_ptr<Item>> next;
  std::vector<Item*> wanted;
  for (std::size_t i = 0; i < map->points.size(); ++i) {
    const PointMap::Entry& entry = map->points[i];
    std::unique_ptr<Item> item;
    if (const auto old = items_.find(entry.id.value); old != items_.end()) {
      item = std::move(old->second);
      items_.erase(old);
      if (item->entry.address != entry.address || item->entry.period != entry.period) unsubscribe(*item);
    } else {
      item = std::make_unique<Item>();
    }
    item->session = this;
    item->entry = entry;
    item->index = i;
    if (item->monitored == 0) wanted.push_back(item.get());
    next.emplace(entry.id.value, std::move(item));
  }
  for (auto& [id, item] : items_) unsubscribe(*item);
  items_ = std::move(next);
  constexpr std::size_t kPerCall = 500;
  for (std::size_t at = 0; at < wanted.size() && !broken_; at += kPerCall)
    subscribe(std::span(wanted).subspan(at, std::min(kPerCall, wanted.size() - at)));
}

void Session::refuse(Item& item, model::Quality why) {
  if (item.refused == why && why.bad()) return;
  item.refused = why;
  item.lost_at = context_.clock.now();
  counts_.bad.add();
  emit({.time = item.lost_at,
        .bits = 0,
        .point = item.entry.id,
        .quality = why,
        .type = model::ValueType::none,
        .flags = model::flag::kGap},
       {});
}

void Session::subscribe(std::span<Item* const> items) {
  std::vector<UA_MonitoredItemCreateRequest> requests;
  std::vector<void*> contexts;
  for (Item* item : items) {
    const auto address = parse_address(item->entry.address);
    auto id = address ? node_id(*address, namespaces_) : Result<UA_NodeId>(fail(Error(address.error())));
    if (!id) {
      refuse(*item, id.error().code() == Errc::not_found ? model::quality::kBadNodeUnknown
                                                         : model::quality::kBadConfiguration);
      continue;
    }
    UA_MonitoredItemCreateRequest request = UA_MonitoredItemCreateRequest_default(*id);
    // 0 asks for each change; a server that can only sample answers with its fastest.
    request.requestedParameters.samplingInterval =
        settings_.every_change ? 0.0 : static_cast<double>(milliseconds(item->entry.period));
    request.requestedParameters.queueSize = settings_.queue_size;
    request.requestedParameters.discardOldest = true;
    requests.push_back(request);
    contexts.push_back(item);
  }
  if (requests.empty()) return;
  std::vector<UA_Client_DataChangeNotificationCallback> callbacks(requests.size(), on_value);
  std::vector<UA_Client_DeleteMonitoredItemCallback> deletes(requests.size(), nullptr);
  UA_CreateMonitoredItemsRequest all;
  UA_CreateMonitoredItemsRequest_init(&all);
  all.subscriptionId = subscription_;
  all.timestampsToReturn = UA_TIMESTAMPSTORETURN_BOTH;
  all.itemsToCreate = requests.data();
  all.itemsToCreateSize = requests.size();
  counts_.requests.add();
  Owned<UA_CreateMonitoredItemsResponse> response(
      UA_Client_MonitoredItems_createDataChanges(client_, all, contexts.data(), callbacks.data(), deletes.data()),
      UA_TYPES[UA_TYPES_CREATEMONITOREDITEMSRESPONSE]);
  for (auto& request : requests) UA_NodeId_clear(&request.itemToMonitor.nodeId);
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    Item& item = *static_cast<Item*>(contexts[i]);
    const UA_StatusCode status =
        i < response->resultsSize ? response->results[i].statusCode : response->responseHeader.serviceResult;
    if (status == UA_STATUSCODE_GOOD) {
      item.monitored = response->results[i].monitoredItemId;
      item.refused = model::quality::kGood;
    } else {
      counts_.exceptions.add();
      refuse(item, quality_of(status).bad() ? quality_of(status) : model::quality::kBadConfiguration);
    }
  }
}

void Session::unsubscribe(Item& item) {
  if (item.monitored != 0 && client_ != nullptr)
    (void)UA_Client_MonitoredItems_deleteSingle(client_, subscription_, item.monitored);  // gone either way
  item.monitored = 0;
}

void Session::on_value(UA_Client*, UA_UInt32, void*, UA_UInt32, void* context, UA_DataValue* value) {
  Item& item = *static_cast<Item*>(context);
  item.session->take(item, *value);
}

void Session::take(Item& item, const UA_DataValue& value) {
  counts_.responses.add();
  if (item.index >= filter_->map().points.size() || filter_->map().points[item.index].id != item.entry.id) return;
  const UA_StatusCode status = value.hasStatus ? value.status : UA_STATUSCODE_GOOD;
  if (overflowed(status)) counts_.lost.add();
  const Timestamp now = context_.clock.now();
  const Timestamp time = value.hasSourceTimestamp   ? time_of(value.sourceTimestamp)
                         : value.hasServerTimestamp ? time_of(value.serverTimestamp)
                                                    : now;
  model::Quality quality = quality_of(status);
  RawValue raw;
  std::string text;
  if (value.hasValue && value.value.type != nullptr) {
    item.native = value.value.type;
    if (!read_scalar(value.value, raw, text)) quality = quality.bad() ? quality : model::quality::kBadTypeMismatch;
  } else if (!quality.bad()) {
    quality = model::quality::kBadNoData;
  }
  const std::uint64_t suppressed = filter_->suppressed();
  const std::uint8_t flags = raw.type == model::ValueType::none ? model::flag::kGap : 0;
  auto sample = filter_->convert(item.index, raw, quality, time, flags);
  counts_.suppressed.add(filter_->suppressed() - suppressed);
  if (!sample) return;
  tell_return(item, *sample, raw.text);
  item.newest = std::max(item.newest, time);
  (sample->quality.bad() ? counts_.bad : counts_.good).add();
  counts_.last_sample_ns = to_ns(now);
  emit(*sample, raw.text);
}

/// A value that did not change while the link was away comes back with its source time from before the
/// loss: stored there, the point would stay bad until its next change. So it is said again at the return.
void Session::tell_return(Item& item, model::Sample& sample, std::string_view text) {
  const Timestamp lost_at = std::exchange(item.lost_at, kMinTime);
  if (lost_at == kMinTime || sample.time > lost_at) return;
  if (sample.time > item.newest) {  // it changed just before the loss was seen, and that was never told
    model::Sample late = sample;
    late.flags = static_cast<std::uint8_t>((late.flags & ~model::flag::kFirstAfterGap) | model::flag::kBackfilled);
    (late.quality.bad() ? counts_.bad : counts_.good).add();
    emit(late, text);
  }
  sample.time = std::max(context_.clock.now(), lost_at + std::chrono::nanoseconds(1));
  sample.flags |= model::flag::kSubstituted;
}

bool Session::put(const model::Sample& sample, std::string_view text) {
  if (!batch_) {
    if (!(batch_ = context_.blocks.acquire())) return false;
    batch_->header = {.source = context_.source,
                      .tenant = context_.points()->tenant,
                      .received = context_.clock.now(),
                      .seq = ++seq_,
                      .clock_state = model::ClockState::unknown};
    batch_started_ = context_.clock.monotonic();
  }
  return sample.type == model::ValueType::text ? batch_->add_text(sample, text) : batch_->add(sample);
}

void Session::emit(const model::Sample& sample, std::string_view text) {
  if (spill_.empty()) {
    if (batch_ && context_.clock.monotonic() - batch_started_ > kMaxArrivalSpan) flush();
    if (put(sample, text)) return;
    flush();
    if (spill_.empty() && put(sample, text)) return;
  }
  // No block, or the lane is full: keep it here and read no more from the network until it went out.
  counts_.overruns.add();
  spill_.push_back({sample, std::string(text)});
}

void Session::flush() {
  while (true) {
    if (batch_ && !batch_->empty()) {
      if (!context_.out.submit(batch_, {})) return;  // lane full: again at the next turn
      batch_ = {};
    }
    if (spill_.empty()) return;
    while (!spill_.empty() && put(spill_.front().sample, spill_.front().text)) spill_.pop_front();
    if (!batch_ || batch_->empty()) return;  // no block free
  }
}

}  // namespace karez::connect::opcua
