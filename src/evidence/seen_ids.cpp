// SPDX-License-Identifier: Apache-2.0
#include "evidence/seen_ids.h"

#include <new>

namespace karez::evidence {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

}  // namespace

SeenIds::~SeenIds() {
  for (const auto& page : *pages_) delete page.load();
}

SeenIds::Page* SeenIds::page(std::size_t index) noexcept {
  auto& place = (*pages_)[index];
  if (Page* there = place.load(std::memory_order_acquire)) return there;
  Page* made = new (std::nothrow) Page;
  if (!made) return nullptr;
  Page* other = nullptr;
  if (place.compare_exchange_strong(other, made, std::memory_order_acq_rel)) return made;
  delete made;  // somebody was faster
  return other;
}

bool SeenIds::mark(std::uint64_t id, std::uint32_t hour) noexcept {
  if (id >= kPages * kPageIds) return false;
  Page* const there = page(id / kPageIds);
  if (!there) return false;
  auto& last = there->hours[id % kPageIds];
  // The load alone keeps the warm path free of contended writes.
  if (last.load(std::memory_order_relaxed) == hour || last.exchange(hour, std::memory_order_relaxed) == hour)
    return false;
  there->changed.store(true, std::memory_order_release);
  return true;
}

void SeenIds::changed_pages(std::uint32_t hour, const std::function<void(std::size_t, std::string)>& to) {
  for (std::size_t index = 0; index < kPages; ++index) {
    Page* const there = (*pages_)[index].load(std::memory_order_acquire);
    if (!there || !there->changed.exchange(false, std::memory_order_acq_rel)) continue;
    std::string bits(kPageIds / 4, '0');
    bool any = false;
    for (std::size_t digit = 0; digit < bits.size(); ++digit) {
      unsigned value = 0;
      for (std::size_t bit = 0; bit < 4; ++bit)
        if (there->hours[digit * 4 + bit].load(std::memory_order_relaxed) == hour) value |= 1u << bit;
      bits[digit] = kHex[value];
      any = any || value != 0;
    }
    if (any) to(index, std::move(bits));
  }
}

void SeenIds::restore(std::size_t index, std::string_view bits, std::uint32_t hour) noexcept {
  if (index >= kPages || bits.size() != kPageIds / 4) return;
  Page* const there = page(index);
  if (!there) return;
  for (std::size_t digit = 0; digit < bits.size(); ++digit) {
    const auto value = kHex.find(bits[digit]);
    if (value == std::string_view::npos) return;
    for (std::size_t bit = 0; bit < 4; ++bit)
      if (value & (1u << bit)) there->hours[digit * 4 + bit].store(hour, std::memory_order_relaxed);
  }
}

}  // namespace karez::evidence
