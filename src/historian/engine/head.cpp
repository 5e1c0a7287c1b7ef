// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/head.h"

#include <sys/mman.h>

#include <algorithm>

#include "base/error.h"

namespace karez::historian {
namespace {

constexpr std::uint32_t kFirstBlock = 4, kLargestBlock = 256;

}  // namespace

SlabArena::~SlabArena() {
  for (const Slab& slab : slabs_) ::munmap(slab.at, slab.size);
}

std::byte* SlabArena::take(std::size_t bytes) {
  bytes = (bytes + 7) / 8 * 8;
  KZ_ASSERT(bytes <= kMaxSlab);
  if (slabs_.empty()) slabs_.reserve(64);
  if (slabs_.empty() || slabs_.back().size - used_ < bytes) {
    // small at first: an idle store with a few points stays small
    std::size_t size = slabs_.empty() ? kMinSlab : std::min(slabs_.back().size * 2, kMaxSlab);
    if (size < bytes) size = kMaxSlab;
    void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    KZ_ASSERT(at != MAP_FAILED);
    slabs_.push_back({static_cast<std::byte*>(at), size});
    used_ = 0;
    bytes_ += size;
  }
  return slabs_.back().at + std::exchange(used_, used_ + bytes);
}

HeadBuffer::Slot& HeadBuffer::slot_of(std::uint32_t point) {
  const std::size_t page = point / kPage;
  if (page >= pages_.size()) {
    page_bytes_ += (page + 1 - pages_.size()) * sizeof(pages_[0]);
    pages_.resize(page + 1);
  }
  if (!pages_[page]) {
    pages_[page] = std::make_unique<Page>();
    page_bytes_ += sizeof(Page);
  }
  std::uint32_t& place = (*pages_[page])[point % kPage];
  if (place == 0) {
    slots_.emplace_back().point = point;
    place = static_cast<std::uint32_t>(slots_.size());
  }
  return slots_[place - 1];
}

Row& HeadBuffer::next_row(Slot& slot) {
  if (slot.last == nullptr || slot.last->used == slot.last->capacity) {
    const std::uint32_t capacity =
        slot.last == nullptr ? kFirstBlock : std::min(slot.last->capacity * 2, kLargestBlock);
    auto* block = reinterpret_cast<Block*>(slabs_.take(sizeof(Block) + (capacity - 1) * sizeof(Row)));
    block->capacity = capacity;
    (slot.last == nullptr ? slot.first : slot.last->next) = block;
    slot.last = block;
  }
  return slot.last->rows[slot.last->used++];
}

void HeadBuffer::new_days(std::span<const model::Sample> samples, std::vector<std::int32_t>& out) const {
  out.clear();
  std::int64_t low = 1, high = 0;  // of the day before, nearly always the same
  for (const model::Sample& s : samples) {
    const std::int64_t t = to_ns(s.time);
    if ((t >= low && t <= high) || !s.point) continue;
    const std::int32_t day = day_of(t);
    low = day_begin(day);
    high = day_last(day);
    if (!std::ranges::binary_search(days_, day)) out.push_back(day);
  }
  std::ranges::sort(out);
  const auto twice = std::ranges::unique(out);
  out.erase(twice.begin(), twice.end());
}

void HeadBuffer::append(std::span<const model::Sample> samples, std::string_view arena, std::uint64_t lsn) {
  const auto order = static_cast<std::uint32_t>(lsn - base_);
  std::int64_t day_low = 1, day_high = 0;
  for (const model::Sample& s : samples) {
    if (!s.point) continue;
    Slot& slot = slot_of(s.point.value);
    const std::int64_t t = to_ns(s.time);
    if (t < day_low || t > day_high) {
      const std::int32_t day = day_of(t);
      day_low = day_begin(day);
      day_high = day_last(day);
      const auto place = std::ranges::lower_bound(days_, day);
      if (place == days_.end() || *place != day) days_.insert(place, day);
    }
    if (slot.first == nullptr) {
      slot.low = slot.high = t;
    } else {
      slot.ordered = slot.ordered && t > slot.latest;
      slot.low = std::min(slot.low, t);
      slot.high = std::max(slot.high, t);
    }
    slot.latest = t;
    std::uint64_t bits = s.bits;
    if (s.type == model::ValueType::text) {
      const std::string_view text = arena.substr(bits >> 32, bits & 0xffffffffu);
      auto* at = reinterpret_cast<HeadText*>(slabs_.take(sizeof(HeadText) + text.size()));
      at->length = static_cast<std::uint32_t>(text.size());
      std::ranges::copy(text, reinterpret_cast<char*>(at + 1));
      bits = reinterpret_cast<std::uint64_t>(at);
    }
    next_row(slot) = {.time = t, .bits = bits, .order = order, .quality = s.quality, .type = s.type, .flags = s.flags};
    ++rows_;
  }
}

bool HeadBuffer::runs(std::uint32_t point, Runs& out) const {
  const std::size_t page = point / kPage;
  if (page >= pages_.size() || !pages_[page]) return false;
  const std::uint32_t place = (*pages_[page])[point % kPage];
  if (place == 0) return false;
  const Slot& slot = slots_[place - 1];
  out.pieces.clear();
  for (const Block* b = slot.first; b != nullptr; b = b->next) out.pieces.emplace_back(b->rows, b->used);
  out.low = slot.low;
  out.high = slot.high;
  out.ordered = slot.ordered;
  return true;
}

std::vector<std::uint32_t> HeadBuffer::points() const {
  std::vector<std::uint32_t> out;
  out.reserve(slots_.size());
  for (const Slot& slot : slots_) out.push_back(slot.point);
  std::ranges::sort(out);
  return out;
}

}  // namespace karez::historian
