// SPDX-License-Identifier: Apache-2.0
#include "connect/modbus/session.h"

#include <gtest/gtest.h>

#include "net/scripted_stream.h"

namespace karez::connect::modbus {
namespace {

using namespace std::chrono_literals;
using net::run_now;

std::vector<std::byte> bytes_of(std::initializer_list<unsigned> values) {
  std::vector<std::byte> out;
  for (const unsigned v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

struct ModbusSession : testing::Test {
  net::Loop loop{"test"};
  ManualClock clock;
  LinkSettings settings;
  LinkCounters counters;
  std::optional<Session> session;
  net::ScriptedStream* stream = nullptr;

  void start(Framing framing = Framing::mbap) {
    settings.framing = framing;
    session.emplace(loop, clock, settings, counters);
    auto script = std::make_unique<net::ScriptedStream>();
    stream = script.get();
    session->adopt(std::move(script));
  }
  void frame(std::uint16_t transaction, std::uint8_t unit, const std::vector<std::byte>& pdu, std::size_t chunk = 0) {
    std::array<std::byte, kMaxFrame> out;
    const std::size_t n = encode_frame(settings.framing, transaction, unit, pdu, out);
    stream->reply(std::span(out).first(n), chunk);
  }
  Result<> ask(std::uint8_t unit = 1) {
    return run_now(session->ask(unit, read_request(Area::holding_register, 0, 1), 1s, reply));
  }
  Reply reply;
};

TEST_F(ModbusSession, ReadsAnAnswerThatTricklesIn) {
  start();
  frame(1, 1, bytes_of({3, 2, 0x12, 0x34}), 1);
  ASSERT_TRUE(ask());
  EXPECT_EQ(reply.size, 2u);
  EXPECT_EQ(reply.bytes[1], std::byte{0x34});
  EXPECT_EQ(reply.received, clock.now());
}

TEST_F(ModbusSession, DropsTheLateAnswerToAnOlderRequest) {
  start();
  stream->timeout();
  EXPECT_EQ(ask().error().slug(), "modbus.timeout");
  EXPECT_TRUE(session->connected());
  frame(1, 1, bytes_of({3, 2, 0x66, 0x66}));
  frame(2, 1, bytes_of({3, 2, 0x00, 0x07}));
  ASSERT_TRUE(ask());
  EXPECT_EQ(reply.bytes[1], std::byte{7});
  EXPECT_EQ(counters.late_dropped.value(), 1u);
  EXPECT_EQ(counters.timeouts.value(), 1u);
}

TEST_F(ModbusSession, RefusesTheAnswerOfAnotherUnit) {
  start();
  frame(1, 2, bytes_of({3, 2, 0x66, 0x66}));
  EXPECT_EQ(ask().error().slug(), "modbus.wrong_unit");
  EXPECT_TRUE(session->connected());
}

TEST_F(ModbusSession, ClosesWhenTheStreamIsNoModbus) {
  start();
  stream->reply(as_bytes("HTTP/1.1 400 Bad Request"));
  EXPECT_EQ(ask().error().slug(), "modbus.bad_header");
  EXPECT_FALSE(session->connected());
  EXPECT_EQ(ask().error().slug(), "modbus.not_connected");
}

TEST_F(ModbusSession, ReportsLossWithWhatWasSent) {
  start();
  stream->reset();
  EXPECT_EQ(ask().error().slug(), "net.reset");
  EXPECT_TRUE(reply.sent);
  start();
  stream->break_writes();
  EXPECT_FALSE(ask());
  EXPECT_FALSE(session->connected());
}

/// Stops the link at the very moment when bytes have come, or were sent.
struct ClosedMeanwhile final : net::Stream {
  Session& session;
  bool while_writing;
  int quiet;  ///< reads that time out before
  ClosedMeanwhile(Session& s, bool w, int q = 0) : session(s), while_writing(w), quiet(q) {}
  net::Task<Result<std::size_t>> read_some(std::span<std::byte>, net::Deadline) override {
    if (quiet-- > 0) co_return fail(Errc::timeout, "net.timeout");
    session.close();
    co_return std::size_t{1};
  }
  net::Task<Result<>> write_all(ByteView, net::Deadline) override {
    if (while_writing) session.close();
    co_return Result<>{};
  }
  void close() override {}
  std::string peer() const override { return "test"; }
};

TEST_F(ModbusSession, SurvivesAStopWhileAnAnswerIsOnItsWay) {
  for (const Framing framing : {Framing::mbap, Framing::rtu}) {
    for (const bool while_writing : {false, true}) {
      settings.framing = framing;
      session.emplace(loop, clock, settings, counters);
      session->adopt(std::make_unique<ClosedMeanwhile>(*session, while_writing));
      EXPECT_EQ(ask().error().slug(), "modbus.not_connected");
      EXPECT_TRUE(reply.sent);
      EXPECT_FALSE(session->connected());
    }
  }
  session.emplace(loop, clock, settings, counters);
  session->adopt(std::make_unique<ClosedMeanwhile>(*session, false, 1));
  EXPECT_EQ(ask().error().slug(), "modbus.timeout");
  EXPECT_EQ(ask().error().slug(), "modbus.not_connected") << "while waiting for what comes late";
}

TEST_F(ModbusSession, AnExceptionIsAnAnswer) {
  start();
  frame(1, 1, bytes_of({0x83, 2}));
  EXPECT_EQ(ask().error().slug(), "modbus.illegal_address");
  EXPECT_EQ(session->answers(), 1u);
  EXPECT_EQ(counters.exceptions.value(), 1u);
}

TEST_F(ModbusSession, RtuThrowsAwayWhatCameLate) {
  start(Framing::rtu);
  stream->timeout();
  EXPECT_EQ(ask().error().slug(), "modbus.timeout");
  frame(0, 1, bytes_of({3, 2, 0x66, 0x66}));  // the late one
  stream->timeout();                          // quiet at last
  frame(0, 1, bytes_of({3, 2, 0x00, 0x07}));
  ASSERT_TRUE(ask());
  EXPECT_EQ(reply.bytes[1], std::byte{7});
  EXPECT_EQ(counters.late_dropped.value(), 1u);
}

TEST_F(ModbusSession, RtuSurvivesForeignFramesAndNoise) {
  start(Framing::rtu);
  stream->reply(as_bytes("noise"));
  frame(0, 9, bytes_of({3, 2, 0x66, 0x66}));
  frame(0, 1, bytes_of({4, 2, 0x66, 0x66}));
  frame(0, 1, bytes_of({3, 2, 0x00, 0x07}), 3);
  ASSERT_TRUE(ask());
  EXPECT_EQ(reply.bytes[1], std::byte{7});
}

}  // namespace
}  // namespace karez::connect::modbus
