// SPDX-License-Identifier: Apache-2.0
#include "stream/lanes.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/bounded_queue.h"
#include "stream/ack_queue.h"

namespace karez::stream {
namespace {

struct Item {
  model::BatchRef batch;
  model::DurableAck ack;
};

struct Lane {
  Lane(std::size_t queue_blocks, std::size_t pending_acks) : queue(queue_blocks), acks(pending_acks) {}
  BoundedQueue<Item> queue;
  AckQueue acks;
  std::atomic<std::uint64_t> blocks{0}, samples{0}, future_times{0}, store_errors{0}, store_waits{0};
  bool store_failing = false;  // lane thread only: logged once per streak
  std::thread thread;
};

constexpr Duration kFirstWait = std::chrono::milliseconds(1), kLongestWait = std::chrono::milliseconds(50);

}  // namespace

struct Lanes::Impl {
  Impl(Options o, Clock& c, Log& l) : options(o), clock(c), log(l) {
    options.lanes = std::clamp(options.lanes, 1U, 4U);
    options.queue_blocks = std::max<std::size_t>(options.queue_blocks, 1);
    options.pending_acks = std::max<std::size_t>(options.pending_acks, 1);
    for (unsigned i = 0; i < options.lanes; ++i)
      lanes.push_back(std::make_unique<Lane>(options.queue_blocks, options.pending_acks));
  }

  Options options;
  Clock& clock;
  Log& log;
  std::vector<std::unique_ptr<Lane>> lanes;
  std::vector<Stage> stages;
  StoreStage store;
  std::atomic<std::uint32_t> sources{0};
  std::atomic<bool> stopping{false};
  std::atomic<std::int64_t> give_up_at{0};  // steady clock, ns; 0 while running

  void run(unsigned number) {
    Lane& lane = *lanes[number];
    while (auto item = lane.queue.pop()) process(number, lane, *item);
  }

  void process(unsigned number, Lane& lane, Item& item) {
    model::SampleBatch& batch = *item.batch;
    if (batch.header.received == Timestamp{}) batch.header.received = clock.now();
    correct_times(lane, batch);
    for (const Stage& stage : stages) stage(number, item.batch);
    const Result<std::uint64_t> lsn = store_it(number, lane, item.batch);
    lane.blocks.fetch_add(1, std::memory_order_relaxed);
    lane.samples.fetch_add(batch.size(), std::memory_order_relaxed);
    if (!lsn) lane.store_errors.fetch_add(1, std::memory_order_relaxed);
    if (!lsn && !lane.store_failing) log.error("stream", "A block was not stored: {}", lsn.error().message());
    lane.store_failing = !lsn;
    if (!item.ack.listener) return;
    if (lsn) lane.acks.push(std::move(item.ack), *lsn, std::nullopt);
    else lane.acks.push(std::move(item.ack), 0, lsn.error());
  }

  static void correct_times(Lane& lane, model::SampleBatch& batch) {
    const Timestamp latest = batch.header.received + kFutureLimit;
    std::uint64_t corrected = 0;
    for (model::Sample& sample : batch.owned_samples()) {
      if (sample.time <= latest && sample.time >= kEarliest) continue;
      sample.time = batch.header.received;
      sample.flags |= model::flag::kSubstituted;
      ++corrected;
    }
    if (corrected > 0) lane.future_times.fetch_add(corrected, std::memory_order_relaxed);
  }

  /// Holds the block until the store takes it: the full queue behind tells the drivers.
  Result<std::uint64_t> store_it(unsigned number, Lane& lane, const model::BatchRef& batch) {
    for (Duration wait = kFirstWait;; wait = std::min(wait * 2, kLongestWait)) {
      if (!lane.acks.full()) {
        auto lsn = store ? store(number, batch) : Result<std::uint64_t>(0);
        if (lsn || lsn.error().slug() != "store.busy" || given_up()) return lsn;
      } else if (given_up()) {
        return fail(Errc::cancelled, "stream.stopped");
      }
      lane.store_waits.fetch_add(1, std::memory_order_relaxed);
      lane.acks.wait_for_progress(wait);
    }
  }

  bool given_up() const {
    const std::int64_t at = give_up_at.load();
    return at != 0 && std::chrono::steady_clock::now().time_since_epoch().count() >= at;
  }

  void stop() {
    if (stopping.exchange(true)) return;
    const Monotonic deadline = std::chrono::steady_clock::now() + options.stop_wait;
    give_up_at = deadline.time_since_epoch().count();
    for (auto& lane : lanes) lane->queue.close();
    const Error stopped(Errc::cancelled, "stream.stopped");
    for (auto& lane : lanes) {
      if (lane->thread.joinable()) lane->thread.join();
      // Only when the lanes never started.
      while (auto item = lane->queue.try_pop())
        if (item->ack.listener) item->ack.listener->on_durable(item->ack.cookie, std::unexpected<Error>(stopped));
    }
    for (auto& lane : lanes) {
      (void)lane->acks.wait_empty(deadline - std::chrono::steady_clock::now());  // late ones get the error below
      lane->acks.fail_all(stopped);
      (void)lane->acks.wait_empty(std::chrono::seconds(1));  // an answer may be under way on the commit thread
    }
  }
};

Lanes::Lanes(Options options, Clock& clock, Log& log) : impl_(std::make_unique<Impl>(options, clock, log)) {}
Lanes::~Lanes() { stop(); }

void Lanes::add_stage(Stage stage) { impl_->stages.push_back(std::move(stage)); }
void Lanes::set_store(StoreStage store) { impl_->store = std::move(store); }

void Lanes::start() {
  for (unsigned i = 0; i < impl_->lanes.size(); ++i)
    impl_->lanes[i]->thread = std::thread([impl = impl_.get(), i] { impl->run(i); });
}

void Lanes::stop() { impl_->stop(); }

Result<> Lanes::submit(model::BatchRef batch, model::DurableAck ack) {
  KZ_ASSERT(batch);
  Lane& lane = *impl_->lanes[lane_of(batch->header.source)];
  if (lane.queue.try_push(Item{std::move(batch), std::move(ack)})) return {};
  if (impl_->stopping.load()) return fail(Errc::cancelled, "stream.stopped");
  return fail(Errc::exhausted, "stream.lane_full");
}

void Lanes::durable(std::uint64_t lsn, const Error* failed) {
  for (auto& lane : impl_->lanes) lane->acks.durable(lsn, failed);
}

model::SourceId Lanes::new_source() { return model::SourceId{impl_->sources.fetch_add(1) + 1}; }

unsigned Lanes::lane_of(model::SourceId source) const noexcept {
  return static_cast<unsigned>(source.value % impl_->lanes.size());
}

LaneStats Lanes::stats(unsigned lane) const {
  const Lane& l = *impl_->lanes.at(lane);
  return {.blocks = l.blocks.load(),
          .samples = l.samples.load(),
          .future_times = l.future_times.load(),
          .store_errors = l.store_errors.load(),
          .store_waits = l.store_waits.load(),
          .queued = l.queue.size()};
}

unsigned Lanes::count() const noexcept { return static_cast<unsigned>(impl_->lanes.size()); }

}  // namespace karez::stream
