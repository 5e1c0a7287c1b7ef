// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/metrics.h"
#include "connect/driver.h"
#include "connect/opcua/guest.h"
#include "connect/opcua/ua.h"

namespace karez::connect::opcua {

/// The link's settings.
struct Settings {
  std::string endpoint, user, password;
  Duration publishing{std::chrono::milliseconds(500)}, timeout{std::chrono::seconds(5)};
  std::uint32_t queue_size = 100;
  bool every_change = false;  ///< instead of sampling in the point's period
};
/// Errors: opcua.bad_config.
Result<Settings> parse_settings(const std::string& json);

/// Counters that any thread may read.
struct Counts {
  std::atomic<LinkState> state{LinkState::disabled};
  Counter requests, responses, timeouts, exceptions, reconnects, good, bad, suppressed, lost, overruns;
  Counter writes_done, writes_refused, writes_failed, writes_unknown;
  Histogram rtt;
  std::atomic<std::int64_t> last_sample_ns{to_ns(kMinTime)}, last_error_ns{to_ns(kMinTime)};
  std::mutex error_mutex;
  std::string last_error;
};

/// Makes an unconnected client on the guest's event loop; nullptr when memory is out.
UA_Client* make_client(Guest& guest, const Settings& settings, void* context);

/// One subscribed endpoint: connects, subscribes all points, hands values to the sink, reconnects with
/// back-off. Thread: the guest's, all of it.
class Session final : public GuestClient {
 public:
  Session(Guest& guest, Settings settings, DriverContext& context, Counts& counts);
  ~Session() override;
  void turn() override;
  bool may_receive() override { return spill_.empty(); }
  std::vector<WriteResult> write(const std::vector<Write>& writes);

 private:
  struct Item {
    Session* session = nullptr;
    PointMap::Entry entry;      ///< as subscribed
    std::size_t index = 0;      ///< in the present map
    UA_UInt32 monitored = 0;    ///< 0: not subscribed
    const UA_DataType* native = nullptr;
    model::Quality refused;     ///< why it is not subscribed
    Timestamp newest = kMinTime;  ///< source time that was stored last
    Timestamp lost_at = kMinTime; ///< of the bad sample while no value came since
  };
  struct Spilled {
    model::Sample sample;
    std::string text;
  };

  static void on_state(UA_Client* client, UA_SecureChannelState channel, UA_SessionState session, UA_StatusCode status);
  static void on_silence(UA_Client* client, UA_UInt32 subscription, void* context);
  static void on_inactive(UA_Client* client);
  static void on_value(UA_Client* client, UA_UInt32 subscription, void* subscription_context, UA_UInt32 monitored,
                       void* item, UA_DataValue* value);

  void connect();
  void close_client();
  void lose(const Error& why);
  Result<> set_up();
  void adopt_map();
  void subscribe(std::span<Item* const> items);
  void unsubscribe(Item& item);
  void refuse(Item& item, model::Quality why);
  void take(Item& item, const UA_DataValue& value);
  void tell_return(Item& item, model::Sample& sample, std::string_view text);
  bool put(const model::Sample& sample, std::string_view text);
  void emit(const model::Sample& sample, std::string_view text);
  void flush();
  void set_state(LinkState state, const Error* reason);
  WriteResult write_one(Item& item, const Write& write);
  Result<const UA_DataType*> native_type(Item& item, const UA_NodeId& id);

  Guest& guest_;
  Settings settings_;
  DriverContext& context_;
  Counts& counts_;
  UA_Client* client_ = nullptr;
  LinkState state_ = LinkState::disabled;
  bool activated_ = false, broken_ = false;
  UA_StatusCode broken_status_ = UA_STATUSCODE_GOOD;
  Monotonic next_attempt_{}, attempt_deadline_{}, online_since_{};
  unsigned attempts_ = 0;
  std::minstd_rand jitter_{std::random_device{}()};
  std::vector<std::string> namespaces_;
  UA_UInt32 subscription_ = 0;
  std::uint64_t revision_ = 0;
  std::unique_ptr<PointFilter> filter_;
  std::unordered_map<std::uint32_t, std::unique_ptr<Item>> items_;  ///< by PointId
  model::BatchRef batch_;
  std::deque<Spilled> spill_;
  std::uint64_t seq_ = 0;
  Monotonic batch_started_{};
};

}  // namespace karez::connect::opcua
