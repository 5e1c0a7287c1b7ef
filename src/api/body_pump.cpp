// SPDX-License-Identifier: Apache-2.0
#include "api/body_pump.h"

namespace karez::api {

/// A part being made. A pool that is full or stops drops its jobs; the pump must not wait for those.
class BodyPump::Job {
 public:
  explicit Job(std::shared_ptr<BodyPump> pump) : pump_(std::move(pump)) {}
  Job(Job&&) noexcept = default;
  Job& operator=(Job&&) = delete;
  ~Job() {
    if (pump_) pump_->dropped();
  }
  void operator()() { std::exchange(pump_, nullptr)->make(); }

 private:
  std::shared_ptr<BodyPump> pump_;  // shared with the HTTP library's response
};

std::size_t BodyPump::read(char* out, std::size_t size) {
  std::unique_lock lock(mutex_);
  order(lock);
  take_ready();
  std::size_t there = current_.size() - at_;
  if (!ended_ && there <= limits_.reserve) {
    made_.wait_for(lock, limits_.blink, [&] { return !ready_.empty() || ended_; });
    order(lock);
    take_ready();
    there = current_.size() - at_;
    if (!ended_ && there == 0) failed_ = ended_ = true;  // the maker had all its blinks
  }
  if (!ended_) size = std::min(size, there > limits_.reserve ? there - limits_.reserve : 1);
  if (failed_) return 0;
  const std::size_t n = std::min(size, there);
  current_.copy(out, n, at_);
  at_ += n;
  return n;
}

bool BodyPump::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

/// With the mutex held.
void BodyPump::take_ready() {
  if (ready_.empty() || current_.size() - at_ > limits_.reserve) return;
  current_.erase(0, std::exchange(at_, 0));
  current_ += ready_;
  ready_.clear();
}

/// Orders the next part when there is room for it. The lock is let go meanwhile: a refused job asks for it.
void BodyPump::order(std::unique_lock<std::mutex>& lock) {
  if (making_ || ended_ || ready_.size() >= limits_.part) return;
  making_ = true;
  lock.unlock();
  const auto ordered = makers_.submit(Job(shared_from_this()));
  lock.lock();
  // A full queue is asked again with the next bytes; one that was closed will never make the rest.
  if (!ordered && ordered.error().code() == Errc::cancelled) ended_ = failed_ = true;
}

void BodyPump::make() {
  std::string part;
  Result<bool> more = true;
  while (more && *more && part.size() < limits_.part) more = stream_(part);
  {
    const std::lock_guard lock(mutex_);
    ready_ += part;
    making_ = false;
    ended_ = ended_ || !more || !*more;
    failed_ = failed_ || !more;
  }
  made_.notify_all();
}

void BodyPump::dropped() {
  {
    const std::lock_guard lock(mutex_);
    making_ = false;
  }
  made_.notify_all();
}

}  // namespace karez::api
