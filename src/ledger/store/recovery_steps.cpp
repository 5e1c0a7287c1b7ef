// SPDX-License-Identifier: Apache-2.0
#include "ledger/store/recovery_steps.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/format.h"

namespace karez::ledger::store {
namespace {

constexpr const char* kRemoved = "ledger.entries_removed";

}  // namespace

Found<> check_sealed(const Layout& layout, std::uint64_t first, std::uint64_t next) {
  const Path log_path = layout.log(first), index_path = layout.index(first);
  const auto measure = [&]() -> Result<std::optional<Damage>> {
    KZ_TRY(const File index, File::open(index_path, File::Mode::read));
    KZ_TRY(const std::uint64_t index_size, index.size());
    KZ_TRY(const File log, File::open(log_path, File::Mode::read));
    KZ_TRY(const std::uint64_t log_size, log.size());
    const std::uint64_t count = next - first;
    if (index_size != kIndexHead + kRecord * count)
      return Damage{"ledger.index_damaged", layout.relative(index_path), index_size, first,
                    karez::format("The index has not the length of {} entries.", count)};
    std::array<std::byte, kRecord> bytes;
    KZ_CHECK(index.read_at(index_size - kRecord, bytes));
    const auto record = decode_record(bytes);
    if (!record)
      return Damage{"ledger.index_damaged", layout.relative(index_path), index_size - kRecord, next - 1,
                    "The record of the entry is damaged."};
    std::array<std::byte, 8> begin{};
    if (std::uint64_t{record->offset} + kFrameHead > log_size)
      return Damage{kRemoved, layout.relative(log_path), log_size, next - 1,
                    "The log file is shorter than its index says: entries were removed."};
    KZ_CHECK(log.read_at(record->offset, begin));
    ByteReader r(begin);
    r.skip(4);
    if (record->offset + kFrameHead + r.u32le() != log_size)
      return Damage{"ledger.entry_damaged", layout.relative(log_path), record->offset, next - 1,
                    "The last entry of the file does not end where the file ends."};
    return std::nullopt;
  };
  auto measured = measure();
  if (!measured) return std::unexpected(damage_of(layout, log_path, measured.error()));
  if (*measured) return std::unexpected(std::move(**measured));
  return {};
}

Result<> RecoverySteps::run() {
  const auto steps = [this]() -> Found<> {
    KZ_FOUND(keys());
    KZ_FOUND(old_files());
    KZ_FOUND(newest_file());
    KZ_FOUND(tree_files());
    return roots();
  };
  if (auto found = steps(); !found) {
    state_.damage = std::move(found.error());
    std::error_code ec;
    if (state_.size == 0 && !state_.firsts.empty()) {  // as much as the index lets be read
      const auto bytes = std::filesystem::file_size(layout_.index(state_.firsts.back()), ec);
      state_.size = state_.firsts.back() + (ec || bytes < kIndexHead ? 0 : (bytes - kIndexHead) / kRecord);
    }
  }
  return {};
}

Found<> RecoverySteps::keys() {
  state_.firsts = layout_.firsts();
  auto key = read_public_key(layout_);
  if (!key) return std::unexpected(std::move(key.error()));
  state_.key = std::move(*key);
  auto head = read_head(layout_, state_.key);
  if (!head) return std::unexpected(std::move(head.error()));
  state_.head = std::move(*head);
  auto signer = read_private_key(layout_, state_.key);
  if (!signer) return std::unexpected(std::move(signer.error()));
  state_.signer = std::move(*signer);
  struct stat st{};
  if (::stat(layout_.private_key().c_str(), &st) == 0 && (st.st_mode & 077) != 0)
    log_.warning("ledger", "Others can read the signing key {}: give it mode 0600.", layout_.private_key().string());
  return {};
}

Found<> RecoverySteps::old_files() {
  const auto& firsts = state_.firsts;
  if (firsts.empty() || firsts.front() != 0)
    return damaged(layout_, kRemoved, layout_.log(0), 0, 0, "The first log file is missing: entries were removed.");
  for (std::size_t i = 0; i + 1 < firsts.size(); ++i) KZ_FOUND(check_sealed(layout_, firsts[i], firsts[i + 1]));
  return {};
}

std::uint64_t RecoverySteps::proven(ByteView index) const {
  const std::uint64_t first = state_.firsts.back();
  std::uint64_t out = state_.head.head.size;
  for (std::uint64_t i = 0; kIndexHead + (i + 1) * kRecord <= index.size(); ++i)
    if (decode_record(index.subspan(kIndexHead + i * kRecord, kRecord))) out = std::max(out, first + i + 1);
  return out;
}

Found<> RecoverySteps::newest_file() {
  const std::uint64_t first = state_.firsts.back();
  const Path log_path = layout_.log(first), index_path = layout_.index(first);
  const auto log = read_whole(layout_, log_path), index = read_whole(layout_, index_path);
  if (!log) return std::unexpected(log.error());
  if (!index) return std::unexpected(index.error());
  const auto log_head = decode_log_head(as_bytes(*log));
  if (!log_head || log_head->first != first)
    return damaged(layout_, "ledger.log_damaged", log_path, 0, first, "The beginning of the log file is damaged.");
  newest_ = *log_head;
  if (decode_index_head(as_bytes(*index)) != first)
    return damaged(layout_, "ledger.index_damaged", index_path, 0, first, "The beginning of the index is damaged.");

  const Scan scan = scan_log(as_bytes(*log), first);
  const std::uint64_t total = first + scan.records.size();
  const bool lost = total < proven(as_bytes(*index));
  if (scan.rest && (scan.proven || lost))
    return damaged(layout_, "ledger.entry_damaged", log_path, scan.end, total,
                   karez::format("An acknowledged entry cannot be read: {}. It was changed or lost.", scan.why));
  if (lost)
    return damaged(layout_, kRemoved, log_path, scan.end, total,
                   karez::format("The log ends after {} entries, but {} were acknowledged: entries were removed.",
                                 total, proven(as_bytes(*index))));
  state_.size = total;
  state_.log_end = scan.end;
  KZ_FOUND(match_index(as_bytes(*index), scan));
  if (scan.rest) {
    log_.warning("ledger", "{} bytes of an unfinished entry were left by a crash and are removed.",
                 log->size() - scan.end);
    KZ_FOUND(write(log_path, scan.end, {}, scan.end));
  }
  return {};
}

Found<> RecoverySteps::match_index(ByteView index, const Scan& scan) {
  const std::uint64_t first = state_.firsts.back();
  const Path path = layout_.index(first);
  std::vector<std::byte> fresh;
  std::optional<std::size_t> from;
  for (std::size_t i = 0; i < scan.records.size(); ++i) {
    const std::size_t at = kIndexHead + i * kRecord;
    const auto there = at + kRecord <= index.size() ? decode_record(index.subspan(at, kRecord)) : std::nullopt;
    if (there != scan.records[i]) {
      if (there || first + i < state_.head.head.size)
        return damaged(layout_, "ledger.index_damaged", path, at, first + i,
                       "Index and log say different things of the entry: one of them was changed.");
      if (!from) from = i;
    }
    if (from) put_record(fresh, scan.records[i]);
  }
  const std::size_t end = kIndexHead + scan.records.size() * kRecord;
  if (!from && index.size() == end) return {};
  const std::size_t at = from ? kIndexHead + *from * kRecord : end;
  return write(path, at, fresh, end);
}

Found<> RecoverySteps::write(const Path& path, std::uint64_t offset, ByteView bytes, std::uint64_t end) {
  const auto write_it = [&]() -> Result<> {
    KZ_TRY(File file, File::open(path, File::Mode::read_write));
    KZ_CHECK(file.write_at(offset, bytes));
    KZ_CHECK(file.truncate(end));
    return file.sync();
  };
  if (auto done = write_it(); !done) return std::unexpected(damage_of(layout_, path, done.error()));
  return {};
}

Found<> RecoverySteps::tree_files() {
  std::error_code ec;
  for (unsigned level = 8; level < 64; level += 8)
    if (state_.size >> level != 0 || std::filesystem::exists(layout_.tree(level), ec)) KZ_FOUND(tree_file(level));
  return {};
}

Found<> RecoverySteps::tree_file(unsigned level) {
  const Path path = layout_.tree(level);
  const std::uint64_t want = state_.size >> level, sure = state_.head.head.size >> level;
  std::error_code ec;
  if (!std::filesystem::exists(path, ec) && sure == 0)
    if (auto made = File::open(path, File::Mode::create); !made)
      return std::unexpected(damage_of(layout_, path, made.error()));
  const std::uint64_t bytes = std::filesystem::file_size(path, ec), have = bytes / sizeof(Hash);
  if (ec || have < sure)
    return damaged(layout_, "ledger.tree_damaged", path, ec ? 0 : bytes, have << level,
                   "The file of tree hashes is missing or too short.");
  if (have > want)
    return damaged(layout_, kRemoved, path, want * sizeof(Hash), state_.size,
                   "The tree has hashes of more entries than the log: entries were removed.");
  Reader from = reader();
  for (std::uint64_t i = sure; i < want; ++i) {
    const auto hash = from.folded(level, i);
    if (!hash) return std::unexpected(damage_of(layout_, path, hash.error()));
    if (const auto there = from.subtree(level, i); there && *there == *hash) continue;
    KZ_FOUND(write(path, i * sizeof(Hash), *hash, std::max(bytes, (i + 1) * sizeof(Hash))));
  }
  if (bytes != want * sizeof(Hash)) return write(path, 0, {}, want * sizeof(Hash));
  return {};
}

Found<> RecoverySteps::roots() {
  Reader from = reader();
  const auto broken = [&](const Error& error) { return std::unexpected(damage_of(layout_, layout_.trees(), error)); };
  const auto signed_root = range_root(from, 0, state_.head.head.size);
  if (!signed_root) return broken(signed_root.error());
  if (*signed_root != state_.head.head.root)
    return damaged(layout_, "ledger.root_mismatch", layout_.head(), 0, state_.head.head.size,
                   "The entries do not give the root that was signed: an entry was changed.");
  const auto before = range_root(from, 0, newest_.first);
  if (!before) return broken(before.error());
  if (*before != newest_.root)
    return damaged(layout_, "ledger.root_mismatch", layout_.log(newest_.first), 24, newest_.first,
                   "The log file was written after other entries than those before it now.");
  auto frontier = Frontier::of(from, state_.size);
  if (!frontier) return broken(frontier.error());
  state_.frontier = std::move(*frontier);
  return {};
}

}  // namespace karez::ledger::store
