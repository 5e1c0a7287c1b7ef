// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/version.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace karez::historian {
namespace {

constexpr int kKeepOpen = 400;  // of the 1,024 files a process may usually open

}  // namespace

Segment::~Segment() {
  std::error_code ignored;  // an orphan is removed at the next start
  if (!doomed_) return;
  std::filesystem::remove(path_, ignored);
  std::filesystem::remove(path_.parent_path(), ignored);  // succeeds for an empty folder only
}

Result<std::shared_ptr<const SegmentReader>> Segment::reader() const {
  const std::lock_guard lock(mutex_);
  if (reader_) return reader_;
  KZ_TRY(std::shared_ptr<const SegmentReader> opened, SegmentReader::open(path_, info.bytes));
  if (SegmentReader::open_count() <= kKeepOpen) reader_ = opened;
  return opened;
}

std::vector<Erasure> erasures_of(const Version& version, std::uint32_t point) {
  std::vector<Erasure> out;
  for (const TombstonePtr& t : version.tombstones)
    if (std::ranges::binary_search(t->points, point)) out.push_back({t->lsn, t->from, t->to});
  return out;
}

}  // namespace karez::historian
