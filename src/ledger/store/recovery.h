// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/log.h"
#include "ledger/head.h"
#include "ledger/store/layout.h"

namespace karez::ledger::store {

/// What an open ledger starts from.
struct State {
  std::optional<Signer> signer;
  PublicKey key;
  SignedHead head;  ///< the newest signed one
  std::vector<std::uint64_t> firsts;
  std::uint64_t size = 0;     ///< entries
  std::uint64_t log_end = 0;  ///< bytes of the newest log file
  Frontier frontier;
  std::optional<Damage> damage;  ///< then nothing may be written; the rest is as far as it could be read
};

/// Reads keys, head, names and the newest log file, and looks at the edges of all others. Removes what a
/// crash left half written behind the last acknowledged entry, and writes anew what index and tree lack
/// behind the last signed head. Anything else that is wrong is reported and left as it is.
/// A folder without a ledger gets one, named `origin`. Errors: those of the file layer.
Result<State> recover(const Layout& layout, const std::string& origin, Log& log);

}  // namespace karez::ledger::store
