// SPDX-License-Identifier: Apache-2.0
#include "ledger/merkle.h"

#include <openssl/evp.h>

#include <bit>

namespace karez::ledger {
namespace {

/// One SHA-256 context a thread; fetching the algorithm costs more than a small sum.
class Sum {
 public:
  Sum() : context_(EVP_MD_CTX_new()) { KZ_ASSERT(context_ != nullptr); }
  ~Sum() { EVP_MD_CTX_free(context_); }
  Sum(const Sum&) = delete;
  Sum& operator=(const Sum&) = delete;

  Sum& begin() {
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    KZ_ASSERT(algorithm != nullptr && EVP_DigestInit_ex2(context_, algorithm, nullptr) == 1);
    return *this;
  }
  Sum& add(ByteView bytes) {
    KZ_ASSERT(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
    return *this;
  }
  Hash end() {
    Hash out;
    KZ_ASSERT(EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(out.data()), nullptr) == 1);
    return out;
  }

 private:
  EVP_MD_CTX* context_;
};

Sum& sum() {
  static thread_local Sum one;
  return one.begin();
}

constexpr std::byte kLeaf[] = {std::byte{0}};
constexpr std::byte kNode[] = {std::byte{1}};

/// Largest power of two below n; n >= 2.
std::uint64_t split_of(std::uint64_t n) { return std::bit_floor(n - 1); }

Result<> path_to(HashSource& source, std::uint64_t seq, std::uint64_t first, std::uint64_t end,
                 std::vector<Hash>& path) {
  if (end - first == 1) return {};
  const std::uint64_t middle = first + split_of(end - first);
  const bool left = seq < middle;
  KZ_CHECK(left ? path_to(source, seq, first, middle, path) : path_to(source, seq, middle, end, path));
  KZ_TRY(Hash other, left ? range_root(source, middle, end) : range_root(source, first, middle));
  path.push_back(other);
  return {};
}

/// SUBPROOF of RFC 9162; `known` says that [first, end) is the old tree itself, whose root the asker has.
Result<> proof_of(HashSource& source, std::uint64_t from, std::uint64_t first, std::uint64_t end, bool known,
                  std::vector<Hash>& path) {
  if (from == end) {
    if (known) return {};
    KZ_TRY(Hash root, range_root(source, first, end));
    path.push_back(root);
    return {};
  }
  const std::uint64_t middle = first + split_of(end - first);
  const bool left = from <= middle;
  KZ_CHECK(left ? proof_of(source, from, first, middle, known, path)
                : proof_of(source, from, middle, end, false, path));
  KZ_TRY(Hash other, left ? range_root(source, middle, end) : range_root(source, first, middle));
  path.push_back(other);
  return {};
}

}  // namespace

Hash leaf_hash(ByteView entry) { return sum().add(kLeaf).add(entry).end(); }
Hash node_hash(const Hash& left, const Hash& right) { return sum().add(kNode).add(left).add(right).end(); }
Hash empty_root() { return sum().end(); }
Hash sha256(ByteView bytes) { return sum().add(bytes).end(); }

std::string to_hex(const Hash& hash) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::byte b : hash) {
    out += kDigits[std::to_integer<unsigned>(b) >> 4];
    out += kDigits[std::to_integer<unsigned>(b) & 15];
  }
  return out;
}

void Frontier::add(const Hash& leaf, const Completed& completed) {
  Hash grown = leaf;
  unsigned level = 0;
  for (std::uint64_t bits = size_; (bits & 1) != 0; bits >>= 1) {
    grown = node_hash(edge_.back(), grown);
    edge_.pop_back();
    ++level;
    if (completed) completed(level, grown);
  }
  edge_.push_back(grown);
  ++size_;
}

Hash Frontier::root() const {
  if (edge_.empty()) return empty_root();
  Hash out = edge_.back();
  for (std::size_t i = edge_.size() - 1; i-- > 0;) out = node_hash(edge_[i], out);
  return out;
}

Result<Frontier> Frontier::of(HashSource& source, std::uint64_t size) {
  Frontier out;
  for (unsigned level = 64; level-- > 0;)
    if ((size >> level & 1) != 0) {
      KZ_TRY(Hash hash, source.subtree(level, (size >> level) - 1));
      out.edge_.push_back(hash);
    }
  out.size_ = size;
  return out;
}

Result<Hash> range_root(HashSource& source, std::uint64_t first, std::uint64_t end) {
  const std::uint64_t count = end - first;
  if (count == 0) return empty_root();
  if (std::has_single_bit(count)) {
    const auto level = static_cast<unsigned>(std::countr_zero(count));
    return source.subtree(level, first >> level);
  }
  const std::uint64_t middle = first + split_of(count);
  KZ_TRY(const Hash left, range_root(source, first, middle));
  KZ_TRY(const Hash right, range_root(source, middle, end));
  return node_hash(left, right);
}

Result<std::vector<Hash>> inclusion_path(HashSource& source, std::uint64_t seq, std::uint64_t size) {
  std::vector<Hash> path;
  KZ_CHECK(path_to(source, seq, 0, size, path));
  return path;
}

Result<std::vector<Hash>> consistency_path(HashSource& source, std::uint64_t from, std::uint64_t to) {
  std::vector<Hash> path;
  KZ_CHECK(proof_of(source, from, 0, to, true, path));
  return path;
}

bool verify_inclusion(const Hash& leaf, std::uint64_t seq, std::uint64_t size, const std::vector<Hash>& path,
                      const Hash& root) {
  if (seq >= size) return false;
  std::uint64_t fn = seq, sn = size - 1;
  Hash r = leaf;
  for (const Hash& p : path) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      r = node_hash(p, r);
      while ((fn & 1) == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      r = node_hash(r, p);
    }
    fn >>= 1, sn >>= 1;
  }
  return sn == 0 && r == root;
}

bool verify_consistency(std::uint64_t from, std::uint64_t to, const Hash& from_root, const Hash& to_root,
                        const std::vector<Hash>& path) {
  if (from == 0 || from > to) return false;
  if (from == to) return path.empty() && from_root == to_root;
  std::vector<Hash> rest = path;
  if (std::has_single_bit(from)) rest.insert(rest.begin(), from_root);
  if (rest.empty()) return false;
  std::uint64_t fn = from - 1, sn = to - 1;
  while ((fn & 1) != 0) fn >>= 1, sn >>= 1;
  Hash fr = rest[0], sr = rest[0];
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      fr = node_hash(rest[i], fr);
      sr = node_hash(rest[i], sr);
      while ((fn & 1) == 0 && fn != 0) fn >>= 1, sn >>= 1;
    } else {
      sr = node_hash(sr, rest[i]);
    }
    fn >>= 1, sn >>= 1;
  }
  return sn == 0 && fr == from_root && sr == to_root;
}

}  // namespace karez::ledger
