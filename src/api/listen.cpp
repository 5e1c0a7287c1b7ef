// SPDX-License-Identifier: Apache-2.0
#include "api/listen.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "base/format.h"

namespace karez::api {

Result<std::uint16_t> free_port(const std::string& address, std::uint16_t port) {
  const bool v6 = address.contains(':');
  sockaddr_storage storage{};
  socklen_t length = v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  auto* v4_address = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6_address = reinterpret_cast<sockaddr_in6*>(&storage);
  storage.ss_family = v6 ? AF_INET6 : AF_INET;
  (v6 ? v6_address->sin6_port : v4_address->sin_port) = htons(port);
  if (inet_pton(storage.ss_family, address.c_str(),
                v6 ? static_cast<void*>(&v6_address->sin6_addr) : &v4_address->sin_addr) != 1)
    return fail(Errc::invalid_argument, "api.cannot_listen", karez::format("'{}' is not an IP address.", address));
  const int fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail(Errc::unavailable, "api.cannot_listen", std::strerror(errno));
  const int on = 1;
  (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);  // a socket in TIME_WAIT is no user
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&storage), length) == 0 && listen(fd, 1) == 0;
  const int why = errno;
  if (bound) (void)getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length);
  close(fd);
  if (!bound && why == EADDRINUSE)
    return fail(Error(Errc::conflict, "api.port_in_use")
                    .with(karez::format("Port {} of {} is in use.", port, address))
                    .cure("Choose another port, or stop the program that uses this one."));
  if (!bound)
    return fail(Errc::unavailable, "api.cannot_listen", karez::format("{}:{}: {}", address, port, std::strerror(why)));
  return ntohs(v6 ? v6_address->sin6_port : v4_address->sin_port);
}

bool accepts(const std::string& address, std::uint16_t port, Duration patience) {
  const auto end = std::chrono::steady_clock::now() + patience;
  const std::string host = address == "0.0.0.0" ? "127.0.0.1" : address == "::" ? "::1" : address;
  while (std::chrono::steady_clock::now() < end) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* at = nullptr;
    if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &at) != 0) return false;
    const int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool open = fd >= 0 && ::connect(fd, at->ai_addr, at->ai_addrlen) == 0;
    freeaddrinfo(at);
    if (fd >= 0) close(fd);
    if (open) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

}  // namespace karez::api
