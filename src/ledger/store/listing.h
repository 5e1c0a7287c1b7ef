// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ledger/filter.h"
#include "ledger/store/reader.h"

namespace karez::ledger::store {

/// At most `limit` (1..kMaxPage) of the entries below `before`. Looks at no more than 1,000,000 index
/// records and 20,000 entries, so a page may be short or empty and yet not the last.
Result<Page> list(Reader& reader, const Filter& filter, std::uint64_t before, std::size_t limit);

}  // namespace karez::ledger::store
