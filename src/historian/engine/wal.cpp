// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/wal.h"

#include <fcntl.h>

#include <filesystem>
#include <system_error>

#include "base/format.h"
#include "base/hash.h"

namespace karez::historian {
namespace {

constexpr std::uint64_t kWalMagic = 0x31474f4c41575a4bULL;  // "KZWALOG1"
constexpr std::uint16_t kWalVersion = 1;

}  // namespace

std::string wal_name(std::uint64_t first_lsn) { return karez::format("{:016x}.wal", first_lsn); }

std::vector<std::byte> wal_header(std::uint64_t first_lsn) {
  std::vector<std::byte> out;
  ByteWriter writer(out);
  writer.u64le(kWalMagic);
  writer.u16le(kWalVersion);
  writer.u16le(0);
  writer.u64le(first_lsn);
  writer.u64le(0);
  writer.u32le(crc32c(out));
  return out;
}

std::optional<std::uint64_t> parse_wal_header(ByteView bytes) {
  if (bytes.size() < kWalHeaderBytes) return std::nullopt;
  ByteReader in(bytes);
  if (in.u64le() != kWalMagic || in.u16le() != kWalVersion) return std::nullopt;
  in.skip(2);
  const std::uint64_t first = in.u64le();
  in.skip(8);
  if (in.u32le() != crc32c(bytes.first(kWalHeaderBytes - 4))) return std::nullopt;
  return first;
}

std::vector<std::byte> wal_seal(std::uint64_t lsn) {
  std::vector<std::byte> out(kFrameHeaderBytes);
  put_frame_header({.length = 0, .lsn = lsn, .kind = FrameKind::seal, .lane = 0, .payload_crc = 0},
                   std::span<std::byte, kFrameHeaderBytes>(out));
  return out;
}

Wal::Wal(Options options, std::vector<WalFile> old, std::uint64_t next_lsn, Log& log)
    : options_(std::move(options)), log_(log), next_lsn_(next_lsn), durable_(next_lsn - 1) {
  for (WalFile& file : old) {
    sealed_bytes_ += file.bytes;
    sealed_.push_back(std::move(file));
  }
}

Wal::~Wal() {
  thread_.request_stop();
  work_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Wal::start(WatermarkListener listener) {
  set_listener(std::move(listener));
  const auto opened = open_file(next_lsn_);
  if (!opened) {
    file_ = File();
    log_.warning("historian", "The log cannot be written yet: {}", opened.error().message());
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  return opened.has_value();
}

void Wal::set_listener(WatermarkListener listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

Result<std::uint64_t> Wal::append(FrameKind kind, unsigned lane, ByteView payload, std::uint32_t payload_crc) {
  const std::size_t size = kFrameHeaderBytes + payload.size();
  std::uint64_t lsn;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (poison_) return fail(Errc::unavailable, "store.poisoned");
    if (pending_size_ + size > options_.buffer_bytes) return fail(Errc::exhausted, "store.busy");
    // not value-initialised: an idle store touches no page of it
    if (!pending_) pending_.reset(new std::byte[options_.buffer_bytes]);
    lsn = next_lsn_++;
    const std::span out(pending_.get(), options_.buffer_bytes);
    put_frame_header({.length = static_cast<std::uint32_t>(payload.size()),
                      .lsn = lsn,
                      .kind = kind,
                      .lane = static_cast<std::uint8_t>(lane),
                      .payload_crc = payload_crc},
                     out.subspan(pending_size_).first<kFrameHeaderBytes>());
    std::ranges::copy(payload, out.subspan(pending_size_ + kFrameHeaderBytes).begin());
    first = pending_size_ == 0;
    if (first) pending_first_ = lsn;
    pending_size_ += size;
  }
  if (first) work_.notify_one();
  return lsn;
}

void Wal::run(const std::stop_token& stop) {
  for (;;) {
    std::uint64_t first = 0, last = 0;
    std::uint64_t rolls = 0;
    {
      std::unique_lock lock(mutex_);
      const auto ready = [&] { return pending_size_ > 0 || rolls_wanted_ > rolls_done_; };
      if (dirty_) work_.wait_for(lock, stop, options_.interval, ready);
      else work_.wait(lock, stop, ready);
      if (poison_) return;
      std::swap(pending_, writing_);
      writing_size_ = std::exchange(pending_size_, 0);
      first = pending_first_;
      last = next_lsn_ - 1;
      rolls = rolls_wanted_;
    }
    const auto step = [&]() -> Result<> {
      if (writing_size_ > 0) KZ_CHECK(commit(first, last));
      if (dirty_ && std::chrono::steady_clock::now() - synced_ >= options_.interval) KZ_CHECK(sync_file());
      if (rolls > rolls_done_) return roll_file();
      return writing_size_ == 0 && stop.stop_requested() ? seal_file() : Result<>{};
    };
    if (auto done = step(); !done) return poison(std::move(done).error());
    if (writing_size_ > 0) publish(last);
    finish_rolls(rolls);
    if (writing_size_ == 0 && stop.stop_requested()) return;
    writing_size_ = 0;
  }
}

Result<> Wal::commit(std::uint64_t first, std::uint64_t last) {
  if (has_frames() && current_.bytes + writing_size_ > options_.file_bytes) KZ_CHECK(roll_file());
  if (!file_.is_open()) KZ_CHECK(open_file(first));
  // Reserved blocks keep the file's size from changing with each sync. Not every file system can.
  if (!has_frames()) (void)::fallocate(file_.fd(), 0, 0, static_cast<off_t>(options_.file_bytes));
  KZ_CHECK(file_.write_at(current_.bytes, ByteView(writing_.get(), writing_size_)));
  current_.bytes += writing_size_;
  current_.last = last;
  if (options_.sync == SyncMode::sync) return sync_file();
  dirty_ = options_.sync == SyncMode::interval;
  return {};
}

/// The next file is there before the finished one can be released.
Result<> Wal::roll_file() {
  if (!has_frames()) return {};
  KZ_CHECK(seal_file());
  return open_file(current_.last + 1);
}

Result<> Wal::sync_file() {
  KZ_CHECK(file_.sync());
  syncs_.fetch_add(1, std::memory_order_relaxed);
  synced_ = std::chrono::steady_clock::now();
  dirty_ = false;
  return {};
}

Result<> Wal::open_file(std::uint64_t first) {
  current_ = {.path = options_.dir / wal_name(first), .first = first, .last = first - 1, .bytes = 0};
  KZ_TRY(file_, File::open(current_.path, File::Mode::create));
  const auto header = wal_header(first);
  KZ_CHECK(file_.write_at(0, header));
  current_.bytes = header.size();
  if (options_.sync != SyncMode::off) {
    KZ_CHECK(file_.sync());
    KZ_CHECK(sync_directory(options_.dir));
  }
  const std::lock_guard lock(mutex_);
  current_listed_ = true;
  // A start may find a file of this name without a frame: it is this one now, and not to be released.
  std::erase_if(sealed_, [&](const WalFile& old) {
    if (old.path != current_.path) return false;
    sealed_bytes_ -= old.bytes;
    return true;
  });
  return {};
}

Result<> Wal::seal_file() {
  if (!has_frames()) return {};
  const auto seal = wal_seal(current_.last);
  KZ_CHECK(file_.write_at(current_.bytes, seal));
  current_.bytes += seal.size();
  KZ_CHECK(file_.truncate(current_.bytes));
  if (options_.sync != SyncMode::off) KZ_CHECK(sync_file());
  file_ = File();
  const std::lock_guard lock(mutex_);
  sealed_bytes_ += current_.bytes;
  current_bytes_ = 0;
  current_listed_ = false;
  sealed_.push_back(current_);
  return {};
}

void Wal::publish(std::uint64_t lsn) {
  WatermarkListener listener;
  {
    const std::lock_guard lock(mutex_);
    durable_ = lsn;
    current_bytes_ = has_frames() ? current_.bytes : 0;
    listener = listener_;
  }
  progress_.notify_all();
  if (listener) listener(Ticket{lsn}, nullptr);
}

void Wal::poison(Error error) {
  log_.error("historian", "The log cannot be written: {} Nothing is stored until Karez is restarted.", error.message());
  WatermarkListener listener;
  std::uint64_t durable = 0;
  Error told(Errc::unavailable, "store.poisoned");
  told = std::move(told).with(error.text());
  {
    const std::lock_guard lock(mutex_);
    poison_ = told;
    durable = durable_;
    listener = listener_;
  }
  progress_.notify_all();
  if (listener) listener(Ticket{durable}, &told);
}

Result<> Wal::wait(std::uint64_t lsn, Duration timeout) {
  std::unique_lock lock(mutex_);
  const bool done = progress_.wait_for(lock, timeout, [&] { return durable_ >= lsn || poison_; });
  if (durable_ >= lsn) return {};
  if (done) return std::unexpected<Error>(*poison_);
  return fail(Errc::timeout, "store.timeout", "The disk did not confirm in time.");
}

std::uint64_t Wal::last_lsn() const {
  const std::lock_guard lock(mutex_);
  return next_lsn_ - 1;
}
std::uint64_t Wal::durable() const {
  const std::lock_guard lock(mutex_);
  return durable_;
}
bool Wal::poisoned() const {
  const std::lock_guard lock(mutex_);
  return poison_.has_value();
}
std::uint64_t Wal::bytes() const {
  const std::lock_guard lock(mutex_);
  return sealed_bytes_ + current_bytes_ + pending_size_;
}

void Wal::roll() {
  std::unique_lock lock(mutex_);
  const std::uint64_t mine = ++rolls_wanted_;
  work_.notify_one();
  progress_.wait(lock, [&] { return rolls_done_ >= mine || poison_; });
}

void Wal::finish_rolls(std::uint64_t rolls) {
  const std::lock_guard lock(mutex_);
  rolls_done_ = rolls;
  progress_.notify_all();
}

void Wal::release(std::uint64_t lsn) {
  std::vector<Path> gone;
  {
    const std::lock_guard lock(mutex_);
    while (!sealed_.empty() && sealed_.front().last <= lsn && (current_listed_ || sealed_.size() > 1)) {
      sealed_bytes_ -= sealed_.front().bytes;
      gone.push_back(std::move(sealed_.front().path));
      sealed_.pop_front();
    }
  }
  std::error_code ignored;  // replayed and released again at the next start
  for (const Path& path : gone) std::filesystem::remove(path, ignored);
}

}  // namespace karez::historian
