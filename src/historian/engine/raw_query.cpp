// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/queries.h"

namespace karez::historian {
namespace {

constexpr std::size_t kMaxRows = 1'000'000;

}  // namespace

Point to_point(const Columns& rows, std::size_t i, std::vector<std::string>& texts) {
  Point p{.time = from_ns(rows.time[i]),
          .type = rows.type_of(i),
          .bits = rows.bits[i],
          .quality = {rows.quality[i]},
          .flags = rows.flags[i]};
  if (p.type == model::ValueType::text) {
    texts.push_back(rows.texts[p.bits]);
    p.bits = texts.size() - 1;
  }
  return p;
}

Result<RawPage> query_raw(const Core& core, const RawQuery& query) {
  if (query.limit < 1 || query.limit > kMaxRows)
    return fail(Errc::invalid_argument, "store.bad_query", "A page has 1 to 1,000,000 rows.");
  const std::int64_t from = to_ns(query.range.from), to = to_ns(query.range.to);
  Scan scan(core.view(query.point.value, from, to), query.point.value, {from, to},
            query.newest_first ? Scan::Order::newest_first : Scan::Order::oldest_first);
  ScanBuffers buffers;
  Columns rows;
  RawPage page;
  for (;;) {
    KZ_TRY(const ScanGroup* group, scan.next());
    if (group == nullptr) return page;
    KZ_CHECK(scan.load(*group, buffers, rows));
    const std::size_t wanted = std::min(query.limit, page.rows.size() + rows.size());
    if (wanted > page.rows.capacity()) page.rows.reserve(std::min(query.limit, 2 * wanted));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (page.rows.size() == query.limit) {
        page.more = true;
        return page;
      }
      page.rows.push_back(to_point(rows, query.newest_first ? rows.size() - 1 - i : i, page.texts));
    }
  }
}

}  // namespace karez::historian
