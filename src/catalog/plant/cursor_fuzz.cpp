// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "catalog/plant/list.h"

// What callers send back to us: a cursor, and the text of a search. A cursor that is taken must be the
// one we would give; a pattern must be something LIKE can read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace karez::catalog;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto cursor = decode_cursor(text, 7)) {
    const auto again = decode_cursor(encode_cursor(*cursor, 7), 7);
    KZ_ASSERT(again && again->key == cursor->key && again->id == cursor->id);
  }
  const Cursor ours{std::string(text.substr(0, 200)), static_cast<std::int64_t>(size)};
  const auto back = decode_cursor(encode_cursor(ours, 7), 7);
  KZ_ASSERT(back && back->key == ours.key && back->id == ours.id);
  KZ_ASSERT(!decode_cursor(encode_cursor(ours, 7), 8));
  if (const auto patterns = like_patterns(text))
    for (const std::string& pattern : *patterns) {
      KZ_ASSERT(pattern.size() > 2 && pattern.starts_with('%') && pattern.ends_with('%') && karez::is_utf8(pattern));
      for (std::size_t i = 0; i < pattern.size(); ++i)
        if (pattern[i] == '\\') KZ_ASSERT(++i < pattern.size() && std::string_view("%_\\").contains(pattern[i]));
    }
  return 0;
}
