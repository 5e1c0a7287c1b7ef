// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>
#include <set>

#include "connect/modbus/frame.h"
#include "net/blocking.h"
#include "net/stream.h"

namespace karez::connect::modbus {

/// A Modbus TCP (or RTU over TCP) device of a few lines on a loop of its own, for tests of the driver.
/// It answers from its registers and misbehaves as told. Not an independent peer: those are in
/// tests/integration/modbus.
class FakeDevice {
 public:
  explicit FakeDevice(Framing framing = Framing::mbap) : framing_(framing), loop_("device"), scope_(loop_) {
    listen(0);
  }
  ~FakeDevice() { go_down(); }

  std::uint16_t port() const noexcept { return port_; }
  void set(std::uint16_t offset, std::uint16_t value) {
    const std::lock_guard lock(mutex_);
    registers_[offset] = value;
  }
  std::uint16_t get(std::uint16_t offset) {
    const std::lock_guard lock(mutex_);
    return registers_[offset];
  }
  void forbid(std::uint16_t offset) {
    const std::lock_guard lock(mutex_);
    forbidden_.insert(offset);
  }
  void allow_all() {
    const std::lock_guard lock(mutex_);
    forbidden_.clear();
  }
  std::atomic<int> muted_unit = -1;
  std::atomic<bool> mute_all = false, mute_writes = false, garbage = false;
  std::atomic<int> delay_next_ms = 0;
  std::atomic<int> idle_ms = 0;           ///< closes a connection without a request for so long
  std::atomic<int> hang_up_at = -1;       ///< closes the connection when this register is asked for
  std::atomic<int> write_exception = 0;   ///< writes are done, but answered with this exception
  std::atomic<bool> wrong_echo = false;   ///< writes are done, but the answer names another register
  std::atomic<int> requests = 0, writes = 0, connections = 0;

  /// Drops all connections and the port.
  void go_down() {
    net::run_blocking<void>(scope_, [this](std::stop_token) -> net::Task<Result<>> {
      if (listener_) listener_->close();
      for (const auto& peer : peers_) peer->close();
      peers_.clear();
      co_return {};
    }).value();
    scope_.stop_and_join();
  }
  void come_back() {
    fresh_scope_.emplace(loop_);
    listen(port_);
  }

 private:
  net::TaskScope& scope() { return fresh_scope_ ? *fresh_scope_ : scope_; }

  void listen(std::uint16_t port) {
    listener_ = std::move(net::Listener::open(loop_, "127.0.0.1", port)).value();
    port_ = listener_->port();
    scope().spawn([this](std::stop_token stop) -> net::Task<Result<>> {
      for (;;) {
        KZ_CO_TRY(auto stream, co_await listener_->accept(stop));
        ++connections;
        std::shared_ptr<net::Stream> peer = std::move(stream);  // by the list and its coroutine
        peers_.push_back(peer);
        scope().spawn([this, peer](std::stop_token s) { return serve(peer, s); });
      }
    });
  }

