// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "base/file.h"
#include "base/log.h"
#include "ledger/audit_sink.h"
#include "ledger/damage.h"
#include "ledger/filter.h"
#include "ledger/head.h"

/// The audit and evidence log: entries that are only ever added, a Merkle tree over them (RFC 6962 and
/// 9162), and signed heads of the tree. Formats: docs/formats/ledger.md.
namespace karez::ledger {

struct LedgerOptions {
  Path dir;            ///< one ledger, one process; created when missing
  std::string origin;  ///< name of a new ledger and of its key; empty: "karez/" and 16 random digits
  /// The longest that an acknowledged entry waits for a signed head; 0: a head after every write.
  Duration head_delay = std::chrono::seconds(1);
  std::size_t log_bytes = 16u << 20;  ///< 4 KiB to 32 MiB: a new log file is begun above this
  std::size_t queue_bytes = 8u << 20;  ///< of entries waiting; above it `append` answers ledger.busy
};

/// A run of sequence numbers.
struct Appended {
  std::uint64_t first = 0, count = 0;
};

/// Audit path with what it is about. `root` is that of the first `size` entries.
struct InclusionProof {
  std::uint64_t seq = 0, size = 0;
  Hash leaf{}, root{};
  std::vector<Hash> path;
};
struct ConsistencyProof {
  std::uint64_t from = 0, to = 0;
  Hash from_root{}, to_root{};
  std::vector<Hash> path;
};

/// An open ledger. Memory: the queue, the right edge of the tree and 8 bytes a log file.
/// Threads: any for all calls; they may wait for the disk, so not from lanes or io loops. One thread of
/// its own writes: entries that wait together are synced together. Nothing can be cancelled: `append`
/// returns when the entries are durable or refused, so it takes as long as the disk's sync.
/// Damage found at opening leaves the ledger open for reading; every write is then refused.
class Ledger final : public AuditSink {
 public:
  /// Errors: ledger.locked (another process has it), ledger.bad_options, ledger.bad_key (origin), file.*.
  static Result<std::unique_ptr<Ledger>> open(LedgerOptions options, Clock& clock, Log& log);
  ~Ledger() override;  ///< writes what waits, then signs
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  /// Appends all or none, in order, without others between; at most 1,000 entries and 1 MiB. Durable
  /// when it returns. Sequence numbers in the entries are ignored.
  /// Errors: ledger.bad_entry, bad_details, details_too_large, batch_too_large; ledger.busy; ledger.stopped;
  /// ledger.damaged (names the damage); ledger.poisoned (after a failed sync); file.full, file.io.
  Result<Appended> append(std::span<const Entry> entries);
  Result<std::uint64_t> record(Entry entry) override;
  bool post(Entry entry) noexcept override;
  /// Returns when a signed head covers all that was acknowledged before the call.
  Result<> sign_head();

  std::uint64_t size() const;
  SignedHead head() const;  ///< the newest signed one; may lag behind size()
  const PublicKey& key() const noexcept;
  std::optional<Damage> damage() const;
  /// Entries that `post` dropped since opening.
  std::uint64_t dropped() const noexcept;

  /// Errors: ledger.no_such_entry; ledger.entry_damaged, index_damaged; file.*.
  Result<Entry> entry(std::uint64_t seq) const;
  /// Entries with a sequence number below `before` (0: from the newest). Looks at no more than 1,000,000
  /// index records and 20,000 entries, so a page may be short or empty and yet not the last.
  Result<Page> page(const Filter& filter, std::uint64_t before, std::size_t limit) const;
  /// `size` 0: that of the newest signed head. Checked before it is given out, up to the root in memory.
  /// Errors: ledger.no_such_entry; ledger.tree_damaged and those of `entry`.
  Result<InclusionProof> inclusion_proof(std::uint64_t seq, std::uint64_t size = 0) const;
  /// 0 < from <= to <= size(); `to` 0: as above.
  Result<ConsistencyProof> consistency_proof(std::uint64_t from, std::uint64_t to = 0) const;

 private:
  struct Impl;
  explicit Ledger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace karez::ledger
