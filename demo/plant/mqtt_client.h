// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace karez::plant {

struct Broker {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
};

/// libmosquitto without its threads: one session that comes back by itself. MQTT 3.1.1, clean session.
/// Thread: one; handlers are called inside `serve`.
class MqttClient {
 public:
  struct Handlers {
    /// Before each attempt to connect, for the will: topic and payload; an empty topic for none.
    std::function<std::pair<std::string, std::string>()> will;
    std::function<void()> connected;
    std::function<void(std::string_view topic, std::string_view payload)> message;
  };
  static Result<std::unique_ptr<MqttClient>> open(const std::string& client_id, Broker broker, Handlers handlers);
  ~MqttClient();

  bool connected() const noexcept;
  /// Reads, writes and reconnects (once a second at most). A dead broker on a far host may hold it for a while.
  void serve();
  void subscribe(const std::string& filter);
  /// QoS 0 or 1. What cannot be sent now is lost.
  void publish(const std::string& topic, std::string_view payload, int qos, bool retain = false);
  /// Says goodbye after what was published before has been written.
  void disconnect();

 private:
  struct Impl;
  explicit MqttClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::plant
