// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/file.h"
#include "base/log.h"
#include "historian/engine.h"
#include "historian/engine/wal_frame.h"

namespace karez::historian {

/// One file of the log that holds the frames `first` to `last`; none when `last` is below.
struct WalFile {
  Path path;
  std::uint64_t first = 0, last = 0, bytes = 0;
};

constexpr std::size_t kWalHeaderBytes = 32;
std::string wal_name(std::uint64_t first_lsn);
std::vector<std::byte> wal_header(std::uint64_t first_lsn);
/// First LSN of the file, or nothing when the header is damaged.
std::optional<std::uint64_t> parse_wal_header(ByteView bytes);
/// The frame that ends a finished file; `lsn` is that of the last frame before it.
std::vector<std::byte> wal_seal(std::uint64_t lsn);

/// Write-ahead log with group commit: callers copy frames into a bounded buffer, one thread writes and
/// syncs what has gathered, then moves the durable watermark. The first failed write or sync poisons
/// the log for good: what the kernel dropped cannot be written again.
/// From the first start on the folder always holds a file, and the oldest one's name tells how far back the
/// log reaches: so a start can tell a log that was released from one that was lost.
/// Thread: any.
class Wal {
 public:
  struct Options {
    Path dir;
    SyncMode sync = SyncMode::sync;
    Duration interval{};
    std::size_t file_bytes = 64u << 20, buffer_bytes = 4u << 20;
  };
  /// `old` are the files replayed at start, `next_lsn` the first number to give.
  Wal(Options options, std::vector<WalFile> old, std::uint64_t next_lsn, Log& log);
  /// Commits what is left and seals the file.
  ~Wal();

  /// False when the first file could not be made; that is then tried again with the first commit.
  bool start(WatermarkListener listener);
  /// Copies the frame and gives it its LSN. Errors: store.busy, store.poisoned.
  Result<std::uint64_t> append(FrameKind kind, unsigned lane, ByteView payload, std::uint32_t payload_crc);
  void set_listener(WatermarkListener listener);
  Result<> wait(std::uint64_t lsn, Duration timeout);

  std::uint64_t last_lsn() const;
  std::uint64_t durable() const;
  bool poisoned() const;
  std::uint64_t syncs() const { return syncs_.load(std::memory_order_relaxed); }
  /// Bytes of all files, without what is only reserved.
  std::uint64_t bytes() const;
  /// Closes the current file, so that it can be released; waits until that is done.
  void roll();
  /// Deletes files that hold nothing above `lsn`, but never the last one of the folder.
  void release(std::uint64_t lsn);

 private:
  void run(const std::stop_token& stop);
  Result<> commit(std::uint64_t first, std::uint64_t last);
  Result<> roll_file();
  Result<> open_file(std::uint64_t first);
  bool has_frames() const { return file_.is_open() && current_.last >= current_.first; }
  Result<> seal_file();
  Result<> sync_file();
  void publish(std::uint64_t lsn);
  void finish_rolls(std::uint64_t rolls);
  void poison(Error error);

  const Options options_;
  Log& log_;
  mutable std::mutex mutex_;
  std::condition_variable_any work_, progress_;
  // guarded by mutex_
  std::unique_ptr<std::byte[]> pending_;
  std::size_t pending_size_ = 0;
  std::uint64_t pending_first_ = 0, next_lsn_, durable_;
  std::uint64_t rolls_wanted_ = 0, rolls_done_ = 0;
  std::optional<Error> poison_;
  std::deque<WalFile> sealed_;
  std::uint64_t sealed_bytes_ = 0, current_bytes_ = 0;
  bool current_listed_ = false;  // there is a current file
  WatermarkListener listener_;
  // the commit thread's own
  std::unique_ptr<std::byte[]> writing_;
  std::size_t writing_size_ = 0;
  File file_;
  WalFile current_;
  std::chrono::steady_clock::time_point synced_{};
  bool dirty_ = false;
  std::atomic<std::uint64_t> syncs_{0};
  std::jthread thread_;
};

}  // namespace karez::historian
