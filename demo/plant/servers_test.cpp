// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bit>

#include "base/bytes.h"
#include "plant/modbus_server.h"

namespace karez::plant {
namespace {

/// A client on the wire, by hand: the server's library must not prove itself.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// PDU of the answer.
  std::vector<std::byte> ask(ModbusServer& server, std::uint8_t unit, std::uint8_t function, std::uint16_t address,
                             std::uint16_t count) {
    std::vector<std::byte> out;
    ByteWriter w(out);
    w.u16be(7);
    w.u16be(0);
    w.u16be(6);
    w.u8(unit);
    w.u8(function);
    w.u16be(address);
    w.u16be(count);
    EXPECT_EQ(::send(fd_, out.data(), out.size(), 0), std::ssize(out));
    server.serve(std::chrono::seconds(5));  // takes the connection the first time
    std::byte buffer[300];
    ssize_t n = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0) {
      server.serve(std::chrono::seconds(5));
      n = ::recv(fd_, buffer, sizeof buffer, 0);
    }
    EXPECT_GT(n, 7);
    return {buffer + 7, buffer + std::max<ssize_t>(n, 7)};
  }

 private:
  int fd_;
};

class ModbusServerTest : public ::testing::Test {
 protected:
  Plant plant_{Recordings::load("demo/plant/data").value(), 1};
  std::unique_ptr<ModbusServer> server_ = ModbusServer::open(0).value();
  Client client_{server_->port()};
};

TEST_F(ModbusServerTest, ShowsTheRecordingInBothForms) {
  server_->show(plant_);
  const auto answer = client_.ask(*server_, 1, 3, 0, 5);
  ByteReader r(answer);
  EXPECT_EQ(r.u8(), 3);
  EXPECT_EQ(r.u8(), 10);
  EXPECT_FLOAT_EQ(std::bit_cast<float>(r.u32be()), 73.9673F);  // the first record of NAB
  EXPECT_EQ(r.u16be(), 740);
  EXPECT_EQ(r.u32be(), 0U);
}

TEST_F(ModbusServerTest, TakesWhatClientsWriteAndWhatOthersSet) {
  server_->show(plant_);
  (void)client_.ask(*server_, 2, 6, 12, 12'000);
  (void)client_.ask(*server_, 2, 5, 0, 0);
  server_->show(plant_);
  EXPECT_EQ(plant_.line.filler.speed_setpoint, 12'000);
  EXPECT_FALSE(plant_.line.filler.run);
  plant_.line.filler.speed_setpoint = 9'000;  // by another protocol
  server_->show(plant_);
  const auto answer = client_.ask(*server_, 2, 3, 12, 1);
  ByteReader r(answer);
  r.skip(2);
  EXPECT_EQ(r.u16be(), 9'000);
  EXPECT_EQ(plant_.line.filler.speed_setpoint, 9'000);
}

TEST_F(ModbusServerTest, RefusesOtherUnitsAndAddresses) {
  server_->show(plant_);
  EXPECT_EQ(client_.ask(*server_, 9, 3, 0, 1).at(1), std::byte{0x0b});
  EXPECT_EQ(client_.ask(*server_, 1, 3, 60'000, 1).at(1), std::byte{0x02});
}

TEST_F(ModbusServerTest, CannotListenOnATakenPort) {
  EXPECT_EQ(ModbusServer::open(server_->port()).error().slug(), "plant.cannot_listen");
}

}  // namespace
}  // namespace karez::plant
