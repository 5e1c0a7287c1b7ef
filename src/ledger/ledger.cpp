// SPDX-License-Identifier: Apache-2.0
#include "ledger/ledger.h"

#include <sys/file.h>

#include <cerrno>

#include "base/format.h"
#include "ledger/store/listing.h"
#include "ledger/store/scribe.h"

namespace karez::ledger {
namespace {

constexpr std::size_t kMaxBatch = 1000, kMaxBatchBytes = 1u << 20;

Result<File> lock_folder(const store::Layout& layout) {
  KZ_TRY(File file, File::open(layout.lock(), File::Mode::append));
  if (::flock(file.fd(), LOCK_EX | LOCK_NB) != 0)
    return fail(Error(Errc::conflict, "ledger.locked")
                    .with(karez::format("Another process has the ledger in {} open.", layout.dir.string()))
                    .cure("Stop it first."));
  return file;
}

std::unexpected<Error> no_such(std::uint64_t seq) {
  return fail(Errc::not_found, "ledger.no_such_entry", karez::format("There is no entry {}.", seq));
}

std::unexpected<Error> wrong_proof() {
  return fail(Errc::corrupt, "ledger.tree_damaged", "The stored hashes do not lead to the root; run the check.");
}

}  // namespace

struct Ledger::Impl {
  File lock;
  LedgerOptions options;
  Clock& clock;
  std::unique_ptr<store::Scribe> scribe;

