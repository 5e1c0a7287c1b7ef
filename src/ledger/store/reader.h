// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>

#include "ledger/merkle.h"
#include "ledger/store/frame.h"
#include "ledger/store/layout.h"

namespace karez::ledger::store {

using Firsts = std::shared_ptr<const std::vector<std::uint64_t>>;

/// Reads what lies on the disk below `size` entries. Made for one question and thrown away, so that no
/// more than a few files are ever open. Thread: one.
class Reader : public HashSource {
 public:
  Reader(Layout layout, Firsts firsts, std::uint64_t size)
      : layout_(std::move(layout)), firsts_(std::move(firsts)), size_(size) {}

  /// Errors: ledger.index_damaged, ledger.tree_damaged, file.*.
  Result<Hash> subtree(unsigned level, std::uint64_t index) override;
  /// The same for a level of 8, 16 … from the level 8 below instead of its own file.
  Result<Hash> folded(unsigned level, std::uint64_t index);
  /// Records of [first, first + count), at most 65,536.
  Result<std::vector<Record>> records(std::uint64_t first, std::size_t count);
  /// Errors: ledger.entry_damaged when the entry is not the one the index has the hash of.
  Result<Entry> entry(std::uint64_t seq);
  Result<Entry> entry(std::uint64_t seq, const Record& record);

 private:
  /// 2^`height` hashes of level `base` from `first` on, made one.
  Result<Hash> fold(unsigned base, std::uint64_t first, unsigned height);
  Result<const File*> open(std::map<std::uint64_t, File>& cache, std::uint64_t key, const Path& path);
  std::uint64_t file_of(std::uint64_t seq) const;

  Layout layout_;
  Firsts firsts_;
  std::uint64_t size_;
  std::map<std::uint64_t, File> logs_, indexes_, trees_;
};

}  // namespace karez::ledger::store
