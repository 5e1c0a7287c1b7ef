// SPDX-License-Identifier: Apache-2.0
#include "plant/mqtt_client.h"

#include <chrono>
#include <format>

#include <mosquitto.h>

namespace karez::plant {

struct MqttClient::Impl {
  mosquitto* session = nullptr;
  Broker broker;
  Handlers handlers;
  bool connected = false;
  std::chrono::steady_clock::time_point next_attempt{};

  ~Impl() {
    if (session) mosquitto_destroy(session);
    mosquitto_lib_cleanup();
  }

  static void on_connect(mosquitto*, void* self, int code) {
    Impl& impl = *static_cast<Impl*>(self);
    impl.connected = code == 0;
    if (impl.connected && impl.handlers.connected) impl.handlers.connected();
  }
  static void on_disconnect(mosquitto*, void* self, int) { static_cast<Impl*>(self)->connected = false; }
  static void on_message(mosquitto*, void* self, const mosquitto_message* message) {
    const Impl& impl = *static_cast<Impl*>(self);
    if (impl.handlers.message)
      impl.handlers.message(
          message->topic, {static_cast<const char*>(message->payload), static_cast<std::size_t>(message->payloadlen)});
  }

  void attempt() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_attempt) return;
    next_attempt = now + std::chrono::seconds(1);
    mosquitto_will_clear(session);
    if (handlers.will) {
      const auto [topic, payload] = handlers.will();
      if (!topic.empty())
        mosquitto_will_set(session, topic.c_str(), static_cast<int>(payload.size()), payload.data(), 1, false);
    }
    mosquitto_connect(session, broker.host.c_str(), broker.port, 20);  // fails or is seen to fail by the loop
  }
};

MqttClient::MqttClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MqttClient::~MqttClient() = default;

Result<std::unique_ptr<MqttClient>> MqttClient::open(const std::string& client_id, Broker broker, Handlers handlers) {
  mosquitto_lib_init();
  auto impl = std::make_unique<Impl>();
  impl->broker = std::move(broker);
  impl->handlers = std::move(handlers);
  impl->session = mosquitto_new(client_id.c_str(), true, impl.get());
  if (!impl->session) return fail(Errc::exhausted, "plant.mqtt", "The MQTT client cannot be made.");
  mosquitto_connect_callback_set(impl->session, Impl::on_connect);
  mosquitto_disconnect_callback_set(impl->session, Impl::on_disconnect);
  mosquitto_message_callback_set(impl->session, Impl::on_message);
  return std::unique_ptr<MqttClient>(new MqttClient(std::move(impl)));
}

bool MqttClient::connected() const noexcept { return impl_->connected; }

void MqttClient::serve() {
  // Several rounds, since one handles one packet only.
  for (int round = 0; round < 8; ++round) {
    if (mosquitto_loop(impl_->session, 0, 1) != MOSQ_ERR_SUCCESS) {
      impl_->connected = false;
      impl_->attempt();
      return;
    }
  }
}

void MqttClient::subscribe(const std::string& filter) {
  (void)mosquitto_subscribe(impl_->session, nullptr, filter.c_str(), 1);  // a lost session subscribes again
}

void MqttClient::publish(const std::string& topic, std::string_view payload, int qos, bool retain) {
  if (impl_->connected)
    (void)mosquitto_publish(impl_->session, nullptr, topic.c_str(), static_cast<int>(payload.size()), payload.data(),
                            qos, retain);
}

void MqttClient::disconnect() {
  for (int round = 0; round < 20; ++round) mosquitto_loop(impl_->session, 5, 1);
  mosquitto_disconnect(impl_->session);
  mosquitto_loop(impl_->session, 5, 1);
}

}  // namespace karez::plant
