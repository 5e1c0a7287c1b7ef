// SPDX-License-Identifier: Apache-2.0
#include "api/rates.h"

namespace karez::api {

bool Rates::may_log_in(std::string_view address) {
  const Monotonic now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  const auto it = failures_.find(std::string(address));
  if (it != failures_.end())
    return now - it->second.start > std::chrono::minutes(1) || it->second.count < kFailuresPerMinute;
  return failures_.size() < kMaxAddresses;
}

void Rates::log_in_failed(std::string_view address) {
  const Monotonic now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  if (failures_.size() >= kMaxAddresses)
    std::erase_if(failures_, [&](const auto& entry) { return now - entry.second.start > std::chrono::minutes(1); });
  if (failures_.size() >= kMaxAddresses) return;
  Window& window = failures_.try_emplace(std::string(address), Window{now, 0}).first->second;
  if (now - window.start > std::chrono::minutes(1)) window = {now, 0};
  ++window.count;
}

void Rates::note_samples(std::uint64_t total) {
  const Monotonic now = clock_.monotonic();
  const std::lock_guard lock(mutex_);
  samples_.emplace_back(now, total);
  while (samples_.size() > 2 && now - samples_[1].first >= std::chrono::minutes(1)) samples_.pop_front();
}

double Rates::samples_per_second() const {
  const std::lock_guard lock(mutex_);
  if (samples_.size() < 2) return 0;
  const double seconds = std::chrono::duration<double>(samples_.back().first - samples_.front().first).count();
  const auto count = samples_.back().second - std::min(samples_.back().second, samples_.front().second);
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

}  // namespace karez::api
