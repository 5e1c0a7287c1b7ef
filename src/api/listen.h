// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/time.h"

/// What the HTTP library does not tell of its sockets. Thread: main.
namespace karez::api {

/// The port to listen on: the given one if it is free, for 0 one of the system's choice. The HTTP library
/// shares ports between processes without a word, so this is asked before.
/// Errors: api.port_in_use, api.cannot_listen.
Result<std::uint16_t> free_port(const std::string& address, std::uint16_t port);

/// Waits until a connection is accepted: the library's loops start to listen some moments after it says
/// that it began. False when patience ended.
bool accepts(const std::string& address, std::uint16_t port, Duration patience);

}  // namespace karez::api
