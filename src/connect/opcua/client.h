// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

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

/// Lets the library hang up and greet the server again while it looks for the endpoint, and at no other
/// time. Servers name themselves by a URL that need not be the one they are reached by (another path, host
/// or port, OPC 10000-4 5.4.4); the library then says hello a second time with that URL, but always
/// to the address of the link. Thread: the guest's.
class Discovery {
 public:
  /// To be told of each state of the client.
  void follow(UA_Client* client, UA_SecureChannelState channel, UA_SessionState session);

 private:
  unsigned greetings_left_ = 2;  ///< one after FindServers, one after GetEndpoints
};

/// Makes an unconnected client on the guest's event loop; nullptr when memory is out.
UA_Client* make_client(Guest& guest, const Settings& settings, void* context);

/// From now on calls of this client wait for `patience` at most, and never longer than the link's
/// timeout.
void wait_at_most(UA_Client* client, const Settings& settings, Duration patience);

/// Disconnects and deletes; a server that does not answer is not waited for. Nullptr is fine.
void delete_client(UA_Client* client, const Settings& settings);

}  // namespace karez::connect::opcua
