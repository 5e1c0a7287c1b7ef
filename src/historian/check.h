// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file.h"

namespace karez::historian {

/// Something in the files of a store that is not as it should be.
struct Finding {
  enum class Weight : unsigned char {
    notice,   ///< what a crash leaves; the next start sees to it, nothing is lost
    warning,  ///< something is kept or left out that may matter; the store starts
    damage,   ///< data is lost, or the store does not start
  };
  Weight weight = Weight::damage;
  Path file;
  std::optional<std::uint64_t> offset;  ///< of the damage in the file, where it is known
  std::string what, cure;
};

struct StoreCheck {
  std::vector<Finding> findings;  ///< at most kMaxFindings
  bool more = false;              ///< there are more findings than that
  std::uint64_t segments = 0, chunks = 0, samples = 0, log_files = 0, blocks = 0;  ///< that were read
  static constexpr std::size_t kMaxFindings = 1000;

  bool damaged() const noexcept;
};

/// Reads every file of the store in `dir` and checks every checksum, and whether manifest, segments and log
/// fit together. Changes nothing. A store that is open changes meanwhile: check a stopped one, or a copy.
/// Takes as long as reading all files. Thread: worker. Errors: store.locked (it is in use), file.not_found
/// (no store there).
Result<StoreCheck> check_store(const Path& dir);

}  // namespace karez::historian
