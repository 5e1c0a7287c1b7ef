// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/head_rows.h"

#include <algorithm>

namespace karez::historian {
namespace {

struct Ordered {
  const Row* row;
  std::uint64_t lsn;
};

void put_row(const Row& row, Columns& out) {
  if (row.type == model::ValueType::text)
    out.push_text(row.time, reinterpret_cast<const HeadText*>(row.bits)->view(), row.quality.code, row.flags);
  else out.push(row.time, row.bits, row.quality.code, static_cast<std::uint8_t>(row.type), row.flags);
}

/// The usual case: nothing late, nothing deleted, one buffer.
void copy_ordered(const HeadBuffer::Runs& runs, std::int64_t low, std::int64_t high, Columns& out) {
  for (const auto& piece : runs.pieces) {
    if (piece.empty() || piece.back().time < low || piece.front().time > high) continue;
    for (const Row& row : piece)
      if (row.time >= low && row.time <= high) put_row(row, out);
  }
}

}  // namespace

void collect_rows(const std::vector<PinnedRuns>& pinned, std::int64_t low, std::int64_t high,
                  const std::vector<Erasure>& erasures, Columns& out) {
  if (pinned.size() == 1 && pinned.front().runs.ordered && erasures.empty())
    return copy_ordered(pinned.front().runs, low, high, out);
  std::vector<Ordered> rows;
  for (const PinnedRuns& p : pinned)
    for (const auto& piece : p.runs.pieces)
      for (const Row& row : piece)
        if (row.time >= low && row.time <= high) rows.push_back({&row, p.buffer->base() + row.order});
  // stable: within one block the later sample comes last
  std::ranges::stable_sort(rows, [](const Ordered& a, const Ordered& b) {
    return a.row->time != b.row->time ? a.row->time < b.row->time : a.lsn < b.lsn;
  });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i + 1 < rows.size() && rows[i + 1].row->time == rows[i].row->time) continue;
    if (!erased(erasures, rows[i].row->time, rows[i].lsn)) put_row(*rows[i].row, out);
  }
}

}  // namespace karez::historian
