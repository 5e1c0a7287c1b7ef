// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/outbox.h"

#include <gtest/gtest.h>

#include "connect/collecting_sink.h"

namespace karez::connect::opcua {
namespace {

struct OpcUaOutbox : testing::Test, LinkObserver, model::SampleSink {
  CollectingSink sink;
  model::BatchPool pool{2};
  ManualClock clock;
  net::Loop loop{"test"};
  LinkCounters counters;
  std::uint64_t seq = 7;
  bool stopped = false;
  DriverContext context{
      *this, pool, *this, loop, clock, null_log(), {1}, seq, [] { return std::make_shared<const PointMap>(); }};
  void link_state(LinkState, const Error*) override {}
  void device_state(model::DeviceId, LinkState, const Error*) override {}
  Result<> submit(model::BatchRef block, model::DurableAck ack) override {
    if (stopped) return fail(Errc::cancelled, "stream.stopped");
    return sink.submit(std::move(block), std::move(ack));
  }
  void fill(Outbox& outbox, std::int64_t from, std::int64_t to) {
    for (std::int64_t i = from; i < to; ++i)
      outbox.add({.time = clock.now(), .bits = model::bits_of(i), .point = {1}, .type = model::ValueType::int64}, {});
  }
};

TEST_F(OpcUaOutbox, KeepsOrderAndNumbersWhileTheLaneIsFull) {
  constexpr std::int64_t kCount = 3000;
  {
    Outbox outbox(context, counters);
    sink.refuse(1'000'000);
    fill(outbox, 0, kCount);
    EXPECT_TRUE(outbox.stuck());
    sink.refuse(1);
    outbox.flush();
    EXPECT_TRUE(outbox.stuck());
    outbox.flush();
    EXPECT_FALSE(outbox.stuck());
    outbox.flush();
    EXPECT_TRUE(outbox.empty());
  }
  const auto kept = sink.kept();
  ASSERT_EQ(kept.size(), static_cast<std::size_t>(kCount));
  for (std::size_t i = 0; i < kept.size(); ++i) ASSERT_EQ(kept[i].sample.bits, i);
  EXPECT_EQ(kept.front().seq, 7);
  EXPECT_EQ(kept.back().seq + 1, seq) << "numbers go on with the next session";
  EXPECT_EQ(counters.lost.value(), 0);
  EXPECT_GT(counters.overruns.value(), 0);
}

TEST_F(OpcUaOutbox, CountsWhatIsLost) {
  {
    Outbox outbox(context, counters);
    stopped = true;
    fill(outbox, 0, 10);
    outbox.flush();
    EXPECT_TRUE(outbox.empty()) << "a sink that ended is not asked for ever";
    EXPECT_EQ(counters.lost.value(), 10);
    stopped = false;
    sink.refuse(1'000'000);
    fill(outbox, 0, 2000);
  }
  EXPECT_EQ(counters.lost.value(), 2010);
  EXPECT_EQ(seq, 7) << "no number without a block";
  EXPECT_EQ(pool.free_blocks(), pool.capacity());
}

TEST_F(OpcUaOutbox, ABlockSpansATenthOfASecond) {
  Outbox outbox(context, counters);
  fill(outbox, 0, 1);
  clock.advance(std::chrono::milliseconds(150));
  fill(outbox, 1, 2);
  outbox.flush();
  ASSERT_EQ(sink.kept().size(), 2);
  EXPECT_EQ(sink.kept()[1].received - sink.kept()[0].received, std::chrono::milliseconds(150));
}

}  // namespace
}  // namespace karez::connect::opcua
