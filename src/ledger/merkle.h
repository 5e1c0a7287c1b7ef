// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

/// The Merkle tree of RFC 6962 and RFC 9162 (section 2.1) over SHA-256: pure sums, no files.
namespace karez::ledger {

using Hash = std::array<std::byte, 32>;

/// SHA-256(0x00 || entry).
Hash leaf_hash(ByteView entry);
/// SHA-256(0x01 || left || right).
Hash node_hash(const Hash& left, const Hash& right);
/// SHA-256 of nothing: the root of a tree without entries.
Hash empty_root();
Hash sha256(ByteView bytes);
/// 64 lower-case hex digits.
std::string to_hex(const Hash& hash);

/// Where the hashes of complete subtrees come from: the files, or a test's memory.
class HashSource {
 public:
  virtual ~HashSource() = default;
  /// Root over the leaves [index * 2^level, (index + 1) * 2^level), all of which exist.
  virtual Result<Hash> subtree(unsigned level, std::uint64_t index) = 0;
};

/// The right edge of a growing tree: at most 64 hashes, whatever its size. Thread: one at a time.
class Frontier {
 public:
  using Completed = std::function<void(unsigned level, const Hash&)>;

  /// Adds the next leaf and names each subtree of level >= 1 that became complete, smallest first.
  void add(const Hash& leaf, const Completed& completed = {});
  Hash root() const;
  std::uint64_t size() const noexcept { return size_; }
  /// The edge of a tree of `size` leaves.
  static Result<Frontier> of(HashSource& source, std::uint64_t size);

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> edge_;  ///< one for each 1 bit of size_, the largest subtree first
};

/// Root over the leaves [first, end) where `first` is 0 or a multiple of a power of two >= end - first.
Result<Hash> range_root(HashSource& source, std::uint64_t first, std::uint64_t end);
/// Audit path of leaf `seq` in the tree of the first `size` leaves; seq < size.
Result<std::vector<Hash>> inclusion_path(HashSource& source, std::uint64_t seq, std::uint64_t size);
/// Proof that the tree of `from` leaves is the beginning of the tree of `to` leaves; 0 < from <= to.
Result<std::vector<Hash>> consistency_path(HashSource& source, std::uint64_t from, std::uint64_t to);

/// RFC 9162, 2.1.3.2. False for anything that does not prove it, malformed paths included.
bool verify_inclusion(const Hash& leaf, std::uint64_t seq, std::uint64_t size, const std::vector<Hash>& path,
                      const Hash& root);
/// RFC 9162, 2.1.4.2.
bool verify_consistency(std::uint64_t from, std::uint64_t to, const Hash& from_root, const Hash& to_root,
                        const std::vector<Hash>& path);

}  // namespace karez::ledger
