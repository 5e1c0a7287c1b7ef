// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <vector>

#include "ledger/entry.h"

namespace karez::ledger {

/// Where modules say who did what. Owned here, so that `security`, `apps` and `api` need not know files
/// or threads. Thread: any but lanes and io loops.
class AuditSink {
 public:
  virtual ~AuditSink() = default;
  /// Tidies the entry and returns its sequence number once it is durable. For changes: call it after the
  /// change, and answer the caller only when it returned. Errors: ledger.* (see Ledger::append).
  virtual Result<std::uint64_t> record(Entry entry) = 0;
  /// The same without waiting, for refusals, of which an attacker can make many. Never blocks. False
  /// when it was dropped because the queue is full; the number dropped becomes an entry of its own.
  virtual bool post(Entry entry) noexcept = 0;
};

/// Keeps entries in memory; for tests of other modules. Thread: any.
class MemoryAudit final : public AuditSink {
 public:
  Result<std::uint64_t> record(Entry entry) override {
    const std::lock_guard lock(mutex_);
    entries_.push_back(tidy(std::move(entry)));
    entries_.back().seq = entries_.size() - 1;
    return entries_.back().seq;
  }
  bool post(Entry entry) noexcept override { return record(std::move(entry)).has_value(); }
  std::vector<Entry> entries() const {
    const std::lock_guard lock(mutex_);
    return entries_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace karez::ledger
