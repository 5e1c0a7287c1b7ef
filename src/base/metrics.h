// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace karez {

/// Thread: any, lock-free.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Thread: any, lock-free.
class Gauge {
 public:
  void set(double v) noexcept { value_.store(v, std::memory_order_relaxed); }
  double value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

/// Durations in fixed buckets of powers of two from 1 µs to about 67 s.
/// Thread: any, lock-free.
class Histogram {
 public:
  static constexpr std::size_t kBuckets = 27;
  void observe(Duration d) noexcept;
  /// Upper bound of the bucket that holds quantile `q` (0..1); zero when empty.
  Duration quantile(double q) const noexcept;
  std::uint64_t count() const noexcept;
  std::uint64_t bucket(std::size_t i) const noexcept { return buckets_[i].load(std::memory_order_relaxed); }
  static constexpr Duration upper(std::size_t i) { return Duration{1000ll << i}; }
  Duration sum() const noexcept { return Duration{sum_.load(std::memory_order_relaxed)}; }

 private:
  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_{};
  std::atomic<std::int64_t> sum_{0};
};

/// Name and labels to instruments, written as Prometheus text. Owned by the server; modules keep the
/// references they are given, which stay valid as long as the registry.
/// Thread: any.
class MetricRegistry {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;
  Counter& counter(std::string name, std::string help, Labels labels = {});
  Gauge& gauge(std::string name, std::string help, Labels labels = {});
  Histogram& histogram(std::string name, std::string help, Labels labels = {});
  /// A gauge read at scrape time; `read` is called on the scraping thread. The same name and labels
  /// again replace it.
  void callback(std::string name, std::string help, Labels labels, std::function<double()> read);
  /// Prometheus text exposition format 0.0.4.
  std::string expose() const;

 private:
  struct Entry;
  Entry& add(std::string name, std::string help, const char* type, Labels labels, std::function<double()> read = {});
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Entry>> entries_;

 public:
  MetricRegistry();
  ~MetricRegistry();
};

}  // namespace karez
