// SPDX-License-Identifier: Apache-2.0
#include "ledger/store/listing.h"

#include <algorithm>

namespace karez::ledger::store {
namespace {

constexpr std::uint64_t kMaxRecords = 1'000'000, kStep = 4096;
constexpr std::size_t kMaxRead = 20'000;

/// What the index alone can rule out.
class Sieve {
 public:
  explicit Sieve(const Filter& f) : filter_(f) {
    if (f.actor_kind && !f.actor.empty()) actor_ = actor_sum(*f.actor_kind, f.actor);
    if (!f.action.empty() && !f.action.ends_with('.')) action_ = action_sum(f.action);
    if (!f.object_kind.empty() && !f.object_id.empty()) object_ = object_sum(f.object_kind, f.object_id);
  }
  bool may_match(const Record& r) const {
    return (!filter_.tenant || filter_.tenant->value == r.tenant) && r.time >= to_ns(filter_.from) &&
           (r.time < to_ns(filter_.to) || filter_.to == kMaxTime) && (!actor_ || *actor_ == r.actor) &&
           (!action_ || *action_ == r.action) && (!object_ || *object_ == r.object);
  }

 private:
  const Filter& filter_;
  std::optional<std::uint32_t> actor_, action_, object_;
};

}  // namespace

Result<Page> list(Reader& reader, const Filter& filter, std::uint64_t before, std::size_t limit) {
  if (limit == 0 || limit > kMaxPage)
    return fail(Errc::invalid_argument, "ledger.bad_limit", "A page has 1 to 1000 entries.");
  const Sieve sieve(filter);
  Page page;
  std::uint64_t looked = 0;
  std::size_t read = 0;
  while (before > 0 && looked < kMaxRecords) {
    const std::uint64_t count = std::min(before, looked == 0 ? std::min<std::uint64_t>(limit, kStep) : kStep);
    KZ_TRY(const auto records, reader.records(before - count, static_cast<std::size_t>(count)));
    looked += count;
    for (std::uint64_t i = count; i-- > 0;) {
      const Record& record = records[static_cast<std::size_t>(i)];
      --before;
      if (!sieve.may_match(record)) continue;
      KZ_TRY(Entry entry, reader.entry(before, record));
      if (filter.matches(entry)) page.items.push_back(std::move(entry));
      if (page.items.size() == limit || ++read == kMaxRead) {
        page.next_before = before;
        return page;
      }
    }
  }
  page.next_before = before;
  return page;
}

}  // namespace karez::ledger::store
