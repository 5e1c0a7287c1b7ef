// SPDX-License-Identifier: Apache-2.0
#include "ledger/verify.h"

#include <algorithm>
#include <map>

#include "base/format.h"
#include "ledger/store/recovery_steps.h"

namespace karez::ledger {
namespace {

using store::Found;
using store::kIndexHead;
using store::kRecord;

class Verifier {
 public:
  Verifier(const Path& dir, const VerifyOptions& options, VerifyReport& report)
      : layout_{dir}, options_(options), report_(report) {}

  /// False when it was cancelled.
  bool run() {
    auto found = begin();
    for (std::size_t i = 0; found && i < firsts_.size(); ++i) {
      found = log_file(i);
      if (found && options_.progress && !options_.progress(report_.bytes, all_bytes_)) return false;
    }
    report_.entries = frontier_.size();
    report_.root = frontier_.root();
    if (found) found = end();
    if (!found) report_.damage = std::move(found.error());
    return true;
  }

 private:
  struct Level {
    File file;
    std::uint64_t bytes = 0;
  };

  Found<> begin() {
    auto key = store::read_public_key(layout_);
    if (!key) return std::unexpected(std::move(key.error()));
    report_.origin = key->name;
    report_.key_id = key->id_text();
    report_.key = key->text();
    if (options_.key && *options_.key != *key)
      return store::damaged(layout_, "ledger.key_damaged", layout_.public_key(), 0, 0,
                            karez::format("The key is not the expected {}.", options_.key->text()));
    std::error_code ec;
    if (std::filesystem::exists(layout_.private_key(), ec))
      if (auto own = store::read_private_key(layout_, *key); !own)
        if (own.error().slug != std::string_view("ledger.unreadable")) return std::unexpected(std::move(own.error()));
    auto head = store::read_head(layout_, *key);
    if (!head) return std::unexpected(std::move(head.error()));
    head_ = head->head;
    report_.signed_entries = head_.size;
    report_.signed_root = head_.root;
    if (head_.size == 0) KZ_FOUND(check_root(head_, layout_.head()));  // nothing is added yet
    return sizes();
  }

  /// What was there at the beginning; a ledger that is open meanwhile only adds. What follows the log is
  /// measured before what it follows.
  Found<> sizes() {
    for (unsigned level = 8; level < 64; level += 8) {
      auto file = File::open(layout_.tree(level), File::Mode::read);
      if (!file && file.error().slug() == "file.not_found") continue;
      if (!file) return std::unexpected(store::damage_of(layout_, layout_.tree(level), file.error()));
      const auto bytes = file->size();
      levels_[level] = {.file = std::move(*file), .bytes = bytes.value_or(0)};
    }
    firsts_ = layout_.firsts();
    if (firsts_.empty() || firsts_.front() != 0)
      return store::damaged(layout_, "ledger.entries_removed", layout_.log(0), 0, 0,
                            "The first log file is missing: entries were removed.");
    for (const std::uint64_t first : firsts_) {
      std::error_code ec;
      const auto index = std::filesystem::file_size(layout_.index(first), ec);
      if (ec)
        return store::damaged(layout_, "ledger.file_missing", layout_.index(first), 0, first,
                              "The index is missing: it was removed or lost.");
      index_bytes_.push_back(index);
    }
    for (const std::uint64_t first : firsts_) {
      std::error_code ec;
      const auto bytes = std::filesystem::file_size(layout_.log(first), ec);
      all_bytes_ += ec ? 0 : bytes;
    }
    return {};
  }

  Found<> log_file(std::size_t i) {
    const std::uint64_t first = firsts_[i];
    const bool newest = i + 1 == firsts_.size();
    const Path path = layout_.log(first);
    const auto log = store::read_whole(layout_, path), index = store::read_whole(layout_, layout_.index(first));
    if (!log) return std::unexpected(log.error());
    if (!index) return std::unexpected(index.error());
    ++report_.files;
    report_.bytes += log->size();
    const auto head = store::decode_log_head(as_bytes(*log));
    if (!head)
      return store::damaged(layout_, "ledger.log_damaged", path, 0, first, "The beginning of the log file is damaged.");
    if (head->first != first || first != frontier_.size())
      return store::damaged(layout_, "ledger.entries_removed", path, 16, frontier_.size(),
                            karez::format("The file begins with entry {}, but {} comes next: entries were removed.",
                                          head->first, frontier_.size()));
    if (head->root != frontier_.root())
      return store::damaged(layout_, "ledger.root_mismatch", path, 24, first,
                            "The log file was written after other entries than those before it now.");
    const store::Scan scan = store::scan_log(as_bytes(*log), first);
    const auto indexed = check_index(i, as_bytes(*index), scan);
    const std::uint64_t right = indexed ? scan.records.size() : indexed.error().seq - first;
    for (std::uint64_t n = 0; n < right; ++n) KZ_FOUND(add(scan.records[n].leaf));
    if (!indexed) return indexed;
    const std::uint64_t next = newest ? 0 : firsts_[i + 1];
    if (scan.rest && (!newest || scan.proven || frontier_.size() < head_.size))
      return store::damaged(layout_, "ledger.entry_damaged", path, scan.end, frontier_.size(),
                            karez::format("{} cannot be read: {}.",
                                          frontier_.size() < head_.size ? "A signed entry" : "An entry", scan.why));
    if (!newest && frontier_.size() != next)
      return store::damaged(layout_, "ledger.entries_removed", path, scan.end, frontier_.size(),
                            karez::format("The file ends before entry {}: entries were removed.", next));
    report_.unfinished_bytes = log->size() - scan.end;
    return {};
  }

