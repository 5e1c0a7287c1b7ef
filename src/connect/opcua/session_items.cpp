// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "connect/opcua/session.h"

namespace karez::connect::opcua {
namespace {

constexpr Duration kFirstRetry = std::chrono::seconds(10), kLongestRetry = std::chrono::minutes(5);

double sampling_interval(const Settings& settings, Duration period) {
  // 0 asks for each change; a server that can only sample answers with its fastest.
  return settings.every_change ? 0.0 : std::chrono::duration<double, std::milli>(period).count();
}

/// Not the answer about these items but the end of the subscription or the connection.
bool connection_lost(UA_StatusCode status) {
  const Errc code = error_of(status, "").code();
  return code == Errc::timeout || code == Errc::unavailable || status == UA_STATUSCODE_BADSUBSCRIPTIONIDINVALID ||
         status == UA_STATUSCODE_BADSESSIONIDINVALID || status == UA_STATUSCODE_BADSESSIONCLOSED;
}

/// Not given, or the smallest date there is, which means the same.
bool known(bool has, UA_DateTime time) { return has && time > 0; }

}  // namespace

/// Subscribes what is new, drops what is gone, leaves what is unchanged alone. All is in order before the
/// first call: the library hands over values while it waits for answers.
void Session::adopt_map() {
  const auto map = context_.points();
  filter_ = std::make_unique<PointFilter>(map, *filter_);
  std::vector<std::unique_ptr<Item>> gone = index_items();
  for (const auto& device : map->devices) context_.observer.device_state(device.id, state_, nullptr);
  unsubscribe(std::move(gone));
  std::vector<Item*> changed;
  for (const auto& [id, item] : items_) {
    const Duration period = map->points[item->index].period;
    if (std::exchange(item->period, period) != period && item->monitored != 0) changed.push_back(item.get());
  }
  if (!settings_.every_change) set_periods(changed);
  retry_pause_ = kFirstRetry;
  next_retry_ = context_.clock.monotonic() + retry_pause_;
  subscribe_missing();
}

/// Makes items_ follow the filter's map; gives what is subscribed and not wanted any more.
std::vector<std::unique_ptr<Session::Item>> Session::index_items() {
  std::unordered_map<std::uint32_t, std::unique_ptr<Item>> next;
  const auto& points = filter_->map().points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const PointMap::Entry& entry = points[i];
    std::unique_ptr<Item> item;
    if (const auto old = items_.find(entry.id.value); old != items_.end()) {
      if (old->second->address == entry.address) item = std::exchange(old->second, nullptr);
      else filter_->mark_gap(i);
    }
    if (!item) item = std::make_unique<Item>(Item{.session = this, .address = entry.address, .period = entry.period});
    item->index = i;
    next.emplace(entry.id.value, std::move(item));
  }
  std::vector<std::unique_ptr<Item>> gone;
  for (auto& [id, item] : items_) {
    if (!item || item->monitored == 0) continue;
    item->index = kGone;
    gone.push_back(std::move(item));
  }
  items_ = std::move(next);
  return gone;
}

/// A node may be missing while a controller is loaded; then it gets another chance now and then.
void Session::retry_refused(Monotonic now) {
  retry_pause_ = std::min(retry_pause_ * 2, kLongestRetry);
  next_retry_ = now + retry_pause_;
  if (std::ranges::none_of(items_, [](const auto& i) { return i.second->monitored == 0; })) return;
  if (auto names = read_namespaces(client_)) namespaces_ = std::move(*names);
  subscribe_missing();
}

void Session::subscribe_missing() {
  std::vector<Item*> missing;
  for (const auto& [id, item] : items_)
    if (item->monitored == 0) missing.push_back(item.get());
  std::ranges::sort(missing, {}, &Item::index);
  for (std::size_t at = 0; at < missing.size() && !broken_;) {
    const auto some = std::span(missing).subspan(at, std::min(per_call_, missing.size() - at));
    if (subscribe(some)) at += some.size();
    else per_call_ = std::max<std::size_t>(1, some.size() / 2);
  }
}

/// Says that it is not subscribed and why, once.
void Session::refuse(Item& item, model::Quality why) {
  if (std::exchange(item.refused, why) == why) return;
  const Timestamp now = context_.clock.now();
  auto sample = filter_->lose(item.index, why, now);
  if (!sample) sample = filter_->convert_own(item.index, {}, why, now, model::flag::kGap);  // lost for another reason
  if (sample) outbox_.add(*sample, {});
}

