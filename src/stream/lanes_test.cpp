// SPDX-License-Identifier: Apache-2.0
#include "stream/lanes.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <thread>

namespace karez::stream {
namespace {

using model::BatchRef;
using model::DurableAck;
using model::PointId;
using model::Sample;
using model::SourceId;
using std::chrono::minutes;
using std::chrono::seconds;

/// Writes down every answer.
class Answers final : public model::DurableListener {
 public:
  void on_durable(std::uint64_t cookie, const Result<>& outcome) noexcept override {
    const std::lock_guard lock(mutex_);
    all_.emplace_back(cookie, outcome ? "" : std::string(outcome.error().slug()));
    changed_.notify_all();
  }
  std::vector<std::pair<std::uint64_t, std::string>> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, seconds(20), [&] { return all_.size() >= count; }));
    return all_;
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return all_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::uint64_t, std::string>> all_;
};

/// A store whose thread is the test: it counts, and is busy, broken or durable when told so.
struct FakeStore {
  std::atomic<std::uint64_t> lsn{0};
  std::atomic<bool> busy{false}, broken{false};
  std::mutex mutex;
  std::vector<std::vector<Sample>> blocks;
  std::counting_semaphore<> stored{0};

  StoreStage stage() {
    return [this](unsigned, const BatchRef& batch) -> Result<std::uint64_t> {
      if (busy) return fail(Errc::exhausted, "store.busy");
      if (broken) return fail(Errc::corrupt, "store.poisoned");
      {
        const std::lock_guard lock(mutex);
        blocks.emplace_back(batch->samples().begin(), batch->samples().end());
      }
      const std::uint64_t mine = ++lsn;
      stored.release();
      return mine;
    };
  }
  void wait(int count) {
    for (int i = 0; i < count; ++i) ASSERT_TRUE(stored.try_acquire_for(seconds(20)));
  }
};

class LanesTest : public ::testing::Test {
 protected:
  std::unique_ptr<Lanes> make(Lanes::Options options = {}) {
    options.stop_wait = Duration{0};
    auto lanes = std::make_unique<Lanes>(options, clock_, null_log());
    lanes->set_store(store_.stage());
    return lanes;
  }
  BatchRef block(SourceId source = SourceId{1}, Duration ahead = Duration{0}) {
    BatchRef batch = pool_.acquire();
    EXPECT_TRUE(batch);
    batch->header.source = source;
    batch->header.received = clock_.now();
    (void)batch->add({.time = clock_.now() + ahead, .point = PointId{1}, .type = model::ValueType::boolean});
    return batch;
  }
  DurableAck ack(std::uint64_t cookie) { return {answers_, cookie}; }

  ManualClock clock_;
  model::BatchPool pool_{64};
  FakeStore store_;
  std::shared_ptr<Answers> answers_ = std::make_shared<Answers>();
};

TEST_F(LanesTest, RunsStagesInOrderBeforeTheStore) {
  std::string order;
  auto lanes = make({.lanes = 1});
  lanes->add_stage([&](unsigned, const BatchRef&) { order += 'a'; });
  lanes->add_stage([&](unsigned, const BatchRef&) { order += 'b'; });
  lanes->set_store([&, inner = store_.stage()](unsigned lane, const BatchRef& batch) {
    order += 's';
    return inner(lane, batch);
  });
  lanes->start();
  ASSERT_TRUE(lanes->submit(block(), {}));
  store_.wait(1);
  lanes->stop();
  EXPECT_EQ(order, "abs");
  EXPECT_EQ(lanes->stats(0).blocks, 1U);
  EXPECT_EQ(lanes->stats(0).samples, 1U);
}

TEST_F(LanesTest, AcknowledgesOnlyWhatIsDurableAndInOrder) {
  auto lanes = make({.lanes = 1});
  lanes->start();
  for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(lanes->submit(block(), ack(i)));
  store_.wait(3);
  EXPECT_EQ(answers_->size(), 0U);
  lanes->durable(2, nullptr);
  EXPECT_EQ(answers_->wait(2).size(), 2U);
  lanes->durable(3, nullptr);
  const auto all = answers_->wait(3);
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(all[i], (std::pair{i + 1, std::string()}));
}

TEST_F(LanesTest, AcknowledgesWhatBecameDurableBeforeTheLaneWroteItDown) {
  auto lanes = make({.lanes = 1});
  lanes->set_store([&](unsigned, const BatchRef&) -> Result<std::uint64_t> {
    lanes->durable(1, nullptr);  // the commit thread was quicker
    return 1;
  });
  lanes->start();
  ASSERT_TRUE(lanes->submit(block(), ack(1)));
  EXPECT_EQ(answers_->wait(1)[0].second, "");
}

