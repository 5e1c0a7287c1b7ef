// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <format>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/format.h"

namespace karez {

enum class LogLevel : unsigned char { debug, info, warning, error };

/// Where log lines go. One line is one event: `area` is the module ("modbus", "historian"), the text
/// says what happened and to whom. An error is logged once, where it is handled.
/// Thread: any.
class Log {
 public:
  virtual ~Log() = default;
  virtual void write(LogLevel level, std::string_view area, std::string_view text) = 0;
  virtual bool enabled(LogLevel level) const = 0;

  template <class... Args>
  void debug(std::string_view area, std::format_string<Args...> text, Args&&... args) {
    if (enabled(LogLevel::debug)) write(LogLevel::debug, area, karez::format(text, std::forward<Args>(args)...));
  }
  template <class... Args>
  void info(std::string_view area, std::format_string<Args...> text, Args&&... args) {
    if (enabled(LogLevel::info)) write(LogLevel::info, area, karez::format(text, std::forward<Args>(args)...));
  }
  template <class... Args>
  void warning(std::string_view area, std::format_string<Args...> text, Args&&... args) {
    write(LogLevel::warning, area, karez::format(text, std::forward<Args>(args)...));
  }
  template <class... Args>
  void error(std::string_view area, std::format_string<Args...> text, Args&&... args) {
    write(LogLevel::error, area, karez::format(text, std::forward<Args>(args)...));
  }
};

struct LogConfig {
  LogLevel level = LogLevel::info;
  bool json = false;       ///< one JSON object a line instead of text
  std::string file;        ///< empty: standard error
};

/// Errors: log.cannot_open.
Result<std::unique_ptr<Log>> open_log(const LogConfig& config);
/// Swallows everything; for tests.
Log& null_log();

}  // namespace karez
