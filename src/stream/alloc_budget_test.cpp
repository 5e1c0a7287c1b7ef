// SPDX-License-Identifier: Apache-2.0
// A warm lane must not allocate: this program counts every operator new while blocks run through it.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>

#include "stream/lanes.h"
#include "stream/latest.h"

// g++ inlines one half of the pair and then takes malloc and free for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace {
std::atomic<bool> counting{false};
std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t size, std::size_t align) {
  if (counting.load(std::memory_order_relaxed)) allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = align > alignof(std::max_align_t) ? std::aligned_alloc(align, (size + align - 1) / align * align)
                                                   : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}
}  // namespace

void* operator new(std::size_t size) { return counted(size, 0); }
void* operator new[](std::size_t size) { return counted(size, 0); }
void* operator new(std::size_t size, std::align_val_t align) { return counted(size, static_cast<std::size_t>(align)); }
void* operator new[](std::size_t size, std::align_val_t align) {
  return counted(size, static_cast<std::size_t>(align));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace karez::stream {
namespace {

class CountAnswers final : public model::DurableListener {
 public:
  void on_durable(std::uint64_t, const Result<>&) noexcept override { answers.fetch_add(1); }
  std::atomic<std::uint64_t> answers{0};
};

TEST(AllocBudget, WarmLaneAllocatesNothing) {
  ManualClock clock;
  model::BatchPool pool(32);
  LatestTable latest;
  Lanes lanes({.lanes = 1, .queue_blocks = 16}, clock, null_log());
  std::atomic<std::uint64_t> lsn{0};
  lanes.add_stage([&](unsigned, const model::BatchRef& batch) { latest.update(*batch); });
  lanes.set_store([&](unsigned, const model::BatchRef&) -> Result<std::uint64_t> { return ++lsn; });
  lanes.start();

  const auto listener = std::make_shared<CountAnswers>();
  const auto run = [&](std::uint64_t blocks) {
    const std::uint64_t until = listener->answers + blocks;
    for (std::uint64_t sent = 0; sent < blocks;) {
      model::BatchRef batch = pool.acquire();
      if (!batch) {
        lanes.durable(lsn, nullptr);
        std::this_thread::yield();
        continue;
      }
      batch->header.received = clock.now();
      for (std::uint32_t p = 1; p <= 500; ++p)
        (void)batch->add(
            {.time = clock.now(), .bits = p, .point = model::PointId{p * 3}, .type = model::ValueType::int64});
      (void)batch->add_text({.time = clock.now(), .point = model::PointId{2}},
                            "a text of more than fifteen characters");
      while (!lanes.submit(batch, {listener, sent})) {
        lanes.durable(lsn, nullptr);
        std::this_thread::yield();
      }
      ++sent;
    }
    while (listener->answers < until) {
      lanes.durable(lsn, nullptr);
      std::this_thread::yield();
    }
  };
  run(100);
  counting = true;
  run(2'000);
  counting = false;
  EXPECT_EQ(allocations, 0U);
  std::printf("%llu allocations in 2,000 blocks with 1,002,000 samples\n",
              static_cast<unsigned long long>(allocations.load()));
}

}  // namespace
}  // namespace karez::stream
