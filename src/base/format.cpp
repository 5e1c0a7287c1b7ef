// SPDX-License-Identifier: Apache-2.0
#include "base/format.h"

#include <iterator>

namespace karez {

std::string vformat(std::string_view text, std::format_args args) { return std::vformat(text, args); }

void vformat_to(std::string& out, std::string_view text, std::format_args args) {
  std::vformat_to(std::back_inserter(out), text, args);
}

}  // namespace karez