  net::Task<Result<>> serve(std::shared_ptr<net::Stream> peer, std::stop_token stop) {
    const std::stop_callback on_stop(stop, [&] { peer->close(); });
    const net::Deadline never = net::Deadline::after(std::chrono::hours(1));
    for (;;) {
      std::array<std::byte, kMaxFrame> in;
      const std::size_t head = framing_ == Framing::mbap ? 7 : 1;
      const net::Deadline patience = idle_ms > 0 ? net::Deadline::after(std::chrono::milliseconds(idle_ms)) : never;
      if (const auto read = co_await net::read_exactly(*peer, std::span(in).first(head + 5), patience); !read) {
        peer->close();
        co_return read;
      }
      const auto at = [&](std::size_t i) { return std::to_integer<unsigned>(in[i]); };
      const auto transaction = static_cast<std::uint16_t>((at(0) << 8) | at(1));
      const auto unit = static_cast<std::uint8_t>(at(head - 1));
      const unsigned function = at(head), offset = (at(head + 1) << 8) | at(head + 2);
      const unsigned count = (at(head + 3) << 8) | at(head + 4);
      std::vector<std::byte> values;
      if (function == 15 || function == 16 || function == 22) {
        std::array<std::byte, 1> size{std::byte{2}};
        if (function != 22) KZ_CO_CHECK(co_await net::read_exactly(*peer, size, never));
        values.resize(std::to_integer<unsigned>(size[0]));
        KZ_CO_CHECK(co_await net::read_exactly(*peer, values, never));
      }
      std::array<std::byte, 2> crc;
      if (framing_ == Framing::rtu) KZ_CO_CHECK(co_await net::read_exactly(*peer, crc, never));
      ++requests;
      if (const int poison = hang_up_at;
          poison >= static_cast<int>(offset) && poison < static_cast<int>(offset + count) && function <= 4) {
        peer->close();
        co_return {};
      }
      std::vector<std::byte> pdu = answer(function, offset, count, values);
      if (const int code = write_exception; code > 0 && function >= 5) {
        pdu = {static_cast<std::byte>(function | 0x80), static_cast<std::byte>(code)};
      }
      if (wrong_echo && function >= 5) pdu[2] ^= std::byte{1};
      if (mute_all || unit == muted_unit || (mute_writes && function >= 5)) continue;
      if (const int wait = delay_next_ms.exchange(0); wait > 0) {
        KZ_CO_CHECK(co_await loop_.sleep(std::chrono::milliseconds(wait), stop));
      }
      std::array<std::byte, kMaxFrame> out;
      std::size_t size = encode_frame(framing_, transaction, unit, pdu, out);
      if (garbage) std::ranges::fill(std::span(out).first(size), std::byte{0x47});
      KZ_CO_CHECK(co_await peer->write_all(std::span(out).first(size), never));
    }
  }

  std::vector<std::byte> answer(unsigned function, unsigned offset, unsigned count,
                                const std::vector<std::byte>& values) {
    const std::lock_guard lock(mutex_);
    std::vector<std::byte> out;
    ByteWriter writer(out);
    writer.u8(static_cast<std::uint8_t>(function));
    const auto forbidden = forbidden_.lower_bound(static_cast<std::uint16_t>(offset));
    const unsigned reach = function == 5 || function == 6 || function == 22 ? 1 : count;
    if (function > 16 && function != 22) return {static_cast<std::byte>(function | 0x80), std::byte{1}};
    if (forbidden != forbidden_.end() && *forbidden < offset + reach) {
      return {static_cast<std::byte>(function | 0x80), std::byte{2}};
    }
    if (function <= 2) {
      writer.u8(static_cast<std::uint8_t>((count + 7) / 8));
      for (unsigned i = 0; i < count; i += 8) {
        unsigned packed = 0;
        for (unsigned b = 0; b < 8 && i + b < count; ++b) packed |= (registers_[offset + i + b] != 0 ? 1u : 0u) << b;
        writer.u8(static_cast<std::uint8_t>(packed));
      }
    } else if (function <= 4) {
      writer.u8(static_cast<std::uint8_t>(count * 2));
      for (unsigned i = 0; i < count; ++i) writer.u16be(registers_[offset + i]);
    } else {
      ++writes;
      writer.u16be(static_cast<std::uint16_t>(offset));
      writer.u16be(static_cast<std::uint16_t>(count));
      ByteReader reader(values);
      if (function == 5 || function == 6) registers_[offset] = static_cast<std::uint16_t>(count);
      for (unsigned i = 0; function == 16 && i < count; ++i) registers_[offset + i] = reader.u16be();
      if (function == 22) {
        const std::uint16_t set = reader.u16be();
        registers_[offset] = static_cast<std::uint16_t>((registers_[offset] & count) | (set & ~count));
        writer.u16be(set);
      }
    }
    return out;
  }

  Framing framing_;
  std::mutex mutex_;
  std::array<std::uint16_t, 65536> registers_{};
  std::set<std::uint16_t> forbidden_;
  std::uint16_t port_ = 0;
  net::Loop loop_;
  std::unique_ptr<net::Listener> listener_;
  std::vector<std::shared_ptr<net::Stream>> peers_;
  net::TaskScope scope_;
  std::optional<net::TaskScope> fresh_scope_;
};

}  // namespace karez::connect::modbus
