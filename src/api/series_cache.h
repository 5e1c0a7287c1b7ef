// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "model/sample.h"

namespace karez::api {

/// Text of a series to its point: a table by 128 bits of hash, so that a known series costs one probe
/// and no text is kept. Bounded: when full it starts anew, and series are looked up again.
/// Thread: one at a time.
class SeriesCache {
 public:
  struct Key {
    std::uint64_t a = 0, b = 0;
    bool operator==(const Key&) const = default;
  };
  struct Entry {
    Key key;
    model::PointId point;  ///< 0: free
    model::ValueType type = model::ValueType::none;
  };

  explicit SeriesCache(std::size_t most = 1u << 20) : most_(most), table_(1024) {}

  static Key key_of(std::string_view series) {
    return {xxh3(as_bytes(series), 0x9e3779b97f4a7c15), xxh3(as_bytes(series), 0xc2b2ae3d27d4eb4f)};
  }
  /// Key of a field of the series with that key.
  static Key field_key(Key series, std::string_view field) {
    return {xxh3(as_bytes(field), series.a), xxh3(as_bytes(field), series.b)};
  }

  const Entry* find(Key key) const noexcept {
    for (std::size_t i = key.a & (table_.size() - 1);; i = (i + 1) & (table_.size() - 1)) {
      if (!table_[i].point) return nullptr;
      if (table_[i].key == key) return &table_[i];
    }
  }
  void put(Key key, model::PointId point, model::ValueType type) {
    if (find(key)) return;
    if (size_ >= most_) clear();
    if ((size_ + 1) * 2 > table_.size()) grow();
    insert({key, point, type});
    ++size_;
  }
  void clear() {
    table_.assign(1024, {});
    size_ = 0;
  }
  std::size_t size() const noexcept { return size_; }

 private:
  void insert(const Entry& e) {
    std::size_t i = e.key.a & (table_.size() - 1);
    while (table_[i].point) i = (i + 1) & (table_.size() - 1);
    table_[i] = e;
  }
  void grow() {
    std::vector<Entry> old(table_.size() * 2);
    old.swap(table_);
    for (const Entry& e : old)
      if (e.point) insert(e);
  }
  std::size_t most_, size_ = 0;
  std::vector<Entry> table_;
};

}  // namespace karez::api
