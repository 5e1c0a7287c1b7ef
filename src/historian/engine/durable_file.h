// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/file.h"

namespace karez::historian {

/// Whether files are made to survive a power cut. `no` is for stores opened with SyncMode::off.
enum class Durable : unsigned char { no, yes };

/// Puts `bytes` at `path` in one step.
Result<> replace_file(const Path& path, ByteView bytes, Durable durable);

/// The steps of `replace_file`, for those who must know which one failed: after an error of these two the
/// file at `path` is the old one; when then `keep_entry` fails, nobody knows which one a power cut leaves.
Result<Path> write_beside(const Path& path, ByteView bytes, Durable durable);
Result<> rename_over(const Path& from, const Path& path);

/// Makes a new or renamed entry of a folder last.
Result<> keep_entry(const Path& directory, Durable durable);

}  // namespace karez::historian
