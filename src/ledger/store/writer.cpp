// SPDX-License-Identifier: Apache-2.0
#include "ledger/store/writer.h"

#include <algorithm>

#include "base/format.h"

namespace karez::ledger::store {

Result<Writer> Writer::open(Layout layout, std::uint64_t first, std::uint64_t log_end, Frontier frontier) {
  Writer out;
  out.layout_ = std::move(layout);
  out.first_ = first;
  out.log_end_ = log_end;
  out.frontier_ = std::move(frontier);
  KZ_TRY(out.log_, File::open(out.layout_.log(first), File::Mode::read_write));
  KZ_TRY(out.index_.file, File::open(out.layout_.index(first), File::Mode::read_write));
  out.index_.end = kIndexHead + kRecord * (out.frontier_.size() - first);
  return out;
}

Result<> Writer::create_files(const Layout& layout, const Frontier& frontier) {
  // The index first: a log file always has one.
  KZ_CHECK(write_file_atomic(layout.index(frontier.size()), encode_index_head(frontier.size())));
  return write_file_atomic(layout.log(frontier.size()),
                           encode_log_head({.first = frontier.size(), .root = frontier.root()}));
}

Result<> Writer::refuse() const {
  return fail(Error(Errc::unavailable, "ledger.poisoned")
                  .with(poisoned_->text())
                  .cure("Examine the disk, run 'karez audit verify', then restart."));
}

Result<> Writer::poison(Result<> failed) {
  poisoned_ = failed.error();
  return failed;
}

bool Writer::settled() const noexcept {
  return index_.waiting.empty() && grown_.empty() &&
         std::ranges::all_of(trees_, [](const auto& t) { return t.second.waiting.empty(); });
}

Result<> Writer::append(std::span<Item> items) {
  if (poisoned_) return refuse();
  KZ_CHECK(write_followers());
  buffer_.clear();
  for (std::size_t i = 0; i < items.size(); ++i) {
    Item& item = items[i];
    const std::uint64_t seq = frontier_.size() + i;
    set_seq(item.bytes, seq);
    item.record.offset = static_cast<std::uint32_t>(log_end_ + buffer_.size());
    item.record.leaf = leaf_hash(item.bytes);
    put_frame(buffer_, {.seq = seq, .back = static_cast<std::uint32_t>(i), .payload = item.bytes});
  }
  if (auto written = log_.write_at(log_end_, buffer_); !written) {
    if (auto cut = log_.truncate(log_end_); !cut) return poison(std::move(cut));
    return written;
  }
  if (auto synced = log_.sync(); !synced) return poison(std::move(synced));
  log_end_ += buffer_.size();
  for (const Item& item : items) {
    put_record(index_.waiting, item.record);
    frontier_.add(item.record.leaf, [this](unsigned level, const Hash& hash) {
      if (level % 8 == 0) grown_[level].insert(grown_[level].end(), hash.begin(), hash.end());
    });
  }
  // The entries are safe whatever happens now; what could not be written waits for the next call.
  (void)write_followers();
  return {};
}

Result<Writer::Tail*> Writer::tree(unsigned level) {
  auto found = trees_.find(level);
  if (found == trees_.end()) {
    Tail tail;
    const Path path = layout_.tree(level);
    auto opened = File::open(path, File::Mode::read_write);
    if (!opened && opened.error().slug() == "file.not_found") {
      opened = File::open(path, File::Mode::create);
      if (opened) KZ_CHECK(sync_directory(layout_.trees()));
    }
    KZ_TRY(tail.file, std::move(opened));
    KZ_TRY(tail.end, tail.file.size());
    found = trees_.emplace(level, std::move(tail)).first;
  }
  return &found->second;
}

Result<> Writer::write_followers() {
  while (!grown_.empty()) {
    const auto grown = grown_.begin();
    KZ_TRY(Tail * tail, tree(grown->first));
    tail->waiting.insert(tail->waiting.end(), grown->second.begin(), grown->second.end());
    grown_.erase(grown);
  }
  const auto write = [](Tail& tail) -> Result<> {
    if (tail.waiting.empty()) return {};
    KZ_CHECK(tail.file.write_at(tail.end, tail.waiting));
    tail.end += tail.waiting.size();
    tail.waiting.clear();
    tail.dirty = true;
    return {};
  };
  KZ_CHECK(write(index_));
  for (auto& [level, tail] : trees_) KZ_CHECK(write(tail));
  return {};
}

Result<> Writer::sync_followers() {
  if (poisoned_) return refuse();
  KZ_CHECK(write_followers());
  const auto sync = [](Tail& tail) -> Result<> {
    if (tail.dirty) KZ_CHECK(tail.file.sync());
    tail.dirty = false;
    return {};
  };
  if (auto done = sync(index_); !done) return poison(std::move(done));
  for (auto& [level, tail] : trees_)
    if (auto done = sync(tail); !done) return poison(std::move(done));
  return {};
}

Result<> Writer::roll() {
  KZ_CHECK(sync_followers());
  KZ_CHECK(create_files(layout_, frontier_));
  KZ_TRY(File log, File::open(layout_.log(frontier_.size()), File::Mode::read_write));
  KZ_TRY(File index, File::open(layout_.index(frontier_.size()), File::Mode::read_write));
  log_ = std::move(log);
  index_ = Tail{.file = std::move(index), .end = kIndexHead};
  first_ = frontier_.size();
  log_end_ = kLogHead;
  return {};
}

}  // namespace karez::ledger::store
