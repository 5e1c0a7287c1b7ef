// SPDX-License-Identifier: Apache-2.0
#include "security/detail/lockout.h"

#include <algorithm>

#include "base/format.h"

namespace karez::security {
namespace {

constexpr Duration kFirstWait = std::chrono::seconds(30), kMaxWait = std::chrono::minutes(15);
constexpr std::size_t kMaxKeys = 10'000;

}  // namespace

Result<> Lockout::begin(const std::string& key, unsigned limit) {
  const std::lock_guard lock(mutex_);
  const Monotonic now = clock_.monotonic();
  const auto forgotten = [&](const auto& e) { return now - e.second.last > kMaxWait && e.second.until <= now; };
  if (const auto it = entries_.find(key); it != entries_.end()) {
    if (it->second.until > now) {
      const auto left = std::chrono::ceil<std::chrono::seconds>(it->second.until - now);
      return fail(Error(Errc::exhausted, "auth.locked")
                      .with(karez::format("Too many wrong passwords; wait {} s.", left.count()))
                      .cure("Wait, or ask an owner to reset the password."));
    }
    if (forgotten(*it)) entries_.erase(it);
  } else if (entries_.size() >= kMaxKeys) {
    std::erase_if(entries_, forgotten);
    if (entries_.size() >= kMaxKeys)
      entries_.erase(std::ranges::min_element(entries_, {}, [](const auto& e) { return e.second.last; }));
  }
  Entry& e = entries_[key];
  e.last = now;
  e.until_before = e.until;
  if (++e.failures >= limit)
    e.until = now + std::min<Duration>(kMaxWait, kFirstWait * (1LL << std::min(e.failures - limit, 10u)));
  return {};
}

void Lockout::succeeded(const std::string& key) {
  const std::lock_guard lock(mutex_);
  entries_.erase(key);
}

void Lockout::reset(const std::string& key) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const auto& e) { return e.first == key || e.first.starts_with(key + ' '); });
}

void Lockout::forgive(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto it = entries_.find(key);
  if (it == entries_.end()) return;
  Entry& e = it->second;
  if (e.failures <= 1) {
    entries_.erase(it);
    return;
  }
  --e.failures;
  e.until = std::min(e.until, e.until_before);
}

}  // namespace karez::security
