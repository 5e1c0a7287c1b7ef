// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "base/file.h"
#include "ledger/damage.h"
#include "ledger/head.h"

namespace karez::ledger {

struct VerifyOptions {
  /// Who must have signed, known from elsewhere. Without it the key in the folder is believed, and
  /// somebody who can write the folder could have replaced everything.
  std::optional<PublicKey> key;
  /// A head kept elsewhere: the ledger must still begin with it. Same key.
  std::optional<SignedHead> earlier;
  /// Called after each file; false ends with ledger.cancelled.
  std::function<bool(std::uint64_t done_bytes, std::uint64_t all_bytes)> progress;
};

struct VerifyReport {
  std::string origin, key_id, key;     ///< key: text form of PublicKey
  std::uint64_t entries = 0;           ///< read and right
  std::uint64_t signed_entries = 0;    ///< of these under the signed head
  Hash root{};                         ///< of all entries read
  Hash signed_root{};
  std::uint64_t files = 0, bytes = 0;  ///< of the log
  std::uint64_t unfinished_bytes = 0;  ///< at the end, left by a crash or being written just now
  std::optional<Damage> damage;        ///< the first; empty: all is well
};

/// Reads every entry, sums the whole tree and compares it with index, tree files, file headers and the
/// signed head. Takes no lock and writes nothing, so it may run beside an open ledger; it then covers what
/// was there when it began. Memory: one log file. Thread: any.
/// Errors: ledger.not_found (no ledger in that folder), ledger.cancelled.
Result<VerifyReport> verify(const Path& dir, const VerifyOptions& options = {});

}  // namespace karez::ledger
