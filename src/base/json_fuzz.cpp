// SPDX-License-Identifier: Apache-2.0
#include "base/config.h"
#include "base/json.h"

namespace {

using karez::JsonDocument;
using karez::JsonValue;

/// Touches every value, so that a bad pointer inside the document shows.
std::size_t walk(JsonValue value, unsigned depth) {
  KZ_ASSERT(depth <= 64);
  std::size_t seen = 1;
  for (const JsonValue element : value.elements()) seen += walk(element, depth + 1);
  for (const auto& [name, member] : value.members()) seen += name.size() + walk(member, depth + 1);
  (void)value.boolean();
  (void)value.integer();
  (void)value.number();
  return seen + value.string().value_or("").size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto strict = JsonDocument::parse(text);
  if (strict) {
    (void)walk(strict->root(), 0);
    const std::string once = strict->root().dump();
    const auto again = JsonDocument::parse(once);
    KZ_ASSERT(again && again->root().dump() == once);
    KZ_ASSERT(JsonDocument::parse_config(text));
  }
  auto config = karez::ConfigReader::parse(std::string(text), "fuzz");
  if (config) {
    (void)config->integer("/http/port", 1, 0, 10);
    (void)config->text("/a/b/0", "");
    (void)config->finish();
  }
  (void)karez::offset_of_pointer(text, "/a/0/b");
  std::string quoted;
  karez::append_json_string(quoted, text);
  KZ_ASSERT(JsonDocument::parse(quoted));
  return 0;
}
