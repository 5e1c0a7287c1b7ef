// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "ledger/ledger.h"
#include "ledger/store/reader.h"
#include "ledger/store/recovery.h"
#include "ledger/store/writer.h"

namespace karez::ledger::store {

/// The thread that writes and signs, and the state that readers see. Thread: any for public calls.
class Scribe {
 public:
  /// Entries that belong together; waits in the queue until they are safe or refused.
  struct Batch {
    std::vector<Item> items;
    std::size_t bytes = 0;
    bool done = false;
    Result<> result;
    std::uint64_t first = 0;
  };
  /// What is on the disk in log, index and tree.
  struct View {
    std::uint64_t size = 0;
    Hash root{};
    Firsts firsts;
  };

  Scribe(LedgerOptions options, State state, std::optional<Writer> writer, Clock& clock, Log& log);
  ~Scribe();  ///< writes what waits, then signs
  Scribe(const Scribe&) = delete;
  Scribe& operator=(const Scribe&) = delete;

  Result<> enqueue(std::shared_ptr<Batch> batch);
  void wait(const Batch& batch);
  Result<> sign();
  View view() const;
  SignedHead head() const;
  const PublicKey& key() const noexcept { return key_; }
  const std::optional<Damage>& damage() const noexcept { return damage_; }
  void dropped() noexcept { ++dropped_; }
  std::uint64_t all_dropped() const noexcept { return dropped_; }

 private:
  using Lock = std::unique_lock<std::mutex>;
  void run();
  void write_some(Lock& lock);
  void write_head(Lock& lock);
  Result<> write_group(std::span<const std::shared_ptr<Batch>> group);
  Result<> make_head();
  void publish(Lock& lock);
  void confess(std::vector<Item>& items);
  bool awaits_head() const;
  bool head_is_due(const Lock& lock) const;

  const LedgerOptions options_;
  Clock& clock_;
  Log& log_;
  const PublicKey key_;
  const std::optional<Signer> signer_;
  const std::optional<Damage> damage_;

  mutable std::mutex mutex_;
  std::condition_variable work_, change_;
  std::deque<std::shared_ptr<Batch>> queue_;
  std::size_t queued_bytes_ = 0;
  bool stopping_ = false;
  std::uint64_t wanted_ = 0;   ///< calls of sign()
  std::uint64_t answered_ = 0;
  Result<> signed_;  ///< how the last try went
  std::chrono::steady_clock::time_point head_due_{};
  View view_;
  SignedHead head_;
  std::atomic<std::uint64_t> dropped_{0};

  // The thread's own.
  std::optional<Writer> writer_;
  std::vector<std::uint64_t> firsts_;
  std::uint64_t confessed_ = 0;
  bool failing_ = false;  ///< said in the log already
  std::thread thread_;
};

}  // namespace karez::ledger::store
