// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/stream.h"

namespace karez::net {

/// A stream over a connected TCP socket, which it owns from now on.
std::unique_ptr<Stream> make_tcp_stream(Loop& loop, int socket, bool ipv6, std::string peer, TcpOptions options);

/// The first of these numeric addresses that takes the connection, tried one after the other; each may
/// take an equal share of the time that is left.
Task<Result<std::unique_ptr<Stream>>> connect_first(Loop& loop, std::vector<std::string> addresses, std::uint16_t port,
                                                    Deadline deadline, std::stop_token stop, TcpOptions options);

/// net.refused, net.reset, net.unreachable … for an errno value, with what it means at `where`.
Error socket_error(int code, const std::string& where);

}  // namespace karez::net
