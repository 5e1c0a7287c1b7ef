// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/version.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace karez::historian {
Segment::~Segment() {
  readers_->forget(info.file);
  std::error_code ignored;  // an orphan is removed at the next start
  if (!doomed_) return;
  std::filesystem::remove(path_, ignored);
  std::filesystem::remove(path_.parent_path(), ignored);  // succeeds for an empty folder only
}

std::vector<Erasure> erasures_of(const Version& version, std::uint32_t point) {
  std::vector<Erasure> out;
  for (const TombstonePtr& t : version.tombstones)
    if (std::ranges::binary_search(t->points, point)) out.push_back({t->lsn, t->from, t->to});
  return out;
}

}  // namespace karez::historian
