// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <vector>

#include "base/file.h"
#include "ledger/damage.h"

namespace karez::ledger::store {

/// Names of the files below a ledger's folder.
struct Layout {
  Path dir;

  Path logs() const { return dir / "log"; }
  Path trees() const { return dir / "tree"; }
  Path log(std::uint64_t first) const;
  Path index(std::uint64_t first) const;
  /// Hashes of the complete subtrees of 2^level leaves; level is 8, 16, 24 …
  Path tree(unsigned level) const;
  Path private_key() const { return dir / "key"; }
  Path public_key() const { return dir / "key.pub"; }
  Path head() const { return dir / "head"; }
  Path lock() const { return dir / "lock"; }

  /// First sequence numbers of the log files, growing; files with other names are not ours.
  std::vector<std::uint64_t> firsts() const;
  std::string relative(const Path& path) const { return path.lexically_relative(dir).string(); }
};

/// Log files are closed when they reach at most 32 MiB; the last write may exceed that by its size.
constexpr std::size_t kMaxLogBytes = 40u << 20;

template <class T = void>
using Found = std::expected<T, Damage>;

/// KZ_CHECK for Found.
#define KZ_FOUND(...)                                        \
  if (auto kz_found = (__VA_ARGS__); !kz_found) [[unlikely]] \
  return std::unexpected(std::move(kz_found).error())

std::unexpected<Damage> damaged(const Layout& layout, const char* slug, const Path& file, std::uint64_t offset,
                                std::uint64_t seq, std::string text);
/// Whole file; a missing one is `ledger.file_missing`, one that cannot be read `ledger.unreadable`.
Found<std::string> read_whole(const Layout& layout, const Path& file, std::size_t max_bytes = kMaxLogBytes);
/// An error of the file layer as damage of that file.
Damage damage_of(const Layout& layout, const Path& file, const Error& error);

}  // namespace karez::ledger::store
