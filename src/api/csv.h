// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace karez::api {

/// RFC 4180, reading side; LF and CR LF both end a line, a byte-order mark is skipped, a semicolon or tab
/// separates when the first line has no comma. Pure and bounded. Thread: one.
class CsvReader {
 public:
  static constexpr std::size_t kMaxColumns = 200, kMaxCell = 65536;
  explicit CsvReader(std::string_view text);

  /// The next record that is not empty; false at the end or after `bad`.
  bool next(std::vector<std::string>& cells);
  /// Line of the last record, from 1.
  std::size_t line() const noexcept { return line_; }
  /// Why reading stopped early; empty when it did not.
  std::string_view bad() const noexcept { return bad_; }

 private:
  bool cell(std::string& out);
  std::string_view text_, bad_;
  std::size_t at_ = 0, next_line_ = 1, line_ = 0;
  char separator_ = ',';
};

/// Appends a cell, quoted when needed. A text that a spreadsheet would run as a formula gets a leading
/// apostrophe; numbers stay as they are.
void append_csv(std::string& out, std::string_view cell);

}  // namespace karez::api
