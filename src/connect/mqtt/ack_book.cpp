// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/ack_book.h"

#include "base/error.h"

namespace karez::connect::mqtt {

bool AckBook::durable(Ticket ticket) const { return ticket < first_block_; }

AckBook::Arrival AckBook::arrived(std::uint16_t id, std::uint8_t qos, bool dup, std::uint64_t fingerprint) {
  if (qos == 2 && received_.contains(id)) return Arrival::repeated;  // MQTT-4.3.3-10: the id is still taken
  const auto known = unacknowledged_.find(id);
  if (known != unacknowledged_.end() && dup && known->second.fingerprint == fingerprint) {
    if (full()) return Arrival::overflow;
    queue_.push_back({{id, qos, known->second.code}, known->second.ticket});
    return Arrival::known;
  }
  if (known != unacknowledged_.end()) unacknowledged_.erase(known);
  return full() ? Arrival::overflow : Arrival::fresh;
}

void AckBook::stored(std::uint16_t id, std::uint8_t qos, std::uint64_t fingerprint, Ticket ticket, std::uint8_t code) {
  queue_.push_back({{id, qos, code}, ticket});
  unacknowledged_[id] = {fingerprint, ticket, code};
}

void AckBook::submitted(Ticket ticket) {
  KZ_ASSERT(ticket == first_block_ + blocks_.size());
  blocks_.emplace_back();
}

bool AckBook::settled(Ticket ticket, bool is_durable) {
  if (ticket < first_block_ || ticket - first_block_ >= blocks_.size()) return true;
  blocks_[ticket - first_block_] = is_durable;
  if (!is_durable) {  // what it held is not stored: forget, so that it is taken as fresh when it comes again
    std::erase_if(unacknowledged_, [&](const auto& entry) { return entry.second.ticket >= ticket; });
    std::erase_if(queue_, [&](const Waiting& waiting) { return waiting.ticket >= ticket; });
  }
  while (!blocks_.empty() && blocks_.front().has_value()) {
    blocks_.pop_front();
    ++first_block_;
  }
  return is_durable;
}

std::optional<AckBook::Due> AckBook::next_due() {
  if (queue_.empty() || !durable(queue_.front().ticket)) return std::nullopt;
  const auto due = queue_.front().due;
  queue_.pop_front();
  unacknowledged_.erase(due.id);
  if (due.qos == 2 && due.code < 0x80) received_.insert(due.id);  // a refused one gets no PUBREL
  return due;
}

void AckBook::disconnected() { queue_.clear(); }

void AckBook::session_lost() {
  queue_.clear();
  unacknowledged_.clear();
  received_.clear();
}

}  // namespace karez::connect::mqtt
