// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string_view>

#include "api/auth.h"
#include "api/body.h"
#include "api/form_schema.h"
#include "api/gzip.h"
#include "api/live_client.h"
#include "api/router.h"

using namespace karez;
using namespace karez::api;

namespace {
constexpr std::string_view kForm = R"({"type":"object","required":["host"],"properties":{"host":{"type":"string",
  "pattern":"^[a-z0-9.-]+$"},"port":{"type":"integer","minimum":1,"maximum":65535},"p":{"type":"string","format":"password"},
  "list":{"type":"array","maxItems":5,"items":{"type":"number","multipleOf":0.5}}}})";
}  // namespace

// Everything a request is read with, on the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const Router router(all_routes());
  static const JsonDocument form = JsonDocument::parse(kForm).value();
  (void)router.find(Method::get, text);
  (void)parse_lang(text);
  (void)parse_live_message(text);
  (void)gunzip(text, 1u << 16);
  const Query query(text);
  (void)query.list("a", 10);
  (void)query.time("from");
  Request request;
  request.header = [text](std::string_view) { return text; };
  (void)if_match(request);
  (void)check_origin(request);
  if (const auto json = JsonDocument::parse(text, {.max_bytes = 1u << 16, .max_depth = 32})) {
    Faults faults;
    check_form(form.root(), json->root(), "", faults);
    ObjectReader body(json->root(), "", faults);
    std::string name;
    body.name("name", name, ObjectReader::kRequired);
    body.finish();
    const std::string merged = merge_patch(form.root(), json->root());
    KZ_ASSERT(JsonDocument::parse(without_secrets(form.root(), json->root(), nullptr)).has_value());
    KZ_ASSERT(JsonDocument::parse(merged).has_value());
    (void)problem_json(faults.problem(), "fuzz", Lang::zh);
  }
  return 0;
}