/// False when these are too many for one call; they are as they were.
bool Session::subscribe(std::span<Item* const> items) {
  std::vector<UA_MonitoredItemCreateRequest> requests;
  std::vector<void*> contexts;
  for (Item* item : items) {
    const auto address = parse_address(item->address);
    auto id = address ? node_id(*address, namespaces_) : Result<UA_NodeId>(fail(Error(address.error())));
    if (!id) {
      refuse(*item, id.error().code() == Errc::not_found ? model::quality::kBadNodeUnknown
                                                         : model::quality::kBadConfiguration);
      continue;
    }
    UA_MonitoredItemCreateRequest request = UA_MonitoredItemCreateRequest_default(*id);
    request.requestedParameters.samplingInterval = sampling_interval(settings_, item->period);
    request.requestedParameters.queueSize = settings_.queue_size;
    requests.push_back(request);
    contexts.push_back(item);
  }
  if (requests.empty()) return true;
  std::vector<UA_Client_DataChangeNotificationCallback> callbacks(requests.size(), on_value);
  std::vector<UA_Client_DeleteMonitoredItemCallback> deletes(requests.size(), nullptr);
  UA_CreateMonitoredItemsRequest all;
  UA_CreateMonitoredItemsRequest_init(&all);
  all.subscriptionId = subscription_;
  all.timestampsToReturn = UA_TIMESTAMPSTORETURN_BOTH;
  all.itemsToCreate = requests.data();
  all.itemsToCreateSize = requests.size();
  counters_.requests.add();
  Owned<UA_CreateMonitoredItemsResponse> response(
      UA_Client_MonitoredItems_createDataChanges(client_, all, contexts.data(), callbacks.data(), deletes.data()),
      UA_TYPES[UA_TYPES_CREATEMONITOREDITEMSRESPONSE]);
  for (auto& request : requests) UA_NodeId_clear(&request.itemToMonitor.nodeId);
  const UA_StatusCode service = response->responseHeader.serviceResult;
  if (service == UA_STATUSCODE_BADTOOMANYOPERATIONS && items.size() > 1) return false;
  if (service != UA_STATUSCODE_GOOD && connection_lost(service)) {
    break_off(service);
    return true;
  }
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    Item& item = *static_cast<Item*>(contexts[i]);
    const UA_StatusCode status = i < response->resultsSize ? response->results[i].statusCode : service;
    if (status == UA_STATUSCODE_GOOD) {
      item.monitored = response->results[i].monitoredItemId;
      item.refused = model::quality::kGood;
    } else {
      counters_.exceptions.add();
      refuse(item, quality_of(status).bad() ? quality_of(status) : model::quality::kBadConfiguration);
    }
  }
  return true;
}

void Session::unsubscribe(std::vector<std::unique_ptr<Item>> items) {
  std::vector<UA_UInt32> ids;
  for (const auto& item : items) ids.push_back(item->monitored);
  for (std::size_t at = 0; at < ids.size() && !broken_;) {
    const std::size_t count = std::min(per_call_, ids.size() - at);
    UA_DeleteMonitoredItemsRequest request;
    UA_DeleteMonitoredItemsRequest_init(&request);
    request.subscriptionId = subscription_;
    request.monitoredItemIds = ids.data() + at;
    request.monitoredItemIdsSize = count;
    counters_.requests.add();
    Owned<UA_DeleteMonitoredItemsResponse> response(UA_Client_MonitoredItems_delete(client_, request),
                                                    UA_TYPES[UA_TYPES_DELETEMONITOREDITEMSRESPONSE]);
    const UA_StatusCode service = response->responseHeader.serviceResult;
    if (service == UA_STATUSCODE_BADTOOMANYOPERATIONS && count > 1) {
      per_call_ = count / 2;
      continue;
    }
    if (service != UA_STATUSCODE_GOOD && connection_lost(service)) break_off(service);
    for (std::size_t i = 0; i < std::min(count, response->resultsSize); ++i)
      if (response->results[i] == UA_STATUSCODE_GOOD) items[at + i] = nullptr;
    at += count;
  }
  // The library goes on telling of what the server kept.
  for (auto& item : items)
    if (item) gone_.push_back(std::move(item));
}

