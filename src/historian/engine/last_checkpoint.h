// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "historian/engine/durable_file.h"
#include "historian/engine/last_table.h"

namespace karez::historian {

/// The last values as a file beside the manifest, so that a start need not read every segment.
/// Absent or damaged is no error: they are then read from the segments.
struct LastCheckpoint {
  struct Item {
    std::uint32_t point = 0;
    LastEntry entry;
    std::string text;
  };
  std::uint64_t lsn = 0;  ///< holds everything flushed up to here
  std::vector<Item> items;
};

Result<> save_last_checkpoint(const Path& dir, const LastCheckpoint& checkpoint, Durable durable);
std::optional<LastCheckpoint> load_last_checkpoint(const Path& dir);
/// Before anything is deleted: the file could bring it back. Durable on return.
Result<> drop_last_checkpoint(const Path& dir, Durable durable);

}  // namespace karez::historian
