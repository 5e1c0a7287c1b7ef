// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/outbox.h"

namespace karez::connect::opcua {
namespace {

constexpr Duration kMaxSpan = std::chrono::milliseconds(100);  // of arrival in one block

}  // namespace

Outbox::~Outbox() { counters_.lost.add(spill_.size() + (block_ ? block_->size() : 0)); }

bool Outbox::put(const model::Sample& sample, std::string_view text) {
  if (!block_ && !(block_ = context_.blocks.acquire())) return false;
  if (block_->empty())
    block_->header = {.source = context_.source,
                      .tenant = context_.points()->tenant,
                      .received = context_.clock.now(),
                      .seq = 0,
                      .clock_state = model::ClockState::unknown};
  return sample.type == model::ValueType::text ? block_->add_text(sample, text) : block_->add(sample);
}

bool Outbox::spans_too_much(Timestamp now) const {
  if (!block_ || block_->empty()) return false;
  const Duration span = now - block_->header.received;
  return span > kMaxSpan || span < Duration{0};  // our clock stepping back ends the block too
}

void Outbox::add(const model::Sample& sample, std::string_view text) {
  const Timestamp now = context_.clock.now();
  counters_.sample(sample.quality, now);
  if (spill_.empty()) {
    if (!spans_too_much(now) && put(sample, text)) return;
    flush();
    if (!spans_too_much(now) && put(sample, text)) return;
  }
  counters_.overruns.add();
  spill_.push_back({sample, std::string(text)});
}

/// False when the lane is full.
bool Outbox::submit() {
  if (!block_ || block_->empty()) return true;
  block_->header.seq = context_.next_seq;
  const std::size_t count = block_->size();
  const auto submitted = context_.out.submit(block_, {});
  if (!submitted && submitted.error().code() == Errc::exhausted) return false;
  if (submitted) ++context_.next_seq;
  else counters_.lost.add(count);  // it will never take one again
  block_ = {};
  return true;
}

void Outbox::flush() {
  while (submit() && !spill_.empty()) {
    while (!spill_.empty() && put(spill_.front().sample, spill_.front().text)) spill_.pop_front();
    if (!block_ || block_->empty()) return;  // no block is free
  }
}

}  // namespace karez::connect::opcua
