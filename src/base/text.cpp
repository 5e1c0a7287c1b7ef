// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <algorithm>
#include <optional>

#include "base/format.h"
#include "base/json.h"

namespace karez {

std::size_t utf8_character(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned char low = 0x80, unsigned char high = 0xbf) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned char b = byte(0);
  if (b < 0x80) return 1;
  if (b >= 0xc2 && b <= 0xdf) return follows(1) ? 2 : 0;
  if (b >= 0xe0 && b <= 0xef) {
    const unsigned char low = b == 0xe0 ? 0xa0 : 0x80;
    const unsigned char high = b == 0xed ? 0x9f : 0xbf;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (b >= 0xf0 && b <= 0xf4) {
    const unsigned char low = b == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = b == 0xf4 ? 0x8f : 0xbf;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t n = utf8_character(text);
    if (n == 0) return false;
    text.remove_prefix(n);
  }
  return true;
}

namespace {

/// C0, DEL, C1, and the marks that turn the direction of writing, with which one name can pose as another.
bool is_control(std::string_view character) noexcept {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7f;
  if (character.size() == 2) return first == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0;
  return (character >= "\u202a" && character <= "\u202e") || (character >= "\u2066" && character <= "\u2069");
}

}  // namespace

std::size_t utf8_length(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool is_printable_name(std::string_view text, std::size_t max_bytes) noexcept {
  if (text.empty() || text.size() > max_bytes || trim(text).size() != text.size()) return false;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t n = utf8_character(rest);
    if (n == 0 || is_control(rest.substr(0, n))) return false;
    rest.remove_prefix(n);
  }
  return true;
}

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0;;) {
    const auto end = text.find(separator, at);
    out.push_back(text.substr(at, end == std::string_view::npos ? end : end - at));
    if (end == std::string_view::npos) return out;
    at = end + 1;
  }
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t n = utf8_character(text);
    if (n == 0) {
      out += "\xef\xbf\xbd";
      text.remove_prefix(1);
      continue;
    }
    const char c = text[0];
    if (n > 1) out.append(text.substr(0, n));
    else if (c == '"' || c == '\\') out.append({'\\', c});
    else if (c == '\n') out += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20) karez::format_to(out, "\\u{:04x}", static_cast<unsigned>(c));
    else out += c;
    text.remove_prefix(n);
  }
  out += '"';
}

namespace {

/// Walks JSON with comments by hand, since the parser keeps no positions.
class PointerFinder {
 public:
  explicit PointerFinder(std::string_view text) : text_(text) {}

  std::optional<std::size_t> find(std::string_view pointer) {
    blank();
    if (pointer.empty()) return at_;
    if (pointer[0] != '/') return std::nullopt;
    pointer.remove_prefix(1);
    const auto slash = pointer.find('/');
    const std::string_view step = pointer.substr(0, slash);
    const std::string_view rest = slash == std::string_view::npos ? "" : pointer.substr(slash);
    if (!enter(step)) return std::nullopt;
    return find(rest);
  }

 private:
  char now() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void blank() {
    while (at_ < text_.size()) {
      if (std::string_view(" \t\r\n,:").contains(now())) {
        ++at_;
      } else if (text_.substr(at_, 2) == "//") {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_.substr(at_, 2) == "/*") {
        const auto end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  std::string_view string_token() {
    const std::size_t first = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    at_ = std::min(at_, text_.size());
    const std::string_view out = text_.substr(first, at_ - first);
    if (at_ < text_.size()) ++at_;
    return out;
  }

  void skip_value() {
    int depth = 0;
    do {
      blank();
      const char c = now();
      if (at_ >= text_.size()) return;
      if (c == '"') {
        (void)string_token();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++at_;
      } else if (c == '}' || c == ']') {
        --depth;
        ++at_;
      } else {
        while (at_ < text_.size() && !std::string_view(" \t\r\n,:{}[]\"/").contains(now())) ++at_;
        if (now() == '/' && text_.substr(at_, 2) != "//" && text_.substr(at_, 2) != "/*") ++at_;
      }
    } while (depth > 0);
  }

  bool enter(std::string_view step) {
    const char open = now();
    if (open != '{' && open != '[') return false;
    ++at_;
    for (std::size_t index = 0;; ++index) {
      blank();
      if (at_ >= text_.size() || now() == '}' || now() == ']') return false;
      if (open == '{') {
        if (now() != '"') return false;
        const std::string_view name = string_token();
        blank();
        if (name == step) return true;
      } else if (std::to_string(index) == step) {
        return true;
      }
      skip_value();
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<std::size_t> offset_of_pointer(std::string_view text, std::string_view json_pointer) {
  return PointerFinder(text).find(json_pointer);
}

}  // namespace karez