  Found<> check_index(std::size_t i, ByteView index, const store::Scan& scan) {
    const std::uint64_t first = firsts_[i];
    const Path path = layout_.index(first);
    const auto wrong = [&](std::uint64_t at, std::uint64_t seq, const char* text) {
      return store::damaged(layout_, "ledger.index_damaged", path, at, seq, text);
    };
    if (store::decode_index_head(index) != first) return wrong(0, first, "The beginning of the index is damaged.");
    for (std::size_t n = 0; n < scan.records.size(); ++n) {
      const std::size_t at = kIndexHead + n * kRecord;
      const bool there = at + kRecord <= std::min<std::uint64_t>(index.size(), index_bytes_[i]);
      const bool needed = first + n < head_.size;
      if (!there && needed) return wrong(at, first + n, "The index ends before a signed entry.");
      const auto record = there ? store::decode_record(index.subspan(at, kRecord)) : std::nullopt;
      if (there && record != scan.records[n] && (record || needed))
        return wrong(at, first + n, "Index and log say different things of the entry: one of them was changed.");
    }
    // A record is written only after its entry is safe.
    for (std::size_t n = scan.records.size(), at = kIndexHead + n * kRecord; at + kRecord <= index_bytes_[i];
         ++n, at += kRecord)
      if (at + kRecord <= index.size() && store::decode_record(index.subspan(at, kRecord)))
        return store::damaged(layout_, scan.rest ? "ledger.entry_damaged" : "ledger.entries_removed",
                              layout_.log(first), scan.end, first + scan.records.size(),
                              scan.rest ? "An acknowledged entry cannot be read: it was changed or lost."
                                        : "The index knows entries that the log no longer has: entries were removed.");
    if (i + 1 < firsts_.size() && index.size() != kIndexHead + scan.records.size() * kRecord && !scan.rest)
      return wrong(index.size(), first + scan.records.size(), "The index has another length than the log.");
    return {};
  }

  Found<> add(const Hash& leaf) {
    std::optional<Damage> broken;
    frontier_.add(leaf, [&](unsigned level, const Hash& hash) {
      if (level % 8 != 0 || broken) return;
      const std::uint64_t i = frontier_.size() >> level;  // not counted yet: the subtree that just ended
      if (auto found = check_hash(level, i, hash); !found) broken = std::move(found.error());
    });
    if (broken) return std::unexpected(std::move(*broken));
    if (frontier_.size() == head_.size) KZ_FOUND(check_root(head_, layout_.head()));
    if (options_.earlier && frontier_.size() == options_.earlier->head.size)
      KZ_FOUND(check_root(options_.earlier->head, "the earlier head"));
    return {};
  }

  Found<> check_hash(unsigned level, std::uint64_t i, const Hash& hash) {
    const auto found = levels_.find(level);
    const std::uint64_t at = i * sizeof(Hash);
    const bool needed = i < head_.size >> level;
    Hash there{};
    if (found == levels_.end() || at + sizeof(Hash) > found->second.bytes) {
      if (!needed) return {};
      return store::damaged(layout_, "ledger.tree_damaged", layout_.tree(level), at, i << level,
                            "The file of tree hashes is missing or too short.");
    }
    if (auto read = found->second.file.read_at(at, there); !read)
      return std::unexpected(store::damage_of(layout_, layout_.tree(level), read.error()));
    if (there != hash && needed)
      return store::damaged(layout_, "ledger.tree_damaged", layout_.tree(level), at, i << level,
                            "A stored tree hash is not that of its entries.");
    return {};
  }

  Found<> check_root(const TreeHead& head, const Path& file) {
    if (frontier_.root() == head.root) return {};
    return store::damaged(layout_, "ledger.root_mismatch", file, 0, head.size,
                          "The entries do not give the root that was signed: an entry was changed.");
  }

  Found<> end() {
    const auto& newest = layout_.log(firsts_.back());
    const auto removed = [&](std::uint64_t known, const char* by) {
      return store::damaged(
          layout_, "ledger.entries_removed", newest, report_.bytes, frontier_.size(),
          karez::format("{} names {} entries, but there are {}: entries were removed.", by, known, frontier_.size()));
    };
    if (frontier_.size() < head_.size) return removed(head_.size, "The signed head");
    if (options_.earlier && frontier_.size() < options_.earlier->head.size)
      return removed(options_.earlier->head.size, "The earlier head");
    for (const auto& [level, tree] : levels_)
      if (tree.bytes / sizeof(Hash) > frontier_.size() >> level)
        return removed((tree.bytes / sizeof(Hash)) << level, "The file of tree hashes");
    return {};
  }

  store::Layout layout_;
  const VerifyOptions& options_;
  VerifyReport& report_;
  TreeHead head_;
  std::vector<std::uint64_t> firsts_, index_bytes_;
  std::map<unsigned, Level> levels_;
  std::uint64_t all_bytes_ = 0;
  Frontier frontier_;
};

}  // namespace

Result<VerifyReport> verify(const Path& dir, const VerifyOptions& options) {
  std::error_code ec;
  const store::Layout layout{dir};
  if (!std::filesystem::exists(layout.logs(), ec) && !std::filesystem::exists(layout.public_key(), ec))
    return fail(Errc::not_found, "ledger.not_found", karez::format("There is no ledger in {}.", dir.string()));
  VerifyReport report;
  if (!Verifier(dir, options, report).run())
    return fail(Errc::cancelled, "ledger.cancelled", "The check was cancelled.");
  return report;
}

}  // namespace karez::ledger
