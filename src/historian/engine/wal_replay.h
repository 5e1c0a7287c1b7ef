// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "historian/engine/durable_file.h"
#include "historian/engine/log_file_reader.h"

namespace karez::historian {

struct WalReplay {
  std::vector<WalFile> files;  ///< oldest first
  std::uint64_t last_lsn = 0;  ///< 0: there was none
  std::uint64_t frames = 0, torn_bytes = 0;
  /// The last file has damage: frames may be lost that were durable. It is copied aside, and must not be
  /// read again: everything above is to be flushed, and the file released.
  bool damaged = false;
};

struct ReplaySource {
  const Path& store;  ///< damaged files are kept in its set-aside folder
  const std::vector<LogFile>& files;
  std::uint64_t flushed = 0;  ///< frames up to here are not needed
  Durable durable = Durable::yes;
};

/// Reads all frames above `flushed` in order of LSN; above it no file may be missing. What a crash left
/// half-written at the end of the last file is cut off, and the file sealed. If there is more behind than
/// a crash leaves, the file is copied aside, the whole frames behind are read too, and the log tells.
/// Damage anywhere else is store.wal_corrupt with the file's name.
/// Thread: one, before the Wal is started.
Result<WalReplay> replay_wal(const ReplaySource& source, const FrameVisitor& visit, Log& log);

}  // namespace karez::historian
