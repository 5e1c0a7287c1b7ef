// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace karez::ledger {

/// The first thing found wrong in the files of a ledger. Slugs: ledger.entries_removed, entry_damaged,
/// log_damaged, index_damaged, tree_damaged, root_mismatch, head_missing, head_damaged, key_missing,
/// key_damaged, file_missing, unreadable.
struct Damage {
  const char* slug = "";
  std::string file;  ///< relative to the ledger's folder, "log/0000000000000000.log"
  std::uint64_t offset = 0, seq = 0;
  std::string text;  ///< what it is and what it means, one or two sentences

  std::string message() const;  ///< "ledger.x: file, byte n, entry n: text"
  Error error() const;
};

}  // namespace karez::ledger
