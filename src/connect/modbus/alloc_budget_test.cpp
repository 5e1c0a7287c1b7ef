// SPDX-License-Identifier: Apache-2.0
// A warm poll may allocate once at most; it allocates nothing. A program of its own, as it replaces operator new.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "base/format.h"
#include "connect/link_hub.h"
#include "connect/modbus/fake_device.h"

namespace {

thread_local bool counting_thread = false;
std::atomic<std::uint64_t> allocations = 0;

}  // namespace

// GCC takes free() of what this operator new gave for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(std::size_t size) {
  if (counting_thread) allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
// Asio takes its operations from here.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  if (counting_thread) allocations.fetch_add(1, std::memory_order_relaxed);
  void* p = nullptr;
  return posix_memalign(&p, std::max(alignment, sizeof(void*)), size) == 0 ? p : nullptr;
}

namespace karez::connect {

const DriverInfo& modbus_driver();

namespace modbus {
namespace {

struct Nothing final : model::SampleSink, LinkObserver {
  Result<> submit(model::BatchRef batch, model::DurableAck) override {
    samples += batch->size();
    return {};
  }
  void link_state(LinkState, const Error*) override {}
  void device_state(model::DeviceId, LinkState, const Error*) override {}
  std::atomic<std::uint64_t> samples = 0;
};

TEST(ModbusAllocBudget, AWarmPollAllocatesNothing) {
  FakeDevice device;
  Nothing nothing;
  model::BatchPool pool(8);
  SystemClock clock;
  net::Loop loop("driver");
  const auto map = std::make_shared<PointMap>();
  map->revision = 1;
  map->devices.push_back({.id = {1}, .config = "{}"});
  for (std::uint32_t i = 0; i < 50; ++i) {
    map->points.push_back(
        {.id = {i + 1}, .address = karez::format("hr:#{}:f32", 10 * i), .period = std::chrono::milliseconds(2)});
  }
  const auto driver = modbus_driver().create(loop, clock, null_log());
  std::uint64_t next_seq = 1;
  DriverContext context{nothing, pool, nothing, loop, clock, null_log(), {1}, next_seq, [&] { return map; }};
  const LinkConfig link{
      .id = {1}, .tenant = {1}, .config = karez::format(R"({{"host":"127.0.0.1","port":{}}})", device.port())};
  net::TaskScope scope(loop);
  scope.spawn([&](std::stop_token stop) { return driver->run(link, context, stop); });
  const auto wait_for = [&](std::uint64_t responses) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (driver->stats().responses < responses && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  };
  wait_for(200);
  loop.post([] { counting_thread = true; });
  wait_for(driver->stats().responses + 20);
  const std::uint64_t before = allocations, responses = driver->stats().responses;
  wait_for(responses + 500);
  const std::uint64_t used = allocations - before, polls = driver->stats().responses - responses;
  scope.stop_and_join();
  EXPECT_GE(polls, 500u);
  EXPECT_EQ(used, 0u) << "in " << polls << " requests";
  EXPECT_GT(nothing.samples, 1000u);
}

}  // namespace
}  // namespace modbus
}  // namespace karez::connect
