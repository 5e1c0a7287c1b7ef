// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace karez::cli {

/// A word of the command line as the JSON value that the API takes for a point of `type` (bool, int64,
/// double or string). Whole numbers go as a string of digits: a JSON number loses those past 2^53.
/// Errors: cli.value.
Result<std::string> value_for(std::string_view type, std::string_view text);

/// A whole number from 1. Errors: cli.number, which names the option.
Result<std::size_t> count_for(std::string_view option, std::string_view text);

}  // namespace karez::cli
