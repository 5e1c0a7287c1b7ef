// SPDX-License-Identifier: Apache-2.0
#include "api/body_pump.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

namespace karez::api {
namespace {

using namespace std::chrono_literals;

/// All that the loop would send; at most `most` reads.
std::string drain(BodyPump& pump, std::size_t most = 1'000'000) {
  std::string out;
  std::array<char, 4096> buffer{};
  for (std::size_t i = 0; i < most; ++i) {
    const std::size_t n = pump.read(buffer.data(), buffer.size());
    if (n == 0) break;
    out.append(buffer.data(), n);
  }
  return out;
}

BodyStream lines(int count) {
  return [next = 0, count](std::string& out) mutable -> Result<bool> {
    out += std::to_string(next) + "\n";
    return ++next < count;
  };
}

TEST(BodyPump, GivesEveryByteInOrder) {
  WorkerPool makers(2, 16);
  std::string all = "head\n";
  for (int i = 0; i < 100'000; ++i) all += std::to_string(i) + "\n";
  const auto pump = std::make_shared<BodyPump>(lines(100'000), "head\n", makers,
                                               BodyPump::Limits{.part = 8192, .reserve = 64, .blink = 1s});
  EXPECT_EQ(drain(*pump), all);
  EXPECT_FALSE(pump->failed());
}

TEST(BodyPump, NeverWaitsLongForASlowMaker) {
  WorkerPool makers(1, 16);
  std::latch go(1);
  const auto stream = [&go](std::string& out) -> Result<bool> {
    go.wait();
    out += "tail";
    return false;
  };
  const auto pump = std::make_shared<BodyPump>(stream, std::string(100, 'x'), makers,
                                               BodyPump::Limits{.part = 8192, .reserve = 90, .blink = 20ms});
  std::array<char, 4096> buffer{};
  EXPECT_EQ(pump->read(buffer.data(), buffer.size()), 10u) << "what lies above the reserve comes at once";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(pump->read(buffer.data(), buffer.size()), 1u);
  go.count_down();
  EXPECT_EQ(drain(*pump), std::string(85, 'x') + "tail");
  EXPECT_FALSE(pump->failed());
}

TEST(BodyPump, GivesUpOnAMakerThatNeverComes) {
  WorkerPool makers(1, 16);
  std::latch go(1);
  ASSERT_TRUE(makers.submit([&go] { go.wait(); }));
  const auto pump = std::make_shared<BodyPump>(lines(2), std::string(5, 'x'), makers,
                                               BodyPump::Limits{.part = 8192, .reserve = 10, .blink = 1ms});
  EXPECT_EQ(drain(*pump), "xxxxx");
  EXPECT_TRUE(pump->failed());
  go.count_down();
}

TEST(BodyPump, SaysThatABodyIsNotComplete) {
  WorkerPool makers(1, 16);
  const auto stream = [n = 0](std::string& out) mutable -> Result<bool> {
    if (++n == 3) return fail(Errc::unavailable, "store.gone");
    out += "part";
    return true;
  };
  const auto pump = std::make_shared<BodyPump>(stream, "first", makers);
  drain(*pump);
  EXPECT_TRUE(pump->failed());
}

TEST(BodyPump, EndsWhenThePoolStops) {
  WorkerPool makers(1, 16);
  std::latch go(1);
  ASSERT_TRUE(makers.submit([&go] { go.wait(); }));
  const auto pump = std::make_shared<BodyPump>(lines(2), std::string(50, 'x'), makers,
                                               BodyPump::Limits{.part = 8192, .reserve = 100, .blink = 1ms});
  std::array<char, 8> buffer{};
  EXPECT_EQ(pump->read(buffer.data(), buffer.size()), 1u) << "its job waits in the queue";
  go.count_down();
  makers.stop();
  drain(*pump);
  // The job was either made or dropped with the pool; in both cases nobody waits.
  SUCCEED();
}

TEST(BodyPump, AsksAFullPoolAgain) {
  WorkerPool makers(1, 1);
  std::latch started(1), go(1);
  ASSERT_TRUE(makers.submit([&] {
    started.count_down();
    go.wait();
  }));
  started.wait();
  ASSERT_TRUE(makers.submit([] {}));
  const auto pump = std::make_shared<BodyPump>(lines(2), std::string(50, 'x'), makers,
                                               BodyPump::Limits{.part = 8192, .reserve = 100, .blink = 20ms});
  std::array<char, 8> buffer{};
  EXPECT_EQ(pump->read(buffer.data(), buffer.size()), 1u) << "refused, and not ended by that";
  go.count_down();
  EXPECT_EQ(drain(*pump), std::string(49, 'x') + "0\n1\n");
  EXPECT_FALSE(pump->failed());
}

}  // namespace
}  // namespace karez::api
