// SPDX-License-Identifier: Apache-2.0
#include "api/technical_terms.h"

#include <algorithm>

#include "base/text.h"

namespace karez::api {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool upper(char c) { return c >= 'A' && c <= 'Z'; }

std::string_view without_punctuation(std::string_view word) {
  constexpr std::string_view kAround = ".,;:()'\"";
  while (!word.empty() && kAround.contains(word.front())) word.remove_prefix(1);
  while (!word.empty() && kAround.contains(word.back())) word.remove_suffix(1);
  return word;
}

bool is_term(std::string_view word) {
  if (word.contains("://") || word.contains('=') || word.starts_with("0x")) return true;
  const bool has_digit = std::ranges::any_of(word, digit);
  if (has_digit && std::ranges::count(word, '.') >= 2) return true;  // 10.0.0.1
  for (std::size_t i = 1; i < word.size(); ++i) {
    if (word[i - 1] == ':' && digit(word[i])) return true;        // plc:502
    if (lower(word[i - 1]) && upper(word[i])) return true;        // BadTimeout
  }
  return false;
}

bool names_a_number(std::string_view word) { return word == "unit" || word == "exception"; }

}  // namespace

TechnicalTerms technical_terms(std::string_view text) {
  TechnicalTerms out{.text = {}, .all = !text.empty()};
  std::string_view before;
  for (std::string_view word : split(text, ' ')) {
    word = without_punctuation(word);
    if (word.empty()) continue;
    const bool number = !before.empty() && digit(word.front());
    if (number || is_term(word)) {
      if (!out.text.empty()) out.text += ", ";
      if (number) out.text.append(before).append(" ");
      out.text += word;
    } else if (!names_a_number(word)) {
      out.all = false;
    }
    before = names_a_number(word) ? word : std::string_view{};
  }
  if (!before.empty()) out.all = false;
  return out;
}

}  // namespace karez::api
