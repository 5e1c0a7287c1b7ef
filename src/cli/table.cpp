// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include "base/text.h"

namespace karez::cli {
namespace {

constexpr std::size_t kMaxCell = 60;

char32_t code_point(std::string_view character) {
  const auto b = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(character[i])); };
  switch (character.size()) {
    case 2: return ((b(0) & 0x1f) << 6) | (b(1) & 0x3f);
    case 3: return ((b(0) & 0x0f) << 12) | ((b(1) & 0x3f) << 6) | (b(2) & 0x3f);
    case 4: return ((b(0) & 0x07) << 18) | ((b(1) & 0x3f) << 12) | ((b(2) & 0x3f) << 6) | (b(3) & 0x3f);
    default: return b(0);
  }
}

/// East Asian wide and full-width ranges that names of plants use (Unicode UAX #11).
std::size_t cells(char32_t c) {
  const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
                    (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                    (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x20000 && c <= 0x3fffd);
  return wide ? 2 : c >= 0x300 && c <= 0x36f ? 0 : 1;
}

bool is_number(std::string_view cell) {
  return !cell.empty() && cell.find_first_not_of("0123456789.,-+eE%") == std::string_view::npos;
}

std::string shorten(std::string_view cell) {
  std::string out;
  std::size_t width = 0;
  while (!cell.empty()) {
    const std::size_t n = std::max<std::size_t>(1, utf8_character(cell));
    // A name from a device must not be able to steer the terminal.
    const bool control = n == 1 && (static_cast<unsigned char>(cell[0]) < 0x20 || cell[0] == 0x7f);
    const std::size_t w = control ? 1 : cells(code_point(cell.substr(0, n)));
    if (width + w > kMaxCell) return out + "…";
    out += control ? "?" : cell.substr(0, n);
    width += w;
    cell.remove_prefix(n);
  }
  return out;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::size_t n = std::max<std::size_t>(1, utf8_character(text));
    width += cells(code_point(text.substr(0, n)));
    text.remove_prefix(n);
  }
  return width;
}

std::string Table::text() const {
  std::vector<std::vector<std::string>> all{headings_};
  for (const auto& r : rows_) {
    all.emplace_back();
    for (const auto& cell : r) all.back().push_back(shorten(cell));
  }
  std::vector<std::size_t> widths(headings_.size());
  std::vector<bool> numeric(headings_.size()), other(headings_.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t c = 0; c < widths.size() && c < all[i].size(); ++c) {
      widths[c] = std::max(widths[c], display_width(all[i][c]));
      if (i > 0 && !all[i][c].empty() && all[i][c] != "-") (is_number(all[i][c]) ? numeric : other)[c] = true;
    }
  std::string out;
  for (const auto& r : all) {
    std::string line;
    for (std::size_t c = 0; c < widths.size(); ++c) {
      const std::string_view cell = c < r.size() ? std::string_view(r[c]) : "";
      const std::string pad(widths[c] - std::min(widths[c], display_width(cell)), ' ');
      line += numeric[c] && !other[c] ? pad + std::string(cell) : std::string(cell) + pad;
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace karez::cli
