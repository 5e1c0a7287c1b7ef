// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace karez::api {

struct Endpoint {
  std::string ip;
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

/// Breaks the TCP connection of this process between the two ends off, so that the other side sees that
/// what it got is not all. The HTTP library can end a long body but not say that it failed, and does not
/// show its sockets; so ours is looked up among the open files. False when there is no such connection.
/// Thread: the one that owns the socket, so that it cannot be closed and used anew meanwhile.
bool cut_connection(const Endpoint& here, const Endpoint& there);

}  // namespace karez::api