TEST_F(LanesTest, FailsEverythingAboveTheWatermarkWhenTheLogIsPoisoned) {
  auto lanes = make({.lanes = 1});
  lanes->start();
  for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(lanes->submit(block(), ack(i)));
  store_.wait(3);
  const Error poisoned(Errc::unavailable, "store.poisoned");
  lanes->durable(1, &poisoned);
  auto all = answers_->wait(3);
  EXPECT_EQ(all[0].second, "");
  EXPECT_EQ(all[1].second, "store.poisoned");
  EXPECT_EQ(all[2].second, "store.poisoned");
  ASSERT_TRUE(lanes->submit(block(), ack(4)));
  EXPECT_EQ(answers_->wait(4)[3].second, "store.poisoned");
}

TEST_F(LanesTest, AnswersARefusedBlockInItsTurnAndGoesOn) {
  auto lanes = make({.lanes = 1});
  lanes->start();
  ASSERT_TRUE(lanes->submit(block(), ack(1)));
  store_.wait(1);
  store_.broken = true;
  ASSERT_TRUE(lanes->submit(block(), ack(2)));
  while (lanes->stats(0).blocks < 2) std::this_thread::yield();
  EXPECT_EQ(answers_->size(), 0U);
  lanes->durable(1, nullptr);
  EXPECT_EQ(answers_->wait(2)[1].second, "store.poisoned");
  EXPECT_EQ(lanes->stats(0).store_errors, 1U);
  store_.broken = false;
  ASSERT_TRUE(lanes->submit(block(), ack(3)));
  store_.wait(1);
  lanes->durable(2, nullptr);
  EXPECT_EQ(answers_->wait(3)[2].second, "");
}

TEST_F(LanesTest, BusyStoreBecomesBackPressureAndLosesNothing) {
  auto lanes = make({.lanes = 1, .queue_blocks = 2});
  store_.busy = true;
  lanes->start();
  std::uint64_t taken = 0;
  ASSERT_TRUE(lanes->submit(block(), ack(++taken)));
  while (lanes->stats(0).store_waits == 0) std::this_thread::yield();  // the lane holds the first
  ASSERT_TRUE(lanes->submit(block(), ack(++taken)));
  ASSERT_TRUE(lanes->submit(block(), ack(++taken)));
  const auto refused = lanes->submit(block(), ack(99));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().slug(), "stream.lane_full");
  store_.busy = false;
  store_.wait(3);
  lanes->durable(3, nullptr);
  const auto all = answers_->wait(3);
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(all[i], (std::pair{i + 1, std::string()}));
}

TEST_F(LanesTest, TooManyOpenAcknowledgementsHoldTheLane) {
  auto lanes = make({.lanes = 1, .queue_blocks = 4, .pending_acks = 2});
  lanes->start();
  for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(lanes->submit(block(), ack(i)));
  while (lanes->stats(0).store_waits == 0) std::this_thread::yield();
  EXPECT_EQ(store_.lsn, 2U);
  lanes->durable(2, nullptr);
  store_.wait(3);
  lanes->durable(3, nullptr);
  EXPECT_EQ(answers_->wait(3).size(), 3U);
}

TEST_F(LanesTest, StoresFutureTimesAtReceived) {
  auto lanes = make({.lanes = 1});
  lanes->start();
  ASSERT_TRUE(lanes->submit(block(SourceId{1}, minutes(5)), {}));
  ASSERT_TRUE(lanes->submit(block(SourceId{1}, minutes(5) + Duration{1}), {}));
  store_.wait(2);
  lanes->stop();
  EXPECT_EQ(store_.blocks[0][0].time, clock_.now() + minutes(5));
  EXPECT_EQ(store_.blocks[0][0].flags, 0);
  EXPECT_EQ(store_.blocks[1][0].time, clock_.now());
  EXPECT_EQ(store_.blocks[1][0].flags, model::flag::kSubstituted);
  EXPECT_EQ(lanes->stats(0).future_times, 1U);
}

