// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace karez::cli {

/// Columns for a terminal: widths follow the content, Han characters count two cells, numbers stand
/// right. Thread: one.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  std::string text() const;
  std::size_t size() const noexcept { return rows_.size(); }

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

/// Cells that `text` takes on a terminal.
std::size_t display_width(std::string_view text);

}  // namespace karez::cli
