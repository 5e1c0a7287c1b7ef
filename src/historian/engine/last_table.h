// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "historian/engine/rows.h"

namespace karez::historian {

/// Newest sample of a point. `time` kNever: none.
struct LastEntry {
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();
  std::int64_t time = kNever;
  std::uint64_t bits = 0;  ///< text: index into the table's texts
  std::uint64_t lsn = 0;
  model::Quality quality;
  model::ValueType type = model::ValueType::none;
  std::uint8_t flags = 0;
};

/// Newest sample of every point, an array by id in pages. A later time wins, at equal times the later
/// append. Thread: one at a time (the shard's mutex).
class LastTable {
 public:
  void update(std::span<const model::Sample> samples, std::string_view arena, std::uint64_t lsn);
  void offer(std::uint32_t point, const LastEntry& entry, std::string_view text);
  /// Nothing when the point was never seen.
  const LastEntry* find(std::uint32_t point) const noexcept;
  std::string_view text(const LastEntry& entry) const noexcept {
    return entry.type == model::ValueType::text ? std::string_view(texts_[entry.bits]) : std::string_view();
  }
  void forget(std::uint32_t point) noexcept;
  void forget_before(std::int64_t time) noexcept;
  /// Points known; those in ascending order of id.
  std::size_t size() const noexcept { return known_; }
  void each(const std::function<void(std::uint32_t point, const LastEntry& entry)>& visit) const;

 private:
  static constexpr std::size_t kPage = 256;
  using Page = std::array<LastEntry, kPage>;

  LastEntry& entry_of(std::uint32_t point);
  void set_text(LastEntry& entry, const LastEntry& before, std::string_view text);

  std::vector<std::unique_ptr<Page>> pages_;
  std::vector<std::string> texts_;
  std::size_t known_ = 0;
};

}  // namespace karez::historian
