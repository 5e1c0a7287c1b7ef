// SPDX-License-Identifier: Apache-2.0
#include "base/metrics.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/format.h"

namespace karez {

void Histogram::observe(Duration d) noexcept {
  const auto us = static_cast<std::uint64_t>(std::max<std::int64_t>(d.count(), 0)) / 1000;
  const auto i = std::min<std::size_t>(static_cast<std::size_t>(std::bit_width(us)), kBuckets - 1);
  buckets_[i].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(d.count(), std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const noexcept {
  std::uint64_t n = 0;
  for (const auto& b : buckets_) n += b.load(std::memory_order_relaxed);
  return n;
}

Duration Histogram::quantile(double q) const noexcept {
  const auto n = count();
  if (n == 0) return Duration{0};
  const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(n)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i)
    if ((seen += bucket(i)) >= rank) return upper(i);
  return upper(kBuckets - 1);
}

struct MetricRegistry::Entry {
  std::string name, help;
  const char* type;
  std::string labels;  // rendered, without braces
  Counter counter;
  Gauge gauge;
  Histogram histogram;
  // Shared with a scrape, which calls it without the mutex while it may be replaced.
  std::shared_ptr<const std::function<double()>> read;
};

MetricRegistry::MetricRegistry() = default;
MetricRegistry::~MetricRegistry() = default;

namespace {

std::string render(const MetricRegistry::Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out.append(name).append("=\"");
    for (const char c : value) {
      if (c == '\\' || c == '"') out += '\\';
      if (c == '\n') out += "\\n";
      else out += c;
    }
    out += '"';
  }
  return out;
}

}  // namespace

MetricRegistry::Entry& MetricRegistry::add(std::string name, std::string help, const char* type, Labels labels,
                                           std::function<double()> read) {
  std::string rendered = render(labels);
  const std::lock_guard lock(mutex_);
  for (auto& e : entries_)
    if (e->name == name && e->labels == rendered) {
      if (read) e->read = std::make_shared<const std::function<double()>>(std::move(read));
      return *e;
    }
  auto entry = std::make_unique<Entry>();
  entry->name = std::move(name);
  entry->help = std::move(help);
  entry->type = type;
  entry->labels = std::move(rendered);
  if (read) entry->read = std::make_shared<const std::function<double()>>(std::move(read));
  // The text format wants all series of one name together.
  const auto at =
      std::ranges::find_if(entries_.rbegin(), entries_.rend(), [&](const auto& e) { return e->name == entry->name; });
  return **entries_.insert(at == entries_.rend() ? entries_.end() : at.base(), std::move(entry));
}

Counter& MetricRegistry::counter(std::string name, std::string help, Labels labels) {
  return add(std::move(name), std::move(help), "counter", std::move(labels)).counter;
}
Gauge& MetricRegistry::gauge(std::string name, std::string help, Labels labels) {
  return add(std::move(name), std::move(help), "gauge", std::move(labels)).gauge;
}
Histogram& MetricRegistry::histogram(std::string name, std::string help, Labels labels) {
  return add(std::move(name), std::move(help), "histogram", std::move(labels)).histogram;
}
void MetricRegistry::callback(std::string name, std::string help, Labels labels, std::function<double()> read) {
  (void)add(std::move(name), std::move(help), "gauge", std::move(labels), std::move(read));
}

std::string MetricRegistry::expose() const {
  std::string out;
  const auto line = [&](const Entry& e, std::string_view suffix, std::string_view extra, double value) {
    out.append(e.name).append(suffix);
    if (!e.labels.empty() || !extra.empty())
      out.append("{").append(e.labels).append(!e.labels.empty() && !extra.empty() ? "," : "").append(extra).append("}");
    karez::format_to(out, " {}\n", value);
  };
  std::vector<std::pair<const Entry*, std::shared_ptr<const std::function<double()>>>> snapshot;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& e : entries_) snapshot.emplace_back(e.get(), e->read);
  }
  std::string_view last;
  for (const auto& [e, read] : snapshot) {
    if (e->name != last) karez::format_to(out, "# HELP {} {}\n# TYPE {} {}\n", e->name, e->help, e->name, e->type);
    last = e->name;
    if (e->type == std::string_view("counter")) {
      line(*e, "", "", static_cast<double>(e->counter.value()));
    } else if (e->type == std::string_view("gauge")) {
      line(*e, "", "", read ? (*read)() : e->gauge.value());
    } else {
      std::uint64_t sum = 0;
      for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
        sum += e->histogram.bucket(i);
        const double upper = std::chrono::duration<double>(Histogram::upper(i)).count();
        line(*e, "_bucket",
             i + 1 == Histogram::kBuckets ? std::string("le=\"+Inf\"") : karez::format("le=\"{}\"", upper),
             static_cast<double>(sum));
      }
      line(*e, "_sum", "", std::chrono::duration<double>(e->histogram.sum()).count());
      line(*e, "_count", "", static_cast<double>(sum));
    }
  }
  return out;
}

}  // namespace karez
