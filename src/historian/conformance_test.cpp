// SPDX-License-Identifier: Apache-2.0
#include "historian/conformance.h"

#include "historian/engine.h"

namespace karez::historian {
namespace {

class EngineUnderTest final : public StoreUnderTest {
 public:
  explicit EngineUnderTest(EngineOptions options) : options_(std::move(options)) {
    options_.dir = folder_.path() / "store";
    EngineUnderTest::reopen();
  }
  TimeSeriesStore& store() override { return *engine_; }
  void reopen() override {
    engine_.reset();
    auto opened = Engine::open(options_, clock_, null_log());
    ASSERT_TRUE(opened) << opened.error().message();
    engine_ = std::move(*opened);
  }

 private:
  TempDir folder_;
  SystemClock clock_;
  EngineOptions options_;
  std::unique_ptr<Engine> engine_;
};

MakeStore with(EngineOptions options) {
  return [options] { return std::make_unique<EngineUnderTest>(options); };
}

INSTANTIATE_TEST_SUITE_P(EngineAsDelivered, StoreConformance, ::testing::Values(with({})));
INSTANTIATE_TEST_SUITE_P(EngineThatReplays, StoreConformance,
                         ::testing::Values(with({.sync = SyncMode::interval, .flush_on_close = false})));

}  // namespace
}  // namespace karez::historian
