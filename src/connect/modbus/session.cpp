// SPDX-License-Identifier: Apache-2.0
#include "connect/modbus/session.h"

namespace karez::connect::modbus {

bool lost_connection(const Error& error) {
  return error.slug().starts_with("net.") || error.slug() == "modbus.bad_header" ||
         error.slug() == "modbus.not_connected";
}

Session::Session(net::Loop& loop, Clock& clock, const LinkSettings& settings, LinkCounters& counters)
    : loop_(loop), clock_(clock), settings_(settings), counters_(counters), turns_(loop), deframer_(settings.framing) {}

net::Task<Result<>> Session::connect(std::stop_token stop) {
  close();
  KZ_CO_TRY(auto stream, co_await net::connect_tcp(loop_, settings_.host, settings_.port,
                                                   net::Deadline::after(settings_.connect_timeout), stop));
  if (settings_.pause_after_connect > Duration{0}) {
    KZ_CO_CHECK(co_await loop_.sleep(settings_.pause_after_connect, stop));
  }
  adopt(std::move(stream));
  co_return {};
}

void Session::adopt(std::unique_ptr<net::Stream> stream) {
  retired_ = nullptr;
  ++generation_;
  stream_ = std::move(stream);
  deframer_ = Deframer(settings_.framing);
  answers_ = 0;
  may_come_late_ = false;
}

void Session::close() {
  if (!stream_) return;
  stream_->close();
  retired_ = std::move(stream_);
}

net::Task<Result<>> Session::ask(std::uint8_t unit, Pdu request, Duration timeout, Reply& reply) {
  reply.sent = false;
  reply.size = 0;
  KZ_CO_TRY(const auto turn, co_await turns_.take(net::Deadline::after(std::chrono::minutes(5))));
  if (!stream_) co_return fail(Errc::unavailable, "modbus.not_connected");
  if (settings_.pause_between > Duration{0}) {
    const Duration left = last_end_ + settings_.pause_between - std::chrono::steady_clock::now();
    if (left > Duration{0}) (void)co_await loop_.sleep(left);  // without a stop token it only ends well
    if (!stream_) co_return fail(Errc::unavailable, "modbus.not_connected");
  }
  const std::uint64_t generation = generation_;
  const auto outcome = co_await exchange(unit, request, timeout, reply);
  last_end_ = std::chrono::steady_clock::now();
  // Unless somebody closed it meanwhile and there is a new one already.
  if (!outcome && lost_connection(outcome.error()) && generation == generation_) close();
  co_return outcome;
}

net::Task<Result<>> Session::exchange(std::uint8_t unit, const Pdu& request, Duration timeout, Reply& reply) {
  if (settings_.framing == Framing::rtu) {
    if (may_come_late_) KZ_CO_CHECK(co_await drain(timeout));
    if (deframer_.discard() > 0) counters_.resyncs.add();
  }
  std::array<std::byte, kMaxFrame> frame;
  const std::size_t length = encode_frame(settings_.framing, ++transaction_, unit, request.bytes(), frame);
  const net::Deadline deadline = net::Deadline::after(timeout);
  const Monotonic started = std::chrono::steady_clock::now();
  reply.sent = true;
  counters_.requests.add();
  counters_.bytes_out.add(length);
  const std::uint64_t generation = generation_;
  auto sent = co_await stream_->write_all(std::span(frame).first(length), deadline);
  if (sent && gone(generation)) co_return fail(Errc::unavailable, "modbus.not_connected");
  if (!sent) {
    // Half a frame may have left: what follows could be taken for its rest.
    if (sent.error().code() == Errc::timeout) co_return fail(Errc::unavailable, "net.reset");
    co_return sent;
  }
  const auto outcome = co_await receive(unit, request, deadline, reply);
  if (outcome || !lost_connection(outcome.error())) {
    if (!outcome && outcome.error().slug() == "modbus.timeout") {
      counters_.timeouts.add();
      may_come_late_ = true;
      co_return outcome;
    }
    counters_.rtt.observe(std::chrono::steady_clock::now() - started);
  }
  co_return outcome;
}

bool Session::awaited(const Frame& frame, std::uint8_t unit, const Pdu& request) const {
  if (settings_.framing == Framing::mbap) return frame.transaction == transaction_;
  return frame.unit == unit && (std::to_integer<unsigned>(frame.pdu[0]) & 0x7f) == request.function();
}

net::Task<Result<>> Session::receive(std::uint8_t unit, const Pdu& request, net::Deadline deadline, Reply& reply) {
  const std::uint64_t generation = generation_;
  for (;;) {
    auto frame = deframer_.next(unit, request.function());
    if (!frame) {
      counters_.framing_errors.add();
      co_return std::unexpected(std::move(frame).error());
    }
    if (*frame && !awaited(**frame, unit, request)) {
      counters_.late_dropped.add();
      continue;
    }
    if (*frame) {
      counters_.responses.add();
      if ((*frame)->unit != unit) {
        counters_.framing_errors.add();
        co_return fail(Error(Errc::protocol, "modbus.wrong_unit").with("another unit answered than was asked"));
      }
      const auto data = response_data(request.bytes(), (*frame)->pdu);
      ++answers_;
      if (!data) {
        const bool exception = (std::to_integer<unsigned>((*frame)->pdu[0]) & 0x80) != 0;
        (exception ? counters_.exceptions : counters_.framing_errors).add();
        co_return std::unexpected(data.error());
      }
      reply.received = clock_.now();
      reply.size = data->size();
      std::ranges::copy(*data, reply.bytes.begin());
      co_return {};
    }
    if (deadline.passed()) co_return fail(Errc::timeout, "modbus.timeout");
    auto n = co_await stream_->read_some(deframer_.space(), deadline);
    if (!n) {
      if (n.error().code() == Errc::timeout) co_return fail(Errc::timeout, "modbus.timeout");
      co_return std::unexpected(std::move(n).error());
    }
    if (gone(generation)) co_return fail(Errc::unavailable, "modbus.not_connected");
    counters_.bytes_in.add(*n);
    deframer_.commit(*n);
  }
}

// RTU answers carry no number: before the next request, what may still come of the last one is waited
// for and thrown away.
net::Task<Result<>> Session::drain(Duration quiet) {
  const net::Deadline deadline = net::Deadline::after(quiet);
  const std::uint64_t generation = generation_;
  bool any = deframer_.discard() > 0;
  for (;;) {
    auto n = co_await stream_->read_some(deframer_.space(), deadline);
    if (!n && n.error().code() != Errc::timeout) co_return std::unexpected(std::move(n).error());
    if (gone(generation)) co_return fail(Errc::unavailable, "modbus.not_connected");
    if (!n || deadline.passed()) break;
    counters_.bytes_in.add(*n);
    any = true;
    deframer_.discard();
  }
  if (any) counters_.late_dropped.add();
  may_come_late_ = false;
  co_return {};
}

}  // namespace karez::connect::modbus
