// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "model/sample_sink.h"
#include "net/loop.h"

namespace karez::connect::mqtt {

/// Brings outcomes of blocks from the store's commit thread to the loop. Shared by the session and all
/// its blocks on the way, since these may settle after the link has stopped; then they fall silent.
/// Thread: `on_durable` any; the rest the loop.
class AckMailbox final : public model::DurableListener, public std::enable_shared_from_this<AckMailbox> {
 public:
  using Outcomes = std::vector<std::pair<std::uint64_t, bool>>;

  AckMailbox(net::Loop& loop, std::function<void(const Outcomes&)> deliver)
      : loop_(&loop), deliver_(std::move(deliver)) {}

  void on_durable(std::uint64_t cookie, const Result<>& outcome) noexcept override {
    const std::lock_guard lock(mutex_);
    if (loop_ == nullptr) return;
    arrived_.emplace_back(cookie, outcome.has_value());
    if (std::exchange(posted_, true)) return;
    loop_->post([self = shared_from_this()] { self->hand_over(); });
  }
  void close() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
    deliver_ = {};
  }

 private:
  void hand_over() {
    {
      const std::lock_guard lock(mutex_);
      posted_ = false;
      handed_.clear();
      std::swap(arrived_, handed_);
    }
    if (deliver_) deliver_(handed_);
  }
  std::mutex mutex_;
  net::Loop* loop_;
  std::function<void(const Outcomes&)> deliver_;  ///< used and cleared on the loop only
  Outcomes arrived_;
  Outcomes handed_;  ///< the loop's; swapped so that nothing is allocated when warm
  bool posted_ = false;
};

}  // namespace karez::connect::mqtt
