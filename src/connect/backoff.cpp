// SPDX-License-Identifier: Apache-2.0
#include "connect/backoff.h"

namespace karez::connect {

Duration BackOff::failed(Monotonic now) {
  if (since_ && now - *since_ >= options_.stable) failures_ = 0;
  since_.reset();
  Duration limit = options_.base;
  for (unsigned i = 0; i < failures_ && limit < options_.cap; ++i) limit *= 2;
  limit = std::min(limit, options_.cap);
  ++failures_;
  std::uniform_int_distribution<Duration::rep> spread(0, limit.count());
  return limited(std::max(Duration{spread(random_)}, std::min(options_.least, options_.cap)));
}

}  // namespace karez::connect
