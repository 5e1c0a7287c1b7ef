// SPDX-License-Identifier: Apache-2.0
// karez::format: std::format with the machinery behind it compiled once instead of in every file that writes a text.
// In libstdc++ 14 std::format is a template all the way down: one call costs 2 to 5 seconds of compiling and up to 1.6 MB
// of object code. The texts are checked at compile time all the same. Thread-safe.
#pragma once

#include <format>
#include <string>
#include <string_view>

namespace karez {

std::string vformat(std::string_view text, std::format_args args);
void vformat_to(std::string& out, std::string_view text, std::format_args args);

template <typename... Args>
std::string format(std::format_string<Args...> text, Args&&... args) {
  return karez::vformat(text.get(), std::make_format_args(args...));
}

// Appends to what `out` holds already.
template <typename... Args>
void format_to(std::string& out, std::format_string<Args...> text, Args&&... args) {
  karez::vformat_to(out, text.get(), std::make_format_args(args...));
}

}  // namespace karez
