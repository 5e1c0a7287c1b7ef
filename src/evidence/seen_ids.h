// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace karez::evidence {

/// Which ids were seen in the present hour, for small dense ids. Keeps the hour of each id, so that
/// nothing has to be cleared when the hour turns.
/// Thread: any; no locks, no allocation once a page of ids is there.
class SeenIds {
 public:
  static constexpr std::size_t kPageIds = 4096, kPages = 16384;  ///< ids below 67,108,864; others are not told apart

  SeenIds() : pages_(std::make_unique<std::array<std::atomic<Page*>, kPages>>()) {}
  ~SeenIds();
  SeenIds(const SeenIds&) = delete;
  SeenIds& operator=(const SeenIds&) = delete;

  /// True for the first time in `hour` (hours since 1970). False also for ids out of range and when no
  /// memory is left.
  bool mark(std::uint64_t id, std::uint32_t hour) noexcept;
  /// Pages with new ids since the last call, as the set bits of `hour` in hex.
  void changed_pages(std::uint32_t hour, const std::function<void(std::size_t page, std::string bits)>& to);
  /// Marks the bits that `changed_pages` gave; anything else is ignored.
  void restore(std::size_t page, std::string_view bits, std::uint32_t hour) noexcept;

 private:
  struct Page {
    std::array<std::atomic<std::uint32_t>, kPageIds> hours{};
    std::atomic<bool> changed{false};
  };
  Page* page(std::size_t index) noexcept;
  std::unique_ptr<std::array<std::atomic<Page*>, kPages>> pages_;
};

}  // namespace karez::evidence
