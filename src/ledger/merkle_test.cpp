// SPDX-License-Identifier: Apache-2.0
#include "ledger/merkle.h"

#include <gtest/gtest.h>

#include <bit>

namespace karez::ledger {
namespace {

using Leaves = std::vector<Hash>;

std::vector<std::byte> from_hex(std::string_view hex) {
  std::vector<std::byte> out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<std::byte>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return out;
}

/// MTH, PATH and PROOF word for word from RFC 9162, over copies.
Hash naive_root(const Leaves& d) {
  if (d.empty()) return empty_root();
  if (d.size() == 1) return d[0];
  const auto k = static_cast<std::ptrdiff_t>(std::bit_floor(d.size() - 1));
  return node_hash(naive_root({d.begin(), d.begin() + k}), naive_root({d.begin() + k, d.end()}));
}
Leaves naive_path(std::size_t m, const Leaves& d) {
  if (d.size() == 1) return {};
  const std::size_t k = std::bit_floor(d.size() - 1);
  const Leaves left(d.begin(), d.begin() + static_cast<std::ptrdiff_t>(k)),
      right(d.begin() + static_cast<std::ptrdiff_t>(k), d.end());
  Leaves path = m < k ? naive_path(m, left) : naive_path(m - k, right);
  path.push_back(naive_root(m < k ? right : left));
  return path;
}
Leaves naive_subproof(std::size_t m, const Leaves& d, bool b) {
  if (m == d.size()) return b ? Leaves() : Leaves{naive_root(d)};
  const std::size_t k = std::bit_floor(d.size() - 1);
  const Leaves left(d.begin(), d.begin() + static_cast<std::ptrdiff_t>(k)),
      right(d.begin() + static_cast<std::ptrdiff_t>(k), d.end());
  Leaves proof = m <= k ? naive_subproof(m, left, b) : naive_subproof(m - k, right, false);
  proof.push_back(naive_root(m <= k ? right : left));
  return proof;
}

class MemorySource : public HashSource {
 public:
  explicit MemorySource(Leaves leaves) : leaves_(std::move(leaves)) {}
  Result<Hash> subtree(unsigned level, std::uint64_t index) override {
    if ((index + 1) << level > leaves_.size()) return fail(Errc::internal, "test.beyond");
    if (level == 0) return leaves_[static_cast<std::size_t>(index)];
    KZ_TRY(const Hash left, subtree(level - 1, 2 * index));
    KZ_TRY(const Hash right, subtree(level - 1, 2 * index + 1));
    return node_hash(left, right);
  }

 private:
  Leaves leaves_;
};

Leaves some_leaves(std::size_t count) {
  Leaves out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(leaf_hash(as_bytes("entry " + std::to_string(i))));
  return out;
}
Leaves first_of(const Leaves& leaves, std::size_t n) {
  return {leaves.begin(), leaves.begin() + static_cast<std::ptrdiff_t>(n)};
}

TEST(Merkle, GivesTheRootsOfCertificateTransparency) {
  constexpr std::string_view kInputs[] = {
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  constexpr std::string_view kRoots[] = {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Frontier tree;
  EXPECT_EQ(to_hex(tree.root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < std::size(kInputs); ++i) {
    tree.add(leaf_hash(from_hex(kInputs[i])));
    EXPECT_EQ(to_hex(tree.root()), kRoots[i]) << i + 1;
  }
}

TEST(Merkle, ProvesEveryLeafOfEveryTreeUpTo130) {
  const Leaves all = some_leaves(130);
  Frontier tree;
  for (std::size_t n = 1; n <= all.size(); ++n) {
    tree.add(all[n - 1]);
    const Leaves leaves = first_of(all, n);
    const Hash root = naive_root(leaves);
    ASSERT_EQ(tree.root(), root);
    MemorySource source(leaves);
    for (std::size_t m = 0; m < n; ++m) {
      auto path = inclusion_path(source, m, n);
      ASSERT_TRUE(path);
      ASSERT_EQ(*path, naive_path(m, leaves)) << m << " of " << n;
      ASSERT_TRUE(verify_inclusion(leaves[m], m, n, *path, root));
      ASSERT_FALSE(verify_inclusion(leaves[m], m + 1, n, *path, root));
      ASSERT_FALSE(verify_inclusion(leaves[m], m, n, *path, leaf_hash({})));
      if (path->empty()) continue;
      path->front()[m % 32] ^= std::byte{1};
      ASSERT_FALSE(verify_inclusion(leaves[m], m, n, *path, root));
      path->front()[m % 32] ^= std::byte{1};
      path->push_back(root);
      ASSERT_FALSE(verify_inclusion(leaves[m], m, n, *path, root));
    }
  }
}

TEST(Merkle, ProvesEveryBeginningOfEveryTreeUpTo130) {
  const Leaves all = some_leaves(130);
  std::vector<Hash> roots{empty_root()};
  for (std::size_t n = 1; n <= all.size(); ++n) {
    const Leaves leaves = first_of(all, n);
    roots.push_back(naive_root(leaves));
    MemorySource source(leaves);
    for (std::size_t m = 1; m <= n; ++m) {
      auto path = consistency_path(source, m, n);
      ASSERT_TRUE(path);
      ASSERT_EQ(*path, naive_subproof(m, leaves, true)) << m << " to " << n;
      ASSERT_TRUE(verify_consistency(m, n, roots[m], roots[n], *path));
      ASSERT_FALSE(verify_consistency(m, n, roots[m - 1], roots[n], *path));
      if (m < n) {
        ASSERT_FALSE(verify_consistency(m, n, roots[m], roots[m], *path));
      }
      if (path->empty()) continue;
      path->back()[n % 32] ^= std::byte{1};
      ASSERT_FALSE(verify_consistency(m, n, roots[m], roots[n], *path));
    }
  }
}

TEST(Merkle, GrowsOnFromAnyEdge) {
  const Leaves all = some_leaves(300);
  MemorySource source(all);
  Frontier tree;
  std::size_t completed = 0;
  for (std::size_t n = 0; n < all.size(); ++n) {
    const auto edge = Frontier::of(source, n);
    ASSERT_TRUE(edge);
    ASSERT_EQ(edge->root(), tree.root());
    ASSERT_EQ(edge->size(), n);
    tree.add(all[n], [&](unsigned level, const Hash& hash) {
      ++completed;
      EXPECT_EQ(hash, source.subtree(level, n >> level).value());
    });
  }
  EXPECT_EQ(completed, 150 + 75 + 37 + 18 + 9 + 4 + 2 + 1);
  EXPECT_EQ(range_root(source, 256, 300).value(), naive_root({all.begin() + 256, all.end()}));
}

}  // namespace
}  // namespace karez::ledger
