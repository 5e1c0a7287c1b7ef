// SPDX-License-Identifier: Apache-2.0
#include "api/rates.h"

namespace karez::api {

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
