// SPDX-License-Identifier: Apache-2.0
#include "ledger/store/reader.h"

#include <algorithm>

#include "base/format.h"

namespace karez::ledger::store {

Result<const File*> Reader::open(std::map<std::uint64_t, File>& cache, std::uint64_t key, const Path& path) {
  auto found = cache.find(key);
  if (found == cache.end()) {
    if (cache.size() >= 8) cache.clear();
    KZ_TRY(File file, File::open(path, File::Mode::read));
    found = cache.emplace(key, std::move(file)).first;
  }
  return &found->second;
}

std::uint64_t Reader::file_of(std::uint64_t seq) const {
  return *std::prev(std::upper_bound(firsts_->begin(), firsts_->end(), seq));
}

Result<std::vector<Record>> Reader::records(std::uint64_t first, std::size_t count) {
  if (first > size_ || count > size_ - first || firsts_->empty() || firsts_->front() > first)
    return fail(Errc::not_found, "ledger.no_such_entry", karez::format("There is no entry {}.", first + count - 1));
  std::vector<Record> out;
  out.reserve(count);
  std::vector<std::byte> bytes;
  while (out.size() < count) {
    const std::uint64_t seq = first + out.size(), begin = file_of(seq);
    const auto next = std::upper_bound(firsts_->begin(), firsts_->end(), seq);
    const std::uint64_t end = next == firsts_->end() ? size_ : *next;
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(count - out.size(), end - seq));
    KZ_TRY(const File* file, open(indexes_, begin, layout_.index(begin)));
    bytes.resize(n * kRecord);
    const std::uint64_t offset = kIndexHead + (seq - begin) * kRecord;
    KZ_CHECK(file->read_at(offset, bytes));
    for (std::size_t i = 0; i < n; ++i) {
      const auto record = decode_record(ByteView(bytes).subspan(i * kRecord));
      if (!record)
        return std::unexpected(Damage{"ledger.index_damaged", layout_.relative(layout_.index(begin)),
                                      offset + i * kRecord, seq + i, "The record of the entry is damaged."}
                                   .error());
      out.push_back(*record);
    }
  }
  return out;
}

Result<Hash> Reader::fold(unsigned base, std::uint64_t first, unsigned height) {
  const std::size_t count = std::size_t{1} << height;
  std::vector<Hash> row(count);
  if (base == 0) {
    KZ_TRY(const auto found, records(first, count));
    std::ranges::transform(found, row.begin(), &Record::leaf);
  } else {
    KZ_TRY(const File* file, open(trees_, base, layout_.tree(base)));
    KZ_CHECK(file->read_at(first * sizeof(Hash), std::as_writable_bytes(std::span(row))));
  }
  for (std::size_t n = count; n > 1; n /= 2)
    for (std::size_t i = 0; i < n / 2; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
  return row[0];
}

Result<Hash> Reader::subtree(unsigned level, std::uint64_t index) {
  const unsigned base = level & ~7u, height = level - base;
  return fold(base, index << height, height);
}

Result<Hash> Reader::folded(unsigned level, std::uint64_t index) { return fold(level - 8, index << 8, 8); }

Result<Entry> Reader::entry(std::uint64_t seq) {
  KZ_TRY(const auto found, records(seq, 1));
  return entry(seq, found[0]);
}

Result<Entry> Reader::entry(std::uint64_t seq, const Record& record) {
  const std::uint64_t begin = file_of(seq);
  KZ_TRY(const File* file, open(logs_, begin, layout_.log(begin)));
  KZ_TRY(const std::uint64_t end, file->size());
  const auto broken = [&] {
    return std::unexpected(Damage{"ledger.entry_damaged", layout_.relative(layout_.log(begin)), record.offset, seq,
                                  "The entry is not the one that was written."}
                               .error());
  };
  if (record.offset >= end) return broken();
  const std::uint64_t most = std::min<std::uint64_t>(end - record.offset, kFrameHead + kMaxEntryBytes);
  // Most entries are small: one read is enough for those.
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::min<std::uint64_t>(most, 1024)));
  KZ_CHECK(file->read_at(record.offset, bytes));
  auto frame = decode_frame(bytes);
  if (!frame && most > bytes.size()) {
    bytes.resize(static_cast<std::size_t>(most));
    KZ_CHECK(file->read_at(record.offset, bytes));
    frame = decode_frame(bytes);
  }
  if (!frame || frame->seq != seq || leaf_hash(frame->payload) != record.leaf) return broken();
  return decode(frame->payload);
}

}  // namespace karez::ledger::store