void Session::set_periods(std::span<Item* const> items) {
  for (std::size_t at = 0; at < items.size() && !broken_;) {
    const auto some = items.subspan(at, std::min(per_call_, items.size() - at));
    std::vector<UA_MonitoredItemModifyRequest> changes(some.size());
    for (std::size_t i = 0; i < some.size(); ++i) {
      UA_MonitoredItemModifyRequest_init(&changes[i]);
      changes[i].monitoredItemId = some[i]->monitored;
      changes[i].requestedParameters.samplingInterval = sampling_interval(settings_, some[i]->period);
      changes[i].requestedParameters.queueSize = settings_.queue_size;
      changes[i].requestedParameters.discardOldest = true;
    }
    UA_ModifyMonitoredItemsRequest request;
    UA_ModifyMonitoredItemsRequest_init(&request);
    request.subscriptionId = subscription_;
    request.timestampsToReturn = UA_TIMESTAMPSTORETURN_BOTH;
    request.itemsToModify = changes.data();
    request.itemsToModifySize = changes.size();
    counters_.requests.add();
    Owned<UA_ModifyMonitoredItemsResponse> response(UA_Client_MonitoredItems_modify(client_, request),
                                                    UA_TYPES[UA_TYPES_MODIFYMONITOREDITEMSRESPONSE]);
    const UA_StatusCode service = response->responseHeader.serviceResult;
    if (service == UA_STATUSCODE_BADTOOMANYOPERATIONS && some.size() > 1) {
      per_call_ = some.size() / 2;
      continue;
    }
    if (service != UA_STATUSCODE_GOOD) {
      counters_.exceptions.add();  // they keep the period they had
      if (connection_lost(service)) break_off(service);
    }
    at += some.size();
  }
}

void Session::on_value(UA_Client*, UA_UInt32, void*, UA_UInt32, void* context, UA_DataValue* value) {
  Item& item = *static_cast<Item*>(context);
  item.session->take(item, *value);
}

void Session::take(Item& item, const UA_DataValue& value) {
  counters_.responses.add();
  if (item.index == kGone) return;  // nobody wants it any more
  const UA_StatusCode status = value.hasStatus ? value.status : UA_STATUSCODE_GOOD;
  if (overflowed(status)) counters_.lost.add();
  model::Quality quality = quality_of(status);
  RawValue raw;
  std::string text;
  if (value.hasValue && value.value.type != nullptr) {
    item.native = value.value.type;
    if (!read_scalar(value.value, raw, text)) quality = quality.bad() ? quality : model::quality::kBadTypeMismatch;
  } else if (!quality.bad()) {
    quality = model::quality::kBadNoData;
  }
  const std::uint8_t flags = raw.type == model::ValueType::none ? model::flag::kGap : 0;
  std::optional<model::Sample> sample;
  if (known(value.hasSourceTimestamp, value.sourceTimestamp))
    sample = filter_->convert(item.index, raw, quality, time_of(value.sourceTimestamp), flags);
  else if (known(value.hasServerTimestamp, value.serverTimestamp))
    sample = filter_->convert(item.index, raw, quality, time_of(value.serverTimestamp), flags);
  else sample = filter_->convert_own(item.index, raw, quality, context_.clock.now(), flags);
  counters_.suppressed.add(filter_->suppressed() - std::exchange(suppressed_seen_, filter_->suppressed()));
  if (sample) outbox_.add(*sample, raw.text);
}

/// The server's own time, which never holds still, in the same subscription: when it comes, the
/// subscription lives, and what else would have changed would have come too. The library tells nothing of
/// keep-alives. Without it points that hold still grow old, no more.
void Session::subscribe_heartbeat() {
  const auto node = UA_NODEID_NUMERIC(0, UA_NS0ID_SERVER_SERVERSTATUS_CURRENTTIME);
  UA_MonitoredItemCreateRequest request = UA_MonitoredItemCreateRequest_default(node);
  request.requestedParameters.samplingInterval = 1000;
  counters_.requests.add();
  const auto made = UA_Client_MonitoredItems_createDataChange(client_, subscription_, UA_TIMESTAMPSTORETURN_NEITHER,
                                                              request, this, on_heartbeat, nullptr);
  if (made.statusCode != UA_STATUSCODE_GOOD) counters_.exceptions.add();
}

void Session::on_heartbeat(UA_Client*, UA_UInt32, void*, UA_UInt32, void* context, UA_DataValue* value) {
  auto& self = *static_cast<Session*>(context);
  if (!self.context_.seen || (value->hasStatus && !quality_of(value->status).good())) return;
  std::vector<model::PointId> alive;
  for (const auto& [id, item] : self.items_)
    if (item->monitored != 0 && !self.filter_->lost(item->index)) alive.push_back({id});
  if (!alive.empty()) self.context_.seen(alive, self.context_.clock.now());
}

void Session::settle() {
  for (const auto& [sample, text] : filter_->settle(context_.clock.now())) outbox_.add(sample, text);
}

}  // namespace karez::connect::opcua
