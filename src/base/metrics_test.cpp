// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.h"

#include <gtest/gtest.h>

namespace karez {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

TEST(Metrics, ExposesTextThatPrometheusReads) {
  MetricRegistry all;
  all.counter("karez_blocks_total", "Blocks.", {{"lane", "0"}}).add(3);
  all.gauge("karez_queue", "Waiting.").set(1.5);
  all.counter("karez_blocks_total", "Blocks.", {{"lane", "1\"\\\n"}}).add();
  all.callback("karez_up", "Up.", {}, [] { return 1.0; });
  EXPECT_EQ(all.expose(),
            "# HELP karez_blocks_total Blocks.\n# TYPE karez_blocks_total counter\n"
            "karez_blocks_total{lane=\"0\"} 3\nkarez_blocks_total{lane=\"1\\\"\\\\\\n\"} 1\n"
            "# HELP karez_queue Waiting.\n# TYPE karez_queue gauge\nkarez_queue 1.5\n"
            "# HELP karez_up Up.\n# TYPE karez_up gauge\nkarez_up 1\n");
}

TEST(Metrics, GivesTheSameInstrumentForTheSameName) {
  MetricRegistry all;
  Counter& a = all.counter("x", "X.", {{"k", "v"}});
  EXPECT_EQ(&a, &all.counter("x", "X.", {{"k", "v"}}));
  EXPECT_NE(&a, &all.counter("x", "X.", {{"k", "w"}}));
}

TEST(Metrics, ACallbackMayUseTheRegistryAndBeReplaced) {
  MetricRegistry all;
  all.callback("x", "X.", {}, [&] { return static_cast<double>(all.counter("y", "Y.").value()); });
  EXPECT_TRUE(all.expose().contains("x 0\n"));
  all.callback("x", "X.", {}, [] { return 7.0; });
  EXPECT_TRUE(all.expose().contains("x 7\n"));
}

TEST(Histogram, SortsDurationsIntoPowersOfTwo) {
  Histogram h;
  EXPECT_EQ(h.quantile(0.5), Duration{0});
  h.observe(Duration{-5});
  h.observe(microseconds(1));
  h.observe(microseconds(1000));
  h.observe(seconds(1000));
  EXPECT_EQ(h.count(), 4U);
  EXPECT_EQ(h.bucket(0), 1U);
  EXPECT_EQ(h.bucket(1), 1U);
  EXPECT_EQ(h.bucket(Histogram::kBuckets - 1), 1U);
  EXPECT_GE(h.quantile(0.75), microseconds(1000));
  EXPECT_LE(h.quantile(0.75), microseconds(1024));
}

TEST(Histogram, ExposesCumulativeBuckets) {
  MetricRegistry all;
  all.histogram("took_seconds", "Took.").observe(microseconds(3));
  const std::string text = all.expose();
  EXPECT_TRUE(text.contains("took_seconds_bucket{le=\"2e-06\"} 0\n")) << text;
  EXPECT_TRUE(text.contains("took_seconds_bucket{le=\"4e-06\"} 1\n"));
  EXPECT_TRUE(text.contains("took_seconds_bucket{le=\"+Inf\"} 1\n"));
  EXPECT_TRUE(text.contains("took_seconds_count 1\n"));
}

}  // namespace
}  // namespace karez
