// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "historian/engine/head.h"
#include "historian/engine/version.h"

namespace karez::historian {

/// Rows of one point in one buffer, which they keep alive.
struct PinnedRuns {
  HeadPtr buffer;
  HeadBuffer::Runs runs;
};

/// Appends the rows with low <= time <= high: sorted, the newest of each time, without erased ones.
void collect_rows(const std::vector<PinnedRuns>& pinned, std::int64_t low, std::int64_t high,
                  const std::vector<Erasure>& erasures, Columns& out);

}  // namespace karez::historian
