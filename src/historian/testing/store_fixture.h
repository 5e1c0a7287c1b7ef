// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include "historian/engine.h"

/// For tests of the historian only.
namespace karez::historian::testing {

inline model::Sample sample(std::uint32_t point, std::int64_t ns, double value,
                            model::Quality quality = model::quality::kGood, std::uint8_t flags = 0) {
  return {.time = from_ns(ns),
          .bits = model::bits_of(value),
          .point = {point},
          .quality = quality,
          .type = model::ValueType::float64,
          .flags = flags};
}

/// Writes a file without syncing.
inline void put_file(const Path& path, std::string_view bytes) {
  auto file = File::open(path, File::Mode::create);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write(as_bytes(bytes)));
}

class StoreFixture : public ::testing::Test {
 protected:
  StoreFixture() {
    options.dir = folder.path() / "store";
    options.background = false;
    options.sync = SyncMode::off;
  }

  void open() {
    auto opened = Engine::open(options, clock, null_log());
    ASSERT_TRUE(opened) << opened.error().message();
    store = std::move(*opened);
  }
  void reopen() {
    store.reset();
    open();
  }

  Ticket write(const std::vector<model::Sample>& samples, unsigned lane = 0) {
    model::BatchRef batch = pool.acquire();
    for (const model::Sample& s : samples) EXPECT_TRUE(batch->add(s));
    const auto ticket = store->append(lane, batch);
    EXPECT_TRUE(ticket) << ticket.error().message();
    if (!ticket) return {};
    EXPECT_TRUE(store->wait_durable(*ticket, std::chrono::seconds(30)));
    return *ticket;
  }
  Ticket write_text(std::uint32_t point, std::int64_t ns, std::string_view text) {
    model::BatchRef batch = pool.acquire();
    EXPECT_TRUE(batch->add_text({.time = from_ns(ns), .point = {point}}, text));
    const auto ticket = store->append(0, batch);
    EXPECT_TRUE(ticket);
    return ticket.value_or(Ticket{});
  }

  RawPage raw(std::uint32_t point) {
    auto page = store->raw({.point = {point}, .range = {kMinTime, kMaxTime}, .limit = 1'000'000});
    EXPECT_TRUE(page) << page.error().message();
    return page.value_or(RawPage{});
  }
  std::vector<double> values(std::uint32_t point) {
    std::vector<double> out;
    for (const Point& p : raw(point).rows) out.push_back(model::numeric(p.type, p.bits));
    return out;
  }
  LastValue last(std::uint32_t point) {
    const model::PointId id{point};
    auto found = store->last({&id, 1});
    EXPECT_TRUE(found);
    return found->front();
  }

  TempDir folder;
  ManualClock clock;
  EngineOptions options;
  model::BatchPool pool{64};
  std::unique_ptr<Engine> store;
};

}  // namespace karez::historian::testing
