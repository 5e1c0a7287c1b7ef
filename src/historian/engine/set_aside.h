// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "historian/engine/durable_file.h"

/// `<store>/set-aside`: what the store cannot use but may be the only copy of something. Nothing there is
/// ever read or removed by Karez.
namespace karez::historian {

/// Copies `file` there, durable on return. The answer is the copy's path.
Result<Path> copy_aside(const Path& store, const Path& file, Durable durable);
/// Moves a segment there; its partition's name becomes part of its own.
Result<Path> move_segment_aside(const Path& store, const Path& segment, Durable durable);

}  // namespace karez::historian
