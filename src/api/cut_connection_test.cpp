// SPDX-License-Identifier: Apache-2.0
#include "api/cut_connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace karez::api {
namespace {

TEST(CutConnection, EndsTheOneThatIsMeantAndNoOther) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(listener, 4), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  const auto dial = [&](sockaddr_in& own) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    socklen_t size = sizeof own;
    EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size), 0);
    return fd;
  };
  sockaddr_in first_end{}, second_end{};
  const int first = dial(first_end), first_accepted = ::accept(listener, nullptr, nullptr);
  const int second = dial(second_end), second_accepted = ::accept(listener, nullptr, nullptr);

  const Endpoint here{"127.0.0.1", ntohs(address.sin_port)};
  EXPECT_TRUE(cut_connection(here, {"127.0.0.1", ntohs(first_end.sin_port)}));
  char byte = 0;
  EXPECT_EQ(::recv(first, &byte, 1, 0), 0) << "the other side sees the end";
  EXPECT_EQ(::send(second_accepted, "x", 1, 0), 1);
  EXPECT_EQ(::recv(second, &byte, 1, 0), 1);
  EXPECT_FALSE(cut_connection(here, {"127.0.0.9", 1}));
  for (const int fd : {listener, first, first_accepted, second, second_accepted}) ::close(fd);
}

}  // namespace
}  // namespace karez::api