  store::Reader reader(const store::Scribe::View& view) const { return {{options.dir}, view.firsts, view.size}; }
  /// Shows that what `reader` says of the first `size` entries is the beginning of the tree in memory.
  Result<> check_root(store::Reader& reader, const store::Scribe::View& view, std::uint64_t size, const Hash& root) {
    if (size == view.size) return root == view.root ? Result<>() : wrong_proof();
    if (size == 0) return {};
    KZ_TRY(const auto path, consistency_path(reader, size, view.size));
    if (!verify_consistency(size, view.size, root, view.root, path)) return wrong_proof();
    return {};
  }
  Result<std::shared_ptr<store::Scribe::Batch>> batch_of(std::span<const Entry> entries) const;
};

Result<std::shared_ptr<store::Scribe::Batch>> Ledger::Impl::batch_of(std::span<const Entry> entries) const {
  auto batch = std::make_shared<store::Scribe::Batch>();
  for (const Entry& given : entries) {
    KZ_CHECK(check(given));
    Entry e = given;
    KZ_TRY(e.details, canonical_details(given.details));
    if (e.time == Timestamp{}) e.time = clock.now();
    store::Item item{encode(e), store::record_of(e, {}, 0)};
    batch->bytes += item.bytes.size() + store::kFrameHead;
    batch->items.push_back(std::move(item));
  }
  if (entries.size() > kMaxBatch || batch->bytes > kMaxBatchBytes)
    return fail(Errc::invalid_argument, "ledger.batch_too_large",
                "At most 1,000 entries and 1 MiB are appended at once.");
  return batch;
}

Result<std::unique_ptr<Ledger>> Ledger::open(LedgerOptions options, Clock& clock, Log& log) {
  if (options.log_bytes < (4u << 10) || options.log_bytes > (32u << 20) || options.head_delay < Duration::zero())
    return fail(Errc::invalid_argument, "ledger.bad_options",
                "A log file has 4 KiB to 32 MiB, and a head no negative delay.");
  if (!options.origin.empty() && !is_origin(options.origin))
    return fail(Errc::invalid_argument, "ledger.bad_key",
                "The origin has 1 to 100 visible ASCII characters without '+'.");
  KZ_CHECK(make_directories(options.dir));
  const store::Layout layout{options.dir};
  KZ_TRY(File lock, lock_folder(layout));
  KZ_TRY(store::State state, store::recover(layout, options.origin, log));
  std::optional<store::Writer> writer;
  if (state.damage) {
    log.error("ledger", "The ledger in {} is damaged and only read: {}", options.dir.string(), state.damage->message());
  } else {
    KZ_TRY(writer, store::Writer::open(layout, state.firsts.back(), state.log_end, state.frontier));
  }
  auto impl = std::make_unique<Impl>(Impl{std::move(lock), options, clock, nullptr});
  impl->scribe = std::make_unique<store::Scribe>(std::move(options), std::move(state), std::move(writer), clock, log);
  return std::unique_ptr<Ledger>(new Ledger(std::move(impl)));
}

Ledger::Ledger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Ledger::~Ledger() = default;

Result<Appended> Ledger::append(std::span<const Entry> entries) {
  if (entries.empty()) return Appended{.first = size(), .count = 0};
  KZ_TRY(auto batch, impl_->batch_of(entries));
  KZ_CHECK(impl_->scribe->enqueue(batch));
  impl_->scribe->wait(*batch);
  if (!batch->result) return fail(Error(batch->result.error()));
  return Appended{.first = batch->first, .count = entries.size()};
}

Result<std::uint64_t> Ledger::record(Entry entry) {
  const Entry tidied = tidy(std::move(entry));
  KZ_TRY(const Appended done, append({&tidied, 1}));
  return done.first;
}

bool Ledger::post(Entry entry) noexcept {
  const Entry tidied = tidy(std::move(entry));
  auto batch = impl_->batch_of({&tidied, 1});
  if (batch && impl_->scribe->enqueue(std::move(*batch))) return true;
  impl_->scribe->dropped();
  return false;
}

Result<> Ledger::sign_head() { return impl_->scribe->sign(); }
std::uint64_t Ledger::size() const { return impl_->scribe->view().size; }
SignedHead Ledger::head() const { return impl_->scribe->head(); }
const PublicKey& Ledger::key() const noexcept { return impl_->scribe->key(); }
std::optional<Damage> Ledger::damage() const { return impl_->scribe->damage(); }
std::uint64_t Ledger::dropped() const noexcept { return impl_->scribe->all_dropped(); }

Result<Entry> Ledger::entry(std::uint64_t seq) const {
  const auto view = impl_->scribe->view();
  if (seq >= view.size) return no_such(seq);
  return impl_->reader(view).entry(seq);
}

Result<Page> Ledger::page(const Filter& filter, std::uint64_t before, std::size_t limit) const {
  const auto view = impl_->scribe->view();
  auto reader = impl_->reader(view);
  return store::list(reader, filter, before == 0 ? view.size : std::min(before, view.size), limit);
}

Result<InclusionProof> Ledger::inclusion_proof(std::uint64_t seq, std::uint64_t size) const {
  const std::uint64_t head_size = head().head.size;
  const auto view = impl_->scribe->view();
  InclusionProof out{.seq = seq, .size = size == 0 ? std::min(head_size, view.size) : size};
  if (out.size > view.size) return no_such(out.size - 1);
  if (seq >= out.size) return no_such(seq);
  auto reader = impl_->reader(view);
  KZ_TRY(out.leaf, reader.subtree(0, seq));
  KZ_TRY(out.root, range_root(reader, 0, out.size));
  KZ_TRY(out.path, inclusion_path(reader, seq, out.size));
  if (!verify_inclusion(out.leaf, seq, out.size, out.path, out.root)) return wrong_proof();
  KZ_CHECK(impl_->check_root(reader, view, out.size, out.root));
  return out;
}

Result<ConsistencyProof> Ledger::consistency_proof(std::uint64_t from, std::uint64_t to) const {
  const std::uint64_t head_size = head().head.size;
  const auto view = impl_->scribe->view();
  ConsistencyProof out{.from = from, .to = to == 0 ? std::min(head_size, view.size) : to};
  if (out.to > view.size) return no_such(out.to - 1);
  if (from == 0 || from > out.to)
    return fail(Errc::invalid_argument, "ledger.no_such_entry",
                "A proof goes from a smaller size, of at least 1, to a larger one.");
  auto reader = impl_->reader(view);
  KZ_TRY(out.from_root, range_root(reader, 0, from));
  KZ_TRY(out.to_root, range_root(reader, 0, out.to));
  KZ_TRY(out.path, consistency_path(reader, from, out.to));
  if (!verify_consistency(from, out.to, out.from_root, out.to_root, out.path)) return wrong_proof();
  KZ_CHECK(impl_->check_root(reader, view, out.to, out.to_root));
  return out;
}

}  // namespace karez::ledger
