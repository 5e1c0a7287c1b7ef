// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/error.h"
#include "base/format.h"

namespace karez::cli {

/// Standard output of a command. A write that fails is remembered by the stream and told by
/// finish_output(); std::print would throw in the middle of a table. Thread: main.
void put(std::string_view text);
/// Standard error; nothing can be done when it fails.
void put_error(std::string_view text);
/// Flushes. Errors: cli.output when any write to standard output failed, such as on a full disk.
Result<> finish_output();

template <typename... Args>
void say(std::format_string<Args...> text, Args&&... args) {
  put(karez::vformat(text.get(), std::make_format_args(args...)));
}

template <typename... Args>
void say_line(std::format_string<Args...> text, Args&&... args) {
  std::string line = karez::vformat(text.get(), std::make_format_args(args...));
  put(line += '\n');
}

/// One line on standard error.
template <typename... Args>
void tell(std::format_string<Args...> text, Args&&... args) {
  std::string line = karez::vformat(text.get(), std::make_format_args(args...));
  put_error(line += '\n');
}

}  // namespace karez::cli
