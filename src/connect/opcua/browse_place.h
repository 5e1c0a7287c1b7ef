// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace karez::connect::opcua {

/// Where the next page of a folder begins: how many of its children were shown, and a mark of the last of
/// them, to see that the folder is still as it was.
struct BrowsePlace {
  static constexpr std::size_t kMostShown = 100'000;
  std::size_t shown = 0;
  std::uint64_t last = 0;
  std::string node{};
};

std::string to_text(const BrowsePlace& place);
/// The reverse; texts come back from clients. Errors: connect.browse_expired.
Result<BrowsePlace> parse_browse_place(std::string_view text);

}  // namespace karez::connect::opcua
