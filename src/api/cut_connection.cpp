// SPDX-License-Identifier: Apache-2.0
#include "api/cut_connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <optional>

namespace karez::api {
namespace {

using Ask = int (*)(int, sockaddr*, socklen_t*);

std::optional<Endpoint> end_of(int fd, Ask ask) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (ask(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
  const bool is_v6 = storage.ss_family == AF_INET6;
  if (!is_v6 && storage.ss_family != AF_INET) return std::nullopt;
  const void* address = is_v6 ? static_cast<const void*>(&v6->sin6_addr) : &v4->sin_addr;
  if (!inet_ntop(storage.ss_family, address, text.data(), text.size())) return std::nullopt;
  return Endpoint{text.data(), ntohs(is_v6 ? v6->sin6_port : v4->sin_port)};
}

}  // namespace

bool cut_connection(const Endpoint& here, const Endpoint& there) {
  std::error_code failed;
  for (std::filesystem::directory_iterator it("/proc/self/fd", failed), end; !failed && it != end;
       it.increment(failed)) {
    const std::string name = it->path().filename().string();
    int fd = -1;
    if (std::from_chars(name.data(), name.data() + name.size(), fd).ec != std::errc{}) continue;
    if (end_of(fd, ::getpeername) == there && end_of(fd, ::getsockname) == here) return ::shutdown(fd, SHUT_RDWR) == 0;
  }
  return false;
}

}  // namespace karez::api
