// SPDX-License-Identifier: Apache-2.0
#include "security/detail/lockout.h"

#include <algorithm>

#include "base/format.h"

namespace karez::security {
namespace {

constexpr Duration kFirstWait = std::chrono::seconds(30), kMaxWait = std::chrono::minutes(15);
constexpr std::size_t kMaxKeys = 10'000;

}  // namespace

Result<> Lockout::check(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto it = entries_.find(key);
  const Monotonic now = clock_.monotonic();
  if (it == entries_.end() || it->second.until <= now) return {};
  const auto left = std::chrono::ceil<std::chrono::seconds>(it->second.until - now);
  return fail(Error(Errc::exhausted, "auth.locked")
                  .with(karez::format("Too many wrong passwords; wait {} s.", left.count()))
                  .cure("Wait, or ask an owner to reset the password."));
}

void Lockout::failed(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const Monotonic now = clock_.monotonic();
  std::erase_if(entries_, [&](const auto& e) { return now - e.second.last > kMaxWait && e.second.until <= now; });
  if (entries_.size() >= kMaxKeys && !entries_.contains(key))
    entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& e) { return e.second.last; }));
  Entry& e = entries_[key];
  e.last = now;
  if (++e.failures >= max_failures_)
    e.until = now + std::min<Duration>(kMaxWait, kFirstWait * (1LL << std::min(e.failures - max_failures_, 10u)));
}

void Lockout::succeeded(const std::string& key) {
  const std::lock_guard lock(mutex_);
  entries_.erase(key);
}

}  // namespace karez::security
