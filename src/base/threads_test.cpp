// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "base/bounded_queue.h"
#include "base/worker_pool.h"

namespace karez {
namespace {

TEST(BoundedQueue, RefusesWhenFullAndLeavesTheItemAlone) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  EXPECT_TRUE(queue.try_push(std::make_unique<int>(1)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.try_push(std::move(second)));
  EXPECT_NE(second, nullptr);  // NOLINT(bugprone-use-after-move): that is the promise
  EXPECT_EQ(**queue.pop(), 1);
  EXPECT_TRUE(queue.try_push(std::move(second)));
}

TEST(BoundedQueue, IsFirstInFirstOutAroundTheRing) {
  BoundedQueue<int> queue(3);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(queue.try_push(int{i}));
    EXPECT_EQ(queue.try_pop(), i);
  }
  EXPECT_FALSE(queue.try_pop());
  EXPECT_EQ(queue.size(), 0U);
}

TEST(BoundedQueue, DrainsAfterCloseThenEnds) {
  BoundedQueue<int> queue(3);
  (void)queue.try_push(1);
  queue.close();
  EXPECT_TRUE(queue.closed());
  EXPECT_FALSE(queue.try_push(2));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_FALSE(queue.pop());
}

TEST(BoundedQueue, WakesOnStopAndOnDeadline) {
  BoundedQueue<int> queue(1);
  EXPECT_FALSE(queue.pop_until(std::chrono::steady_clock::now()));
  std::stop_source stop;
  std::jthread waiting([&] { EXPECT_FALSE(queue.pop(stop.get_token())); });
  stop.request_stop();
}

TEST(BoundedQueue, LosesAndDoublesNothingBetweenThreads) {
  constexpr int kProducers = 3, kEach = 2'000;
  BoundedQueue<int> queue(8);
  std::atomic<int> sum{0}, count{0};
  std::vector<std::jthread> consumers, producers;
  for (int i = 0; i < 2; ++i)
    consumers.emplace_back([&] {
      while (const auto v = queue.pop()) {
        sum += *v;
        ++count;
      }
    });
  for (int i = 0; i < kProducers; ++i)
    producers.emplace_back([&] {
      for (int v = 1; v <= kEach;)
        if (queue.try_push(int{v})) ++v;
    });
  producers.clear();
  queue.close();
  consumers.clear();
  EXPECT_EQ(count, kProducers * kEach);
  EXPECT_EQ(sum, kProducers * (kEach * (kEach + 1) / 2));
}

TEST(WorkerPool, RunsJobsAndRefusesWhenFull) {
  WorkerPool pool(1, 1);
  std::latch started(1), go(1), done(2);
  ASSERT_TRUE(pool.submit([&] {
    started.count_down();
    go.wait();
    done.count_down();
  }));
  started.wait();
  ASSERT_TRUE(pool.submit([&] { done.count_down(); }));
  EXPECT_EQ(pool.submit([] {}).error().slug(), "workers.full");
  EXPECT_EQ(pool.queued(), 1U);
  go.count_down();
  done.wait();
}

TEST(WorkerPool, DropsQueuedJobsOnStop) {
  std::atomic<bool> second{false};
  std::latch started(1), go(1);
  WorkerPool pool(1, 4);
  ASSERT_TRUE(pool.submit([&] {
    started.count_down();
    go.wait();
  }));
  started.wait();
  ASSERT_TRUE(pool.submit([&] { second = true; }));
  std::jthread stopper([&] { pool.stop(); });
  while (pool.submit([] {})) std::this_thread::yield();  // until the pool refuses
  go.count_down();
  stopper.join();
  EXPECT_EQ(pool.submit([] {}).error().slug(), "workers.stopped");
}

}  // namespace
}  // namespace karez
