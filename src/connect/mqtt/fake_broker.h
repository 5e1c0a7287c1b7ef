// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "connect/mqtt/codec.h"
#include "net/loop.h"
#include "net/stream.h"

namespace karez::connect::mqtt {

/// A broker of a few lines for tests of the driver: one client at a time, accepts everything, sends what
/// the test tells it, and keeps the packets it got.
/// Thread: the test's, except the coroutines.
class FakeBroker {
 public:
  struct Packet {
    PacketType type{};
    std::vector<std::byte> body;
    std::uint16_t id() const { return number(0); }
    std::uint16_t number(std::size_t at) const {
      return static_cast<std::uint16_t>(static_cast<unsigned>(body[at]) << 8 | static_cast<unsigned>(body[at + 1]));
    }
  };

  FakeBroker() : scope_(loop_) {
    listener_ = std::move(*net::Listener::open(loop_, "127.0.0.1", 0));
    scope_.spawn([this](std::stop_token stop) { return serve(stop); });
  }
  ~FakeBroker() { scope_.stop_and_join(); }
  FakeBroker(const FakeBroker&) = delete;
  FakeBroker& operator=(const FakeBroker&) = delete;

  std::uint16_t port() const { return listener_->port(); }
  /// CONNACK's session present flag and reason code for the following connections.
  void answer_connect(bool session_present, std::uint8_t code = 0) {
    const std::lock_guard lock(mutex_);
    session_present_ = session_present;
    code_ = code;
  }
  /// What it speaks from the next connection on.
  void speak(Version version) { version_ = version; }
  void publish(std::string_view topic, std::string_view payload, std::uint8_t qos, std::uint16_t id, bool dup = false) {
    std::vector<std::byte> bytes;
    KZ_ASSERT(encode_publish(bytes, version_,
                             {.topic = topic, .payload = as_bytes(payload), .qos = qos, .dup = dup, .id = id}));
    send(std::move(bytes));
  }
  void send(std::vector<std::byte> bytes) {
    loop_.post([this, bytes = std::move(bytes)] { out_.insert(out_.end(), bytes.begin(), bytes.end()); });
  }
  /// Breaks the connection.
  void cut() {
    loop_.post([this] {
      if (stream_) stream_->close();
    });
  }
  /// Until `enough` says so of the packets received so far.
  bool wait(const std::function<bool(const std::vector<Packet>&)>& enough,
            Duration patience = std::chrono::seconds(20)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return enough(packets_); });
  }
  bool wait_for(PacketType type, std::size_t count = 1) {
    return wait([=](const auto& packets) {
      return std::ranges::count(packets, type, &Packet::type) >= static_cast<std::ptrdiff_t>(count);
    });
  }
  std::vector<Packet> all(PacketType type) const {
    const std::lock_guard lock(mutex_);
    std::vector<Packet> out;
    std::ranges::copy_if(packets_, std::back_inserter(out), [=](const Packet& p) { return p.type == type; });
    return out;
  }

 private:
  net::Task<Result<>> serve(std::stop_token stop) {
    const std::stop_callback on_stop(stop, [this] {
      listener_->close();
      if (stream_) stream_->close();
    });
    while (!stop.stop_requested()) {
      KZ_CO_TRY(stream_, co_await listener_->accept(stop));
      out_.clear();
      (void)co_await talk(stop);
      stream_.reset();
    }
    co_return Result<>{};
  }
  /// Reads with short deadlines, so that what the test sends goes out in between.
  net::Task<Result<>> talk(std::stop_token stop) {
    FrameBuffer frames(1 << 20);
    while (!stop.stop_requested()) {
      if (!out_.empty()) {
        const auto bytes = std::exchange(out_, {});
        KZ_CO_CHECK(co_await stream_->write_all(bytes, net::Deadline::after(std::chrono::seconds(5))));
      }
      auto count = co_await stream_->read_some(frames.space(), net::Deadline::after(std::chrono::milliseconds(2)));
      if (!count && count.error().code() == Errc::timeout) continue;
      if (!count) co_return std::unexpected(count.error());
      frames.added(*count);
      for (;;) {
        KZ_CO_TRY(const auto frame, frames.next());
        if (!frame) break;
        take(*frame);
      }
    }
    co_return Result<>{};
  }
  void take(const Frame& frame) {
    Packet packet{static_cast<PacketType>(frame.first >> 4), {frame.body.begin(), frame.body.end()}};
    ByteWriter out(out_);
    const std::lock_guard lock(mutex_);
    switch (packet.type) {
      case PacketType::connect:
        for (const int b : {0x20, version_ == Version::v5 ? 3 : 2, session_present_ ? 1 : 0, static_cast<int>(code_)})
          out.u8(static_cast<std::uint8_t>(b));
        if (version_ == Version::v5) out.u8(0);
        break;
      case PacketType::subscribe: answer_subscribe(packet, out); break;
      case PacketType::pingreq: out.u16be(0xd000); break;
      case PacketType::publish:
        if ((frame.first >> 1 & 3) == 1) {
          encode_ack(out_, version_, PacketType::puback, packet.number(2u + packet.number(0)));
        }
        break;
      default: break;
    }
    packets_.push_back(std::move(packet));
    changed_.notify_all();
  }
  void answer_subscribe(const Packet& packet, ByteWriter& out) const {
    const std::size_t properties = version_ == Version::v5 ? 1 : 0;
    std::size_t filters = 0;
    for (std::size_t at = 2 + properties; at < packet.body.size(); ++filters) at += 3u + packet.number(at);
    out.u8(0x90);
    out.u8(static_cast<std::uint8_t>(2 + properties + filters));
    out.u16be(packet.id());
    if (properties > 0) out.u8(0);
    for (; filters > 0; --filters) out.u8(1);
  }

  net::Loop loop_{"broker"};
  std::unique_ptr<net::Listener> listener_;
  std::unique_ptr<net::Stream> stream_;
  std::vector<std::byte> out_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Packet> packets_;
  std::atomic<Version> version_ = Version::v5;
  bool session_present_ = false;
  std::uint8_t code_ = 0;
  net::TaskScope scope_;
};

}  // namespace karez::connect::mqtt
