// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "historian/engine/segment_reader.h"

namespace karez::historian {

/// Open segments of a store, the least recently used one closed when there are too many: a query over
/// years must not keep the files of today from staying open. Thread: any.
class ReaderCache {
 public:
  explicit ReaderCache(std::size_t most) : most_(most) {}
  /// The open reader of file number `file`, opened when it is not there. It stays valid for its user when
  /// it is closed for others.
  Result<std::shared_ptr<const SegmentReader>> get(std::uint64_t file, const Path& path, std::uint64_t bytes);
  void forget(std::uint64_t file);

 private:
  struct Entry {
    std::uint64_t file;
    std::shared_ptr<const SegmentReader> reader;
  };
  std::shared_ptr<const SegmentReader> find_locked(std::uint64_t file);

  const std::size_t most_;
  std::mutex mutex_;
  std::list<Entry> entries_;  // the last used first
  std::unordered_map<std::uint64_t, std::list<Entry>::iterator> places_;
};

}  // namespace karez::historian
