// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/browse_place.h"

#include <charconv>

#include "base/format.h"

namespace karez::connect::opcua {

std::string to_text(const BrowsePlace& place) {
  return karez::format("{}.{:x}.{}", place.shown, place.last, place.node);
}

Result<BrowsePlace> parse_browse_place(std::string_view text) {
  BrowsePlace place;
  const char* const end = text.data() + text.size();
  const auto shown = std::from_chars(text.data(), end, place.shown);
  if (shown.ec == std::errc{} && shown.ptr != end && *shown.ptr == '.' && place.shown <= BrowsePlace::kMostShown) {
    const auto last = std::from_chars(shown.ptr + 1, end, place.last, 16);
    if (last.ec == std::errc{} && last.ptr != end && *last.ptr == '.') {
      place.node.assign(last.ptr + 1, end);
      return place;
    }
  }
  return fail(Errc::invalid_argument, "connect.browse_expired", "This is no continuation of a browse.");
}

}  // namespace karez::connect::opcua
