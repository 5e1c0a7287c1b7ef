// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/last_table.h"

namespace karez::historian {

LastEntry& LastTable::entry_of(std::uint32_t point) {
  const std::size_t page = point / kPage;
  if (page >= pages_.size()) pages_.resize(page + 1);
  if (!pages_[page]) pages_[page] = std::make_unique<Page>();
  return (*pages_[page])[point % kPage];
}

/// A point keeps its place in `texts_`, so that a warm update reuses its memory.
void LastTable::set_text(LastEntry& entry, const LastEntry& before, std::string_view text) {
  if (before.time != LastEntry::kNever && before.type == model::ValueType::text) {
    entry.bits = before.bits;
  } else {
    entry.bits = texts_.size();
    texts_.emplace_back();
  }
  texts_[entry.bits].assign(text);
}

void LastTable::offer(std::uint32_t point, const LastEntry& entry, std::string_view text) {
  if (point == 0 || entry.time == LastEntry::kNever) return;
  LastEntry& here = entry_of(point);
  if (here.time > entry.time || (here.time == entry.time && here.lsn > entry.lsn)) return;
  if (here.time == LastEntry::kNever) ++known_;
  LastEntry next = entry;
  if (entry.type == model::ValueType::text) set_text(next, here, text);
  here = next;
}

void LastTable::update(std::span<const model::Sample> samples, std::string_view arena, std::uint64_t lsn) {
  for (const model::Sample& s : samples) {
    const std::string_view text =
        s.type == model::ValueType::text ? arena.substr(s.bits >> 32, s.bits & 0xffffffffu) : std::string_view();
    offer(s.point.value,
          {.time = to_ns(s.time), .bits = s.bits, .lsn = lsn, .quality = s.quality, .type = s.type, .flags = s.flags},
          text);
  }
}

const LastEntry* LastTable::find(std::uint32_t point) const noexcept {
  const std::size_t page = point / kPage;
  if (page >= pages_.size() || !pages_[page]) return nullptr;
  const LastEntry& entry = (*pages_[page])[point % kPage];
  return entry.time == LastEntry::kNever ? nullptr : &entry;
}

void LastTable::forget(std::uint32_t point) noexcept {
  if (find(point) == nullptr) return;
  entry_of(point) = {};
  --known_;
}

void LastTable::forget_before(std::int64_t time) noexcept {
  for (const auto& page : pages_) {
    if (!page) continue;
    for (LastEntry& entry : *page) {
      if (entry.time == LastEntry::kNever || entry.time >= time) continue;
      entry = {};
      --known_;
    }
  }
}

void LastTable::each(const std::function<void(std::uint32_t, const LastEntry&)>& visit) const {
  for (std::size_t p = 0; p < pages_.size(); ++p) {
    if (!pages_[p]) continue;
    for (std::size_t i = 0; i < kPage; ++i)
      if ((*pages_[p])[i].time != LastEntry::kNever) visit(static_cast<std::uint32_t>(p * kPage + i), (*pages_[p])[i]);
  }
}

}  // namespace karez::historian
