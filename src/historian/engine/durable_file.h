// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"

namespace karez::historian {

/// Whether files are made to survive a power cut. `no` is for stores opened with SyncMode::off.
enum class Durable : unsigned char { no, yes };

/// Puts `bytes` at `path` in one step.
Result<> replace_file(const Path& path, ByteView bytes, Durable durable);
/// Makes a new or renamed entry of a folder last.
Result<> keep_entry(const Path& directory, Durable durable);

}  // namespace karez::historian
