// SPDX-License-Identifier: Apache-2.0
#include "ledger/store/scribe.h"

#include "base/format.h"

namespace karez::ledger::store {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// A write that is synced as one; larger groups only make those at its end wait longer.
constexpr std::size_t kGroupBytes = 1u << 20;
constexpr std::chrono::seconds kRetry{5};

}  // namespace

Scribe::Scribe(LedgerOptions options, State state, std::optional<Writer> writer, Clock& clock, Log& log)
    : options_(std::move(options)),
      clock_(clock),
      log_(log),
      key_(std::move(state.key)),
      signer_(std::move(state.signer)),
      damage_(std::move(state.damage)),
      head_(std::move(state.head)),
      writer_(std::move(writer)),
      firsts_(std::move(state.firsts)) {
  view_ = {.size = state.size,
           .root = writer_ ? writer_->frontier().root() : head_.head.root,
           .firsts = std::make_shared<const std::vector<std::uint64_t>>(firsts_)};
  head_due_ = SteadyClock::now() + options_.head_delay;
  if (writer_) thread_ = std::thread([this] { run(); });
}

Scribe::~Scribe() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_all();
  thread_.join();
}

Result<> Scribe::enqueue(std::shared_ptr<Batch> batch) {
  {
    const std::lock_guard lock(mutex_);
    if (damage_)
      return fail(Error(Errc::unavailable, "ledger.damaged")
                      .with(karez::format("The ledger is damaged and takes no entries: {}", damage_->message()))
                      .cure("Keep the folder as evidence, then restore it from a backup."));
    if (stopping_) return fail(Errc::unavailable, "ledger.stopped", "The ledger is being closed.");
    if (!queue_.empty() && queued_bytes_ + batch->bytes > options_.queue_bytes)
      return fail(Error(Errc::exhausted, "ledger.busy")
                      .with(karez::format("{} bytes of entries wait for the disk already.", queued_bytes_))
                      .cure("Try again later; examine the disk when it lasts."));
    queued_bytes_ += batch->bytes;
    queue_.push_back(std::move(batch));
  }
  work_.notify_one();
  return {};
}

void Scribe::wait(const Batch& batch) {
  Lock lock(mutex_);
  change_.wait(lock, [&] { return batch.done; });
}

Result<> Scribe::sign() {
  Lock lock(mutex_);
  if (!writer_) return fail(Errc::unavailable, "ledger.damaged", "The ledger is damaged; nothing is signed any more.");
  if (stopping_) return fail(Errc::unavailable, "ledger.stopped", "The ledger is being closed.");
  const std::uint64_t mine = ++wanted_;
  work_.notify_one();
  change_.wait(lock, [&] { return answered_ >= mine; });
  return signed_;
}

Scribe::View Scribe::view() const {
  const std::lock_guard lock(mutex_);
  return view_;
}

SignedHead Scribe::head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

bool Scribe::awaits_head() const { return writer_->frontier().size() > head_.head.size && !writer_->poisoned(); }

bool Scribe::head_is_due(const Lock&) const {
  if (wanted_ > answered_) return true;
  if (!awaits_head()) return false;
  return stopping_ ? queue_.empty() : SteadyClock::now() >= head_due_;
}

void Scribe::run() {
  Lock lock(mutex_);
  while (true) {
    if (head_is_due(lock)) write_head(lock);
    else if (!queue_.empty()) write_some(lock);
    else if (stopping_) return;
    else if (awaits_head()) work_.wait_until(lock, head_due_);
    else work_.wait(lock);
  }
}

void Scribe::write_some(Lock& lock) {
  std::vector<std::shared_ptr<Batch>> group;
  std::size_t bytes = 0;
  while (!queue_.empty() && (group.empty() || bytes + queue_.front()->bytes <= kGroupBytes)) {
    bytes += queue_.front()->bytes;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_bytes_ -= bytes;
  const bool covered = writer_->frontier().size() == head_.head.size;
  lock.unlock();
  auto done = write_group(group);
  lock.lock();
  if (!done && !failing_)
    log_.error("ledger", "Entries could not be written and are refused: {}", done.error().message());
  failing_ = !done;
  for (const auto& batch : group) {
    batch->result = done;
    batch->done = true;
  }
  if (covered) head_due_ = SteadyClock::now() + options_.head_delay;
  publish(lock);
  change_.notify_all();
}

Result<> Scribe::write_group(std::span<const std::shared_ptr<Batch>> group) {
  if (writer_->log_bytes() >= options_.log_bytes) {
    // A head first: then only the newest files can hold what no head covers.
    KZ_CHECK(make_head());
    KZ_CHECK(writer_->roll());
    firsts_.push_back(writer_->first());
  }
  std::vector<Item> items;
  std::uint64_t seq = writer_->frontier().size();
  for (const auto& batch : group) {
    batch->first = seq;
    seq += batch->items.size();
    std::ranges::move(batch->items, std::back_inserter(items));
  }
  const std::uint64_t before = dropped_;
  if (before > confessed_) confess(items);
  KZ_CHECK(writer_->append(items));
  confessed_ = before;
  return {};
}

/// An entry of its own for those that `post` dropped.
void Scribe::confess(std::vector<Item>& items) {
  Entry e;
  e.time = clock_.now();
  e.outcome = Outcome::failed;
  e.action = "audit.dropped";
  e.details = karez::format(R"({{"count":{}}})", dropped_.load() - confessed_);
  items.push_back({encode(e), record_of(e, {}, 0)});
}

void Scribe::write_head(Lock& lock) {
  const std::uint64_t wanted = wanted_;
  lock.unlock();
  auto done = make_head();
  lock.lock();
  if (!done && answered_ == wanted) log_.error("ledger", "The head could not be signed: {}", done.error().message());
  if (!done) {
    head_due_ = SteadyClock::now() + kRetry;
    // At stop there is no second try: the next start finds the entries, only without a head.
    if (stopping_) head_.head.size = writer_->frontier().size();
  }
  signed_ = std::move(done);
  answered_ = wanted;
  publish(lock);
  change_.notify_all();
}

Result<> Scribe::make_head() {
  KZ_CHECK(writer_->sync_followers());
  const Frontier& tree = writer_->frontier();
  SignedHead made = signer_->sign({.origin = key_.name, .size = tree.size(), .root = tree.root()});
  KZ_CHECK(write_file_atomic(Layout{options_.dir}.head(), as_bytes(made.note)));
  const std::lock_guard lock(mutex_);
  head_ = std::move(made);
  return {};
}

void Scribe::publish(Lock&) {
  if (!writer_->settled() || view_.size == writer_->frontier().size()) return;
  view_.size = writer_->frontier().size();
  view_.root = writer_->frontier().root();
  if (view_.firsts->size() != firsts_.size())
    view_.firsts = std::make_shared<const std::vector<std::uint64_t>>(firsts_);
}

}  // namespace karez::ledger::store
