// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/client.h"

#include "base/json.h"

namespace karez::connect::opcua {
namespace {

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

void Discovery::follow(UA_Client* client, UA_SecureChannelState channel, UA_SessionState session) {
  bool& stay_down = UA_Client_getConfig(client)->noReconnect;
  if (session != UA_SESSIONSTATE_CLOSED) greetings_left_ = 0;
  if (channel == UA_SECURECHANNELSTATE_OPEN) {
    stay_down = greetings_left_ == 0;
  } else if (channel != UA_SECURECHANNELSTATE_CLOSED && channel != UA_SECURECHANNELSTATE_CLOSING && !stay_down) {
    stay_down = true;  // it greets again; a server that hangs up before the channel is open is given up
    --greetings_left_;
  }
}

UA_Client* make_client(Guest& guest, const Settings& settings, void* context) {
  UA_ClientConfig config{};
  config.logging = const_cast<UA_Logger*>(guest.logger());
  config.eventLoop = guest.event_loop();
  config.externalEventLoop = true;
  if (UA_ClientConfig_setDefault(&config) != UA_STATUSCODE_GOOD) return nullptr;
  config.clientContext = context;
  config.timeout = milliseconds(settings.timeout);
  config.noReconnect = true;  // reconnecting is ours: points must be told. See Discovery for the one exception
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

void wait_at_most(UA_Client* client, const Settings& settings, Duration patience) {
  constexpr Duration kLeast = std::chrono::milliseconds(1);
  UA_Client_getConfig(client)->timeout = milliseconds(std::clamp(patience, kLeast, settings.timeout));
}

void delete_client(UA_Client* client, const Settings& settings) {
  if (client == nullptr) return;
  wait_at_most(client, settings, std::chrono::milliseconds(500));
  UA_Client_getConfig(client)->stateCallback = nullptr;
  UA_Client_getConfig(client)->noReconnect = true;
  UA_Client_delete(client);
}

}  // namespace karez::connect::opcua
