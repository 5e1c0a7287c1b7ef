// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string_view>

#include "api/csv.h"
#include "base/error.h"

using namespace karez::api;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  CsvReader csv({reinterpret_cast<const char*>(data), size});
  std::vector<std::string> cells;
  std::size_t last = 0;
  std::string out;
  while (csv.next(cells)) {
    KZ_ASSERT(csv.line() > last && cells.size() <= CsvReader::kMaxColumns);
    last = csv.line();
    for (const std::string& cell : cells) append_csv(out, cell);
    out.clear();
  }
  return 0;
}
