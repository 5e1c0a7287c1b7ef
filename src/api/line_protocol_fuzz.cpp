// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string_view>

#include "api/line_protocol.h"

using namespace karez;
using namespace karez::api;

// Whatever comes in: every view lies in the body, numbers of lines never go back, the walk ends.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  LineReader reader(body, 1'000'000);
  Line line;
  LineFault fault;
  std::string text;
  std::size_t last = 0;
  const auto inside = [&](std::string_view v) {
    KZ_ASSERT(v.empty() || (v.data() >= body.data() && v.data() + v.size() <= body.data() + body.size()));
  };
  for (auto step = reader.next(line, fault); step != LineReader::Step::end; step = reader.next(line, fault)) {
    const std::size_t number = step == LineReader::Step::line ? line.number : fault.line;
    KZ_ASSERT(number > last);
    last = number;
    if (step == LineReader::Step::fault) continue;
    inside(line.series);
    KZ_ASSERT(line.measurement > 0 && line.measurement <= line.series.size() && !line.fields.empty());
    if (line.measurement < line.series.size()) (void)sorted_tags(line.series.substr(line.measurement + 1));
    (void)unescape_name(line.series.substr(0, line.measurement));
    for (const LineField& f : line.fields) {
      inside(f.key);
      inside(f.text);
      (void)unescape_name(f.key);
      unescape_text(f.text, text);
    }
  }
  return 0;
}
