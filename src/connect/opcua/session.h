// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "connect/opcua/client.h"
#include "connect/opcua/outbox.h"

namespace karez::connect::opcua {

/// One subscribed endpoint: connects, subscribes all points, hands values to the sink, reconnects with
/// back-off.
/// Thread: the guest's, all of it.
class Session final : public GuestClient {
 public:
  Session(Guest& guest, Settings settings, DriverContext& context, LinkCounters& counters);
  ~Session() override;  ///< what was not handed over by then is counted as lost
  void turn() override;
  bool may_receive() override { return !outbox_.stuck(); }
  /// What is not sent before the deadline is refused.
  std::vector<WriteResult> write(const std::vector<Write>& writes, net::Deadline deadline);
  /// Ends the connection. True once all that came was handed over; call it again until then.
  bool finish();

 private:
  struct Item {
    Session* session = nullptr;
    std::string address{};
    Duration period{0};
    std::size_t index = 0;    ///< in the filter's map, or kGone
    UA_UInt32 monitored = 0;  ///< 0: not subscribed
    const UA_DataType* native = nullptr;
    model::Quality refused{};  ///< why it is not subscribed
  };
  static constexpr std::size_t kGone = static_cast<std::size_t>(-1);

  static void on_state(UA_Client* client, UA_SecureChannelState channel, UA_SessionState session, UA_StatusCode status);
  static void on_silence(UA_Client* client, UA_UInt32 subscription, void* context);
  static void on_inactive(UA_Client* client);
  static void on_value(UA_Client* client, UA_UInt32 subscription, void* subscription_context, UA_UInt32 monitored,
                       void* item, UA_DataValue* value);
  static void on_heartbeat(UA_Client* client, UA_UInt32 subscription, void* subscription_context, UA_UInt32 monitored,
                           void* session, UA_DataValue* value);

  void connect();
  void close_client();
  void lose(const Error& why);
  void run_online(Monotonic now);
  Result<> set_up();
  void set_state(LinkState state, const Error* reason);
  void break_off(UA_StatusCode status);

  void adopt_map();
  std::vector<std::unique_ptr<Item>> index_items();
  void retry_refused(Monotonic now);
  void subscribe_missing();
  bool subscribe(std::span<Item* const> items);
  void unsubscribe(std::vector<std::unique_ptr<Item>> items);
  void set_periods(std::span<Item* const> items);
  void refuse(Item& item, model::Quality why);
  void take(Item& item, const UA_DataValue& value);
  void settle();
  void subscribe_heartbeat();

  WriteResult write_one(Item& item, const Write& write);
  Result<const UA_DataType*> native_type(Item& item, const UA_NodeId& id);

  Guest& guest_;
  Settings settings_;
  DriverContext& context_;
  LinkCounters& counters_;
  Outbox outbox_;
  UA_Client* client_ = nullptr;
  Discovery discovery_;
  LinkState state_ = LinkState::disabled;
  bool activated_ = false, broken_ = false;
  UA_StatusCode broken_status_ = UA_STATUSCODE_GOOD;
  Monotonic next_attempt_{}, attempt_deadline_{}, online_since_{}, next_retry_{};
  Duration retry_pause_{0};
  unsigned attempts_ = 0;
  std::minstd_rand jitter_{std::random_device{}()};
  std::vector<std::string> namespaces_;
  UA_UInt32 subscription_ = 0;
  std::size_t per_call_ = 0;  ///< monitored items the server takes in one call
  std::uint64_t suppressed_seen_ = 0;
  std::unique_ptr<PointFilter> filter_;  ///< of the map that items_ is of
  std::unordered_map<std::uint32_t, std::unique_ptr<Item>> items_;  ///< by PointId
  /// Not wanted any more, but the library may still name them until the client is deleted.
  std::vector<std::unique_ptr<Item>> gone_;
};

}  // namespace karez::connect::opcua
