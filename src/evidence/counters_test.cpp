// SPDX-License-Identifier: Apache-2.0
#include "evidence/counters.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/file.h"
#include "base/format.h"
#include "evidence/seen_ids.h"
#include "stores/open.h"

namespace karez::evidence {
namespace {

using model::Origin;

constexpr model::TenantId kTenant{1}, kOther{2};

class EvidenceCounters : public testing::Test {
 protected:
  EvidenceCounters() {
    clock_.jump_to(from_ns(500'000 * kHour));
    reopen();
  }
  static constexpr std::int64_t kHour = 3'600'000'000'000;
  void reopen() {
    counters_.reset();
    store_.reset();
    store_ = std::move(*stores::open_sql_store(folder_.path() / "meta.db"));
    counters_ = std::move(*Counters::open(*store_, clock_));
  }
  /// "kind origin hour count; …" of a tenant.
  std::string all(model::TenantId tenant = kTenant) {
    std::string out;
    const auto windows = counters_->read(tenant, from_ns(0), kMaxTime);
    if (!windows) return windows.error().message();
    for (const Window& w : *windows)
      out += karez::format("{} {} {}{} {}; ", to_string(w.kind), to_string(w.origin),
                           w.industry.empty() ? "" : w.industry + " ", to_ns(w.hour) / kHour - 500'000, w.count);
    return out;
  }

  TempDir folder_;
  ManualClock clock_;
  std::unique_ptr<stores::SqlStore> store_;
  std::unique_ptr<Counters> counters_;
};

TEST_F(EvidenceCounters, KeepTenantsAndOriginsApart) {
  counters_->add(Kind::samples_received, kTenant, Origin::real, 5);
  counters_->add(Kind::samples_received, kTenant, Origin::simulated, 7);
  counters_->add(Kind::samples_received, kOther, Origin::real, 1);
  counters_->add(Kind::samples_received, kTenant, Origin::real, 5);
  EXPECT_EQ(all(), "samples.received real 0 10; samples.received simulated 0 7; ");
  EXPECT_EQ(all(kOther), "samples.received real 0 1; ");
}

TEST_F(EvidenceCounters, CountByTheHour) {
  counters_->add(Kind::logins, kTenant, Origin::real);
  clock_.advance(std::chrono::minutes(61));
  counters_->add(Kind::logins, kTenant, Origin::real, 2);
  EXPECT_EQ(all(), "logins real 0 1; logins real 1 2; ");
  EXPECT_EQ(counters_->read(kTenant, clock_.now(), clock_.now() + Duration(1))->size(), 1u);
  EXPECT_EQ(counters_->read(kTenant, from_ns(500'000 * kHour + 5), from_ns(500'000 * kHour + 6))->size(), 1u);
  EXPECT_EQ(counters_->read(kTenant, kMinTime, from_ns(500'000 * kHour))->size(), 0u);
}

TEST_F(EvidenceCounters, SurviveARestart) {
  counters_->add(Kind::samples_stored, kTenant, Origin::real, 3);
  reopen();
  counters_->add(Kind::samples_stored, kTenant, Origin::real, 4);
  EXPECT_EQ(all(), "samples.stored real 0 7; ");
}

TEST_F(EvidenceCounters, CountAPointOnceAnHourAlsoOverARestart) {
  for (int i = 0; i < 3; ++i) counters_->seen(kTenant, model::PointId{70'000}, model::DeviceId{9}, Origin::replayed);
  counters_->seen(kTenant, model::PointId{70'001}, model::DeviceId{9}, Origin::replayed);
  EXPECT_EQ(all(), "devices.seen replayed 0 1; points.seen replayed 0 2; ");
  reopen();
  counters_->seen(kTenant, model::PointId{70'000}, model::DeviceId{9}, Origin::replayed);
  counters_->seen(kTenant, model::PointId{70'002}, model::DeviceId{9}, Origin::replayed);
  EXPECT_EQ(all(), "devices.seen replayed 0 1; points.seen replayed 0 3; ");
  clock_.advance(std::chrono::hours(1));
  counters_->seen(kTenant, model::PointId{70'000}, model::DeviceId{9}, Origin::replayed);
  EXPECT_EQ(
      all(),
      "devices.seen replayed 0 1; points.seen replayed 0 3; devices.seen replayed 1 1; points.seen replayed 1 1; ");
}

TEST_F(EvidenceCounters, BookUnderTheIndustryOfTheMoment) {
  counters_->add(Kind::samples_good, kTenant, Origin::real, 1);
  counters_->set_industry(kTenant, "C1512");
  counters_->add(Kind::samples_good, kTenant, Origin::real, 2);
  counters_->set_industry(kTenant, "C26");
  counters_->add(Kind::samples_good, kTenant, Origin::real, 3);
  EXPECT_EQ(all(), "samples.good real 0 1; samples.good real C1512 0 2; samples.good real C26 0 3; ");
}

TEST_F(EvidenceCounters, LoseNothingAmongManyThreads) {
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (std::uint32_t i = 0; i < 20'000; ++i) {
          counters_->add(Kind::samples_received, model::TenantId{i % 7 + 1}, Origin::real);
          counters_->seen(kTenant, model::PointId{i % 5000 + 1}, model::DeviceId{static_cast<unsigned>(t) + 1},
                          Origin::real);
        }
      });
    for (int i = 0; i < 5; ++i) EXPECT_TRUE(counters_->flush());
  }
  EXPECT_EQ(all(), "devices.seen real 0 4; points.seen real 0 5000; samples.received real 0 11432; ");
}

/// Fails writes when told to, before or after the real store has committed.
class FlakyStore final : public stores::SqlStore {
 public:
  explicit FlakyStore(stores::SqlStore& real) : real_(real) {}
  Result<> write(std::string_view id, const Work& work) override {
    if (fail_before) return fail(Errc::unavailable, "sql.busy");
    KZ_CHECK(real_.write(id, work));
    if (fail_after) return fail(Errc::unavailable, "sql.io");
    return {};
  }
  Result<> read(const Work& work) override { return real_.read(work); }
  Result<> migrate(const stores::Migrations& m) override { return real_.migrate(m); }
  Result<> backup(const std::string& path) override { return real_.backup(path); }
  bool fail_before = false, fail_after = false;

 private:
  stores::SqlStore& real_;
};

TEST_F(EvidenceCounters, CountOnceWhenTheStoreFails) {
  FlakyStore flaky(*store_);
  {
    const auto counters = Counters::open(flaky, clock_);
    ASSERT_TRUE(counters);
    (*counters)->add(Kind::writes_done, kTenant, Origin::real, 1);
    flaky.fail_before = true;
    EXPECT_FALSE((*counters)->flush());
    flaky.fail_before = false;
    flaky.fail_after = true;
    (*counters)->add(Kind::writes_done, kTenant, Origin::real, 10);
    EXPECT_FALSE((*counters)->flush());
    EXPECT_FALSE((*counters)->flush());
    flaky.fail_after = false;
    EXPECT_TRUE((*counters)->flush());
  }
  EXPECT_EQ(all(), "writes.done real 0 11; ");
}

TEST_F(EvidenceCounters, IgnoreWhatCannotBe) {
  counters_->add(static_cast<Kind>(200), kTenant, Origin::real);
  counters_->seen(kTenant, model::PointId{UINT32_MAX}, model::DeviceId{UINT64_MAX}, Origin::real);
  counters_->seen(kTenant, {}, {}, Origin::real);
  EXPECT_EQ(all(), "");
  EXPECT_EQ(to_string(static_cast<Kind>(200)), "unknown");
}

TEST(SeenIds, IgnoreDamagedBits) {
  SeenIds ids;
  ids.restore(0, "xyz", 1);
  ids.restore(SeenIds::kPages, std::string(SeenIds::kPageIds / 4, 'f'), 1);
  ids.restore(0, std::string(SeenIds::kPageIds / 4, 'z'), 1);
  EXPECT_TRUE(ids.mark(1, 1));
  ids.restore(0, std::string(SeenIds::kPageIds / 4, 'f'), 1);
  EXPECT_FALSE(ids.mark(2, 1));
}

}  // namespace
}  // namespace karez::evidence
