// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/reader_cache.h"

namespace karez::historian {

std::shared_ptr<const SegmentReader> ReaderCache::find_locked(std::uint64_t file) {
  const auto place = places_.find(file);
  if (place == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, place->second);
  return entries_.front().reader;
}

Result<std::shared_ptr<const SegmentReader>> ReaderCache::get(std::uint64_t file, const Path& path,
                                                              std::uint64_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    if (auto found = find_locked(file)) return found;
  }
  // Opening reads the directory: not under the lock, even if two do it at once.
  KZ_TRY(std::shared_ptr<const SegmentReader> opened, SegmentReader::open(path, bytes));
  std::shared_ptr<const SegmentReader> closed;  // after the lock
  const std::lock_guard lock(mutex_);
  if (auto found = find_locked(file)) return found;
  entries_.push_front({file, opened});
  places_[file] = entries_.begin();
  if (entries_.size() > most_) {
    closed = std::move(entries_.back().reader);
    places_.erase(entries_.back().file);
    entries_.pop_back();
  }
  return opened;
}

void ReaderCache::forget(std::uint64_t file) {
  std::shared_ptr<const SegmentReader> closed;
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(file);
  if (place == places_.end()) return;
  closed = std::move(place->second->reader);
  entries_.erase(place->second);
  places_.erase(place);
}

}  // namespace karez::historian
