// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ledger/store/frame.h"
#include "ledger/store/reader.h"
#include "ledger/store/recovery.h"

namespace karez::ledger::store {

Found<PublicKey> read_public_key(const Layout& layout);
Found<Signer> read_private_key(const Layout& layout, const PublicKey& key);
Found<SignedHead> read_head(const Layout& layout, const PublicKey& key);

/// Is a finished log file as long as its index says, and the index as long as the next file says?
Found<> check_sealed(const Layout& layout, std::uint64_t first, std::uint64_t next);

/// The steps of `recover`, in order. Each fills `state`; damage ends them.
class RecoverySteps {
 public:
  RecoverySteps(const Layout& layout, State& state, Log& log) : layout_(layout), state_(state), log_(log) {}
  Result<> run();

 private:
  Found<> keys();
  Found<> old_files();
  Found<> newest_file();
  Found<> tree_files();
  Found<> tree_file(unsigned level);
  Found<> roots();

  /// How many entries are known to have been on the disk.
  std::uint64_t proven(ByteView index) const;
  Found<> match_index(ByteView index, const Scan& scan);
  Found<> write(const Path& path, std::uint64_t offset, ByteView bytes, std::uint64_t end);
  Reader reader() const {
    return {layout_, std::make_shared<const std::vector<std::uint64_t>>(state_.firsts), state_.size};
  }

  const Layout& layout_;
  State& state_;
  Log& log_;
  LogHead newest_;
};

}  // namespace karez::ledger::store
