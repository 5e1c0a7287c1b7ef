// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <unordered_map>

#include "connect/backoff.h"
#include "connect/batch_writer.h"
#include "connect/mqtt/ack_book.h"
#include "connect/mqtt/ack_mailbox.h"
#include "connect/mqtt/config.h"
#include "connect/mqtt/connection.h"
#include "connect/mqtt/join.h"
#include "connect/mqtt/json_codec.h"
#include "connect/mqtt/spb_host.h"

namespace karez::connect::mqtt {

/// A link that runs: from connection to connection it keeps the codec, the account of
/// acknowledgements and the open block.
/// Thread: the loop.
class LinkSession final : public MessageHandler {
 public:
  LinkSession(LinkSettings settings, const LinkConfig& link, DriverContext& context, LinkCounters& counters);
  ~LinkSession() override;
  LinkSession(const LinkSession&) = delete;
  LinkSession& operator=(const LinkSession&) = delete;

  /// Connects, and again after each break, until stopped.
  net::Task<Result<>> run(std::stop_token stop);
  net::Task<Result<std::vector<WriteResult>>> write(std::vector<Write> writes, net::Deadline deadline);

  const SparkplugHost* host() const noexcept { return host_; }
  bool online() const noexcept { return connection_ && connection_->open() && ready_; }

  net::Task<Result<>> received(const Publish& message) override;
  net::Task<Result<>> drained() override;
  void released(std::uint16_t id) override { book_.released(id); }

 private:
  net::Task<Result<>> run_once(std::stop_token stop);
  /// Subscribes, then looks after map changes, timers and the end, as long as the connection lives.
  net::Task<Result<>> attend(std::stop_token stop);
  net::Task<Result<>> attend_loop(std::stop_token stop);
  net::Task<Result<>> follow_map(std::stop_token stop);
  /// `all`: those too that the session has.
  net::Task<Result<>> change_subscriptions(bool all);
  net::Task<Result<>> farewell();
  net::Task<Result<>> store(std::stop_token stop);
  /// MQTT 3.1.1 knows no receive maximum: reads no further until acknowledgements went out.
  net::Task<Result<>> wait_for_room();
  void publish_effects();
  /// One codec call with its effects, undisturbed by others.
  net::Task<Result<>> with_codec(std::move_only_function<void(Timestamp, Effects&)> call, std::stop_token stop);
  void settled(const AckMailbox::Outcomes& outcomes);
  void send_due_acks();
  Timestamp next_time();
  void count_codec();
  void show_devices(bool connected);
  void on_answer(ByteView payload);

  net::Task<WriteResult> write_one(Write write, net::Deadline deadline);
  net::Task<WriteResult> write_sparkplug(std::size_t entry, RawValue value, net::Deadline deadline);
  net::Task<WriteResult> write_json(std::size_t entry, RawValue value, net::Deadline deadline);
  std::optional<std::size_t> entry_of(const Write& write) const;

  LinkSettings settings_;
  DriverContext& context_;
  LinkCounters& counters_;
  std::unique_ptr<PayloadCodec> codec_;
  SparkplugHost* host_ = nullptr;  ///< the codec, when it is Sparkplug
  JsonCodec* json_ = nullptr;      ///< the codec, when it is not
  std::shared_ptr<const PointMap> map_;
  AckBook book_;
  std::shared_ptr<AckMailbox> mailbox_;
  Ticket submitted_ = 0;
  BatchWriter writer_;
  net::Turns codec_turn_;
  Effects effects_;
  std::shared_ptr<Connection> connection_;  ///< shared with writes that wait for an answer when it breaks
  BackOff back_off_;
  std::stop_token stop_;
  std::set<std::string> subscribed_;  ///< in the broker's session, as far as we know
  std::unordered_map<model::DeviceId, bool> shown_;
  CodecStats counted_;
  Timestamp last_time_ = kMinTime;
  bool ready_ = false, draining_ = false;

  struct Answer;
  std::unordered_map<std::string, Answer*> waiting_answers_;
};

}  // namespace karez::connect::mqtt
