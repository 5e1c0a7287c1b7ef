// SPDX-License-Identifier: Apache-2.0
#include "api/csv.h"

#include <algorithm>
#include <charconv>

namespace karez::api {

CsvReader::CsvReader(std::string_view text) : text_(text) {
  if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  const std::string_view first = text_.substr(0, text_.find('\n'));
  if (!first.contains(',')) separator_ = first.contains(';') ? ';' : first.contains('\t') ? '\t' : ',';
}

/// Reads one cell; false when it was the last of its line.
bool CsvReader::cell(std::string& out) {
  out.clear();
  if (at_ < text_.size() && text_[at_] == '"') {
    ++at_;
    for (;;) {
      if (at_ == text_.size()) {
        bad_ = "A closing quote is missing.";
        return false;
      }
      const char c = text_[at_++];
      if (c == '"') {
        if (at_ == text_.size() || text_[at_] != '"') break;
        ++at_;
      }
      if (c == '\n') ++next_line_;
      out.push_back(c);
      if (out.size() > kMaxCell) {
        bad_ = "A cell has more than 65536 bytes.";
        return false;
      }
    }
    if (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' && text_[at_] != '\r') {
      bad_ = "Text follows a closing quote.";
      return false;
    }
  } else {
    const std::size_t end = std::min({text_.find(separator_, at_), text_.find('\n', at_), text_.size()});
    std::string_view raw = text_.substr(at_, end - at_);
    if (raw.size() > kMaxCell) {
      bad_ = "A cell has more than 65536 bytes.";
      return false;
    }
    at_ = end;
    if (raw.ends_with('\r') && (end == text_.size() || text_[end] == '\n')) raw.remove_suffix(1);
    out = raw;
  }
  if (at_ < text_.size() && text_[at_] == separator_) {
    ++at_;
    return true;
  }
  if (at_ < text_.size() && text_[at_] == '\r') ++at_;
  if (at_ < text_.size() && text_[at_] == '\n') {
    ++at_;
    ++next_line_;
  }
  return false;
}

bool CsvReader::next(std::vector<std::string>& cells) {
  while (bad_.empty() && at_ < text_.size()) {
    line_ = next_line_;
    cells.clear();
    bool more = true;
    while (more && bad_.empty()) {
      if (cells.size() == kMaxColumns) {
        bad_ = "More than 200 columns.";
        return false;
      }
      more = cell(cells.emplace_back());
    }
    if (!bad_.empty()) return false;
    if (!std::ranges::all_of(cells, &std::string::empty)) return true;
  }
  return false;
}

void append_csv(std::string& out, std::string_view cell) {
  bool formula = false;
  if (!cell.empty() && std::string_view("=+-@\t\r").contains(cell.front())) {
    double n = 0;
    const auto [end, ec] = std::from_chars(cell.data(), cell.data() + cell.size(), n);
    formula = ec != std::errc{} || end != cell.data() + cell.size();
  }
  if (!formula && cell.find_first_of(",;\t\"\r\n") == std::string_view::npos) {
    out += cell;
    return;
  }
  out += '"';
  if (formula) out += '\'';
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace karez::api
