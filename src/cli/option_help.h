// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace karez::cli {

/// What the help says of an option: form of its value (empty for flags), and a line with default and
/// example.
struct OptionHelp {
  std::string_view command;  ///< empty: of any command
  std::string_view name, value, text;
};
/// Nothing found: an empty text. Thread: any.
OptionHelp option_help(std::string_view command, std::string_view name);

}  // namespace karez::cli
