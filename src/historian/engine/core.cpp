// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/core.h"

namespace karez::historian {

Core::Core(EngineOptions options, Clock& clock, Log& log)
    : options_(std::move(options)),
      clock_(clock),
      log_(log),
      data_(options_.dir / "data"),
      readers_(std::make_shared<ReaderCache>(options_.open_segments)) {}

Result<> Core::open() {
  if (options_.lanes < 1 || options_.lanes > 64)
    return fail(Errc::invalid_argument, "store.bad_options", "The number of lanes is 1 to 64.");
  if (options_.merge_layers < 2)
    return fail(Errc::invalid_argument, "store.bad_options", "Two segments or more are merged.");
  KZ_CHECK(make_directories(data_));
  KZ_TRY(lock_, LockFile::take(options_.dir / "lock"));
  for (unsigned i = 0; i < options_.lanes; ++i) shards_.push_back(std::make_unique<Shard>());
  KZ_CHECK(recover());
  last_saved_ = clock_.monotonic();
  if (!options_.background) return {};
  flush_thread_ = std::jthread([this](const std::stop_token& stop) { flush_loop(stop); });
  merge_thread_ = std::jthread([this](const std::stop_token& stop) { merge_loop(stop); });
  return {};
}

Core::~Core() {
  closing_ = true;
  flush_thread_ = {};
  merge_thread_ = {};
  if (!wal_) return;
  const std::lock_guard lock(maintenance_);
  if (options_.flush_on_close && !wal_->poisoned())
    if (auto done = flush_locked(); !done)
      log_.warning("historian", "Memory stays in the log until the next start: {}", done.error().message());
  save_last_values_locked();
  wal_.reset();
}

}  // namespace karez::historian