TEST_F(LanesTest, StoresTimesBefore1970AtReceived) {
  auto lanes = make({.lanes = 1});
  lanes->start();
  ASSERT_TRUE(lanes->submit(block(SourceId{1}, -clock_.now().time_since_epoch()), {}));
  ASSERT_TRUE(lanes->submit(block(SourceId{1}, -clock_.now().time_since_epoch() - Duration{1}), {}));
  store_.wait(2);
  lanes->stop();
  EXPECT_EQ(store_.blocks[0][0].time, from_ns(0));
  EXPECT_EQ(store_.blocks[1][0].time, clock_.now());
  EXPECT_EQ(store_.blocks[1][0].flags, model::flag::kSubstituted);
}

TEST_F(LanesTest, DatesBlocksThatTheirDriverDidNot) {
  auto lanes = make({.lanes = 1});
  Timestamp received;
  lanes->add_stage([&](unsigned, const BatchRef& batch) { received = batch->header.received; });
  lanes->start();
  BatchRef batch = block();
  batch->header.received = {};
  ASSERT_TRUE(lanes->submit(std::move(batch), {}));
  store_.wait(1);
  lanes->stop();
  EXPECT_EQ(received, clock_.now());
  EXPECT_EQ(store_.blocks[0][0].time, clock_.now());
}

TEST_F(LanesTest, MapsASourceToOneLane) {
  auto lanes = make({.lanes = 3});
  const SourceId a = lanes->new_source(), b = lanes->new_source();
  EXPECT_NE(a, b);
  EXPECT_TRUE(a);
  EXPECT_EQ(lanes->lane_of(a), lanes->lane_of(a));
  EXPECT_NE(lanes->lane_of(a), lanes->lane_of(b));
  EXPECT_EQ(lanes->count(), 3U);
}

TEST_F(LanesTest, StopDrainsTheQueueAndAnswersEverybody) {
  auto lanes = make({.lanes = 1});
  lanes->start();
  for (std::uint64_t i = 1; i <= 10; ++i) ASSERT_TRUE(lanes->submit(block(), ack(i)));
  lanes->stop();
  EXPECT_EQ(store_.lsn, 10U);
  const auto all = answers_->wait(10);
  EXPECT_EQ(all.size(), 10U);
  EXPECT_EQ(all[9], (std::pair{std::uint64_t{10}, std::string("stream.stopped")}));
  EXPECT_EQ(lanes->submit(block(), {}).error().slug(), "stream.stopped");
  EXPECT_EQ(pool_.free_blocks(), pool_.capacity());
}

TEST_F(LanesTest, StopDoesNotHangOnABusyStore) {
  auto lanes = make({.lanes = 1});
  store_.busy = true;
  lanes->start();
  for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(lanes->submit(block(), ack(i)));
  lanes->stop();
  EXPECT_EQ(answers_->wait(3).size(), 3U);
}

TEST_F(LanesTest, StopAnswersBlocksOfLanesThatNeverStarted) {
  auto lanes = make({.lanes = 1});
  ASSERT_TRUE(lanes->submit(block(), ack(1)));
  lanes->stop();
  EXPECT_EQ(answers_->wait(1)[0].second, "stream.stopped");
}

TEST_F(LanesTest, ManySourcesKeepTheirOrder) {
  constexpr std::uint64_t kEach = 300;
  auto lanes = make({.lanes = 4, .queue_blocks = 4, .pending_acks = 4});
  lanes->start();
  std::jthread commit([&](std::stop_token stop) {
    while (!stop.stop_requested()) {
      lanes->durable(store_.lsn, nullptr);
      std::this_thread::yield();
    }
  });
  std::vector<std::shared_ptr<Answers>> answers;
  {
    std::vector<std::jthread> drivers;
    for (int s = 0; s < 5; ++s) {
      answers.push_back(std::make_shared<Answers>());
      drivers.emplace_back([&, mine = answers.back(), source = lanes->new_source()] {
        for (std::uint64_t i = 0; i < kEach;) {
          BatchRef batch = pool_.acquire();
          if (!batch) continue;
          batch->header.source = source;
          batch->header.received = clock_.now();
          (void)batch->add({.time = clock_.now(), .point = PointId{source.value}});
          if (lanes->submit(std::move(batch), {mine, i})) ++i;
        }
      });
    }
  }
  for (auto& one : answers) {
    const auto all = one->wait(kEach);
    ASSERT_EQ(all.size(), kEach);
    for (std::uint64_t i = 0; i < kEach; ++i) ASSERT_EQ(all[i], (std::pair{i, std::string()}));
  }
  commit.request_stop();
  commit.join();
  lanes->stop();
  EXPECT_EQ(pool_.free_blocks(), pool_.capacity());
}

}  // namespace
}  // namespace karez::stream
