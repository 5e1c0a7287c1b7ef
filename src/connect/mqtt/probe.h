// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/json.h"
#include "connect/mqtt/config.h"
#include "connect/mqtt/connection.h"
#include "connect/mqtt/join.h"
#include "connect/mqtt/spb_host.h"

/// Short visits to a broker: testing a link, and listening for what there is.
namespace karez::connect::mqtt {

/// Connects with a client id of its own, subscribes, and shows each message to a listener until it has
/// enough or the time is up.
/// Thread: the loop.
class Probe final : public MessageHandler {
 public:
  Probe(net::Loop& loop, Clock& clock, LinkSettings settings)
      : loop_(loop), clock_(clock), settings_(std::move(settings)) {
    settings_.connect.client_id += "-" + random_hex(4);
    settings_.connect.clean = true;
    settings_.connect.session_expiry_s = 0;
    settings_.connect.will.reset();
  }
  /// Errors as of Connection::dial.
  net::Task<Result<>> dial(net::Deadline deadline);
  net::Task<Result<>> handshake(net::Deadline deadline) { co_return co_await connection_->handshake(deadline); }
  /// Subscribes and listens. `listen` returns true when it has enough; `tick` comes every 100 ms and may
  /// do the same. The error of the subscription, if any; the end of time is none.
  struct Listener {
    std::function<bool(const Message&, Effects&)> message;
    std::function<bool(Timestamp, Effects&)> tick;
  };
  net::Task<Result<>> listen(std::vector<Subscription> subscriptions, Listener listener, net::Deadline until);

  Connection& connection() { return *connection_; }
  net::Task<Result<>> received(const Publish& message) override;
  net::Task<Result<>> drained() override { co_return Result<>{}; }
  void released(std::uint16_t) override {}

 private:
  net::Task<Result<>> attend(std::vector<Subscription> subscriptions, net::Deadline until);
  void send(Effects& effects);

  net::Loop& loop_;
  Clock& clock_;
  LinkSettings settings_;
  LinkCounters counters_;
  std::unique_ptr<Connection> connection_;
  Listener listener_;
  Effects effects_;
  std::optional<Error> refused_;
  bool enough_ = false;
};

net::Task<Result<TestReport>> test_link(net::Loop& loop, Clock& clock, LinkConfig link,
                                        std::shared_ptr<const PointMap> points, net::Deadline deadline);

/// What a few seconds of listening have shown.
struct Catalogue {
  struct Leaf {
    std::string address, name, value, type_name, unit;
    model::ValueType type = model::ValueType::none;
    model::Quality quality;
  };
  struct Item {  ///< a topic, an edge node or a device
    std::string name;
    bool alone = false;  ///< the topic is a value itself
    std::vector<Leaf> leaves;
  };
  bool sparkplug = false;
  std::map<std::string, Item, std::less<>> items;  ///< by topic, or by "group/node[/device]", escaped
  Monotonic taken{};
};
net::Task<Result<Catalogue>> take_catalogue(net::Loop& loop, Clock& clock, LinkConfig link, std::string node,
                                            net::Deadline deadline);
/// One page of it. Errors: browse.unknown_node, browse.continuation.
Result<BrowsePage> page_of(const Catalogue& catalogue, const BrowseRequest& request);
/// The leaves of a JSON document as points of `topic`, at most `limit`.
void add_leaves(const JsonValue& value, const std::string& topic, std::string pointer, std::size_t limit,
                std::vector<Catalogue::Leaf>& out);

}  // namespace karez::connect::mqtt
