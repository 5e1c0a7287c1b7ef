// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "historian/engine/wal.h"

namespace karez::historian {

struct WalReplay {
  std::vector<WalFile> files;  ///< all sealed now, oldest first
  std::uint64_t last_lsn = 0;  ///< 0: there was none
  std::uint64_t frames = 0, torn_bytes = 0;
};

using FrameVisitor = std::function<Result<>(const FrameHeader& header, ByteView payload)>;

/// Reads all frames above `flushed` in order of LSN. What a crash left half-written at the end of the
/// last file is cut off, and the file sealed. Damage anywhere else is store.wal_corrupt with the file's
/// name. Thread: one, before the Wal is started.
Result<WalReplay> replay_wal(const Path& dir, std::uint64_t flushed, const FrameVisitor& visit, Log& log);

}  // namespace karez::historian
