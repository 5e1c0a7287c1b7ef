// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "historian/engine/core.h"

namespace karez::historian {

void Core::merge_loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(wake_mutex_);
      merge_wake_.wait(lock, stop, [this] { return merge_due_; });
      merge_due_ = false;
    }
    if (stop.stop_requested()) return;
    if (auto done = merge(false); !done)
      log_.error("historian", "Segments could not be merged: {}", done.error().message());
  }
}

Result<> Core::merge(bool) { return {}; }
Result<> Core::verify() { return {}; }

}  // namespace karez::historian
