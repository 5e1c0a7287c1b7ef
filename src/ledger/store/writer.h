// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>

#include "ledger/store/frame.h"
#include "ledger/store/layout.h"

namespace karez::ledger::store {

/// One entry on its way into the log; the writer completes both.
struct Item {
  std::vector<std::byte> bytes;  ///< encoded with any sequence number
  Record record;
};

/// Appends to the newest log file, its index and the tree files. The log is the truth and is synced
/// before `append` returns; index and tree follow from it and are synced before a head is signed.
/// Thread: one.
class Writer {
 public:
  /// Both last files must be as long as `frontier` says.
  static Result<Writer> open(Layout layout, std::uint64_t first, std::uint64_t log_end, Frontier frontier);
  /// Creates log and index that begin behind `frontier`, durably.
  static Result<> create_files(const Layout& layout, const Frontier& frontier);

  /// All or nothing, durable. A failed sync poisons the writer for good, a failed write (disk full) does
  /// not: the log is cut back and the next call tries again.
  Result<> append(std::span<Item> items);
  /// Syncs index and tree, so that a head may be signed over everything.
  Result<> sync_followers();
  /// Begins new files; followers are synced and the head is signed.
  Result<> roll();

  const Frontier& frontier() const noexcept { return frontier_; }
  /// Entries that index and tree cover too: what readers may see.
  bool settled() const noexcept;
  std::uint64_t first() const noexcept { return first_; }
  std::uint64_t log_bytes() const noexcept { return log_end_; }
  bool poisoned() const noexcept { return poisoned_.has_value(); }

 private:
  struct Tail {  ///< a file that follows the log
    File file;
    std::uint64_t end = 0;
    std::vector<std::byte> waiting;
    bool dirty = false;
  };
  Writer() = default;
  Result<> write_followers();
  Result<Tail*> tree(unsigned level);
  Result<> poison(Result<> failed);
  Result<> refuse() const;

  Layout layout_;
  std::uint64_t first_ = 0, log_end_ = 0;
  Frontier frontier_;
  File log_;
  Tail index_;
  std::map<unsigned, std::vector<std::byte>> grown_;  ///< hashes for tree files, not handed over yet
  std::map<unsigned, Tail> trees_;
  std::vector<std::byte> buffer_;
  std::optional<Error> poisoned_;
};

}  // namespace karez::ledger::store
