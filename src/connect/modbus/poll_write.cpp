// SPDX-License-Identifier: Apache-2.0
#include "base/format.h"
#include "connect/modbus/poll.h"
#include "connect/modbus/value.h"
#include "connect/value_text.h"

namespace karez::connect::modbus {
namespace {

WriteResult result(WriteResult::Outcome outcome, Error error) {
  WriteResult out;
  out.outcome = outcome;
  out.error = std::move(error);
  return out;
}

// Answers after which nobody knows whether the device has done it: the gateway forwarded it and heard
// nothing, the device is at it or failed on the way, or it says something that does not fit.
bool may_have_acted(const Error& error) {
  const std::string_view slug = error.slug();
  return error.code() == Errc::timeout || lost_connection(error) || slug == "modbus.gateway_target" ||
         slug == "modbus.acknowledge" || slug == "modbus.device_failure" || slug.starts_with("modbus.wrong_");
}

// The request that writes `write` to `address`; errors are the caller's, nothing was sent.
Result<Pdu> request_for(const Write& write, const PointMap::Entry& entry, const PointAddress& address,
                        const DeviceSettings& settings) {
  if (entry.access == model::Access::read || !is_writable(address.area)) {
    return fail(Error(Errc::denied, "modbus.read_only")
                    .with(karez::format("{} cannot be written", canonical(address)))
                    .cure("Only coils (co) and holding registers (hr) of points with write access can be written."));
  }
  if (write.type == model::ValueType::text || entry.type == model::ValueType::text) {
    KZ_TRY(const auto words, encode_text(address, settings.order, write.text));
    return write_registers_request(address.offset, words);
  }
  KZ_TRY(const double raw, to_raw(entry, model::numeric(write.type, write.bits)));
  if (address.area == Area::coil) return write_coil_request(address.offset, raw != 0);
  if (address.bit >= 0) {
    const auto mask = static_cast<std::uint16_t>(1u << address.bit);
    return mask_write_request(address.offset, static_cast<std::uint16_t>(~mask), raw != 0 ? mask : std::uint16_t{0});
  }
  std::optional<std::int64_t> exact;
  if (write.type == model::ValueType::int64 && entry.scale == 1 && entry.offset == 0) {
    exact = model::as_int64(write.bits);
  }
  KZ_TRY(const auto words, encode_number(address, settings.order, raw, exact));
  if (words.size() == 1 && settings.single_writes) return write_register_request(address.offset, words[0]);
  return write_registers_request(address.offset, words);
}

}  // namespace

net::Task<std::vector<WriteResult>> Polling::write(std::vector<Write> writes, net::Deadline deadline) {
  std::vector<WriteResult> results;
  for (Write& one : writes) {
    results.push_back(co_await write_one(std::move(one), deadline));
    counters_.written(results.back().outcome);
  }
  co_return results;
}

net::Task<WriteResult> Polling::write_one(Write write, net::Deadline deadline) {
  using Outcome = WriteResult::Outcome;
  if (!filter_) co_return result(Outcome::failed, Error(Errc::unavailable, "modbus.not_connected"));
  const auto& points = filter_->map().points;
  // The caller's map may be older or newer than ours; the point's id says which is meant.
  std::size_t at = write.entry;
  if (at >= points.size() || points[at].id != write.point) {
    at = static_cast<std::size_t>(std::ranges::find(points, write.point, &PointMap::Entry::id) - points.begin());
  }
  if (at >= points.size() || !addresses_[at] || points[at].device >= units_.size() ||
      !units_[points[at].device].usable) {
    co_return result(Outcome::refused,
                     Error(Errc::not_found, "modbus.unknown_point").with("the link has no such point"));
  }
  // Copies: a new map may come while we wait.
  const PointAddress address = *addresses_[at];
  const Unit unit = units_[points[at].device];
  auto request = request_for(write, points[at], address, unit.settings);
  if (!request) co_return result(Outcome::refused, std::move(request).error());
  if (deadline.passed())
    co_return result(Outcome::failed, Error(Errc::timeout, "modbus.timeout").with("nothing was sent"));

  const Duration timeout =
      std::min(timeout_of(unit), std::max(deadline.left(), Duration(std::chrono::milliseconds(1))));
  Reply reply;
  const auto outcome = co_await session_.ask(unit.settings.unit, *request, timeout, reply);
  WriteResult written;
  if (outcome) {
    written.outcome = Outcome::done;
  } else {
    const bool unknown = reply.sent && may_have_acted(outcome.error());
    written = result(unknown ? Outcome::unknown : Outcome::failed, outcome.error());
  }
  if (written.outcome == Outcome::failed) co_return written;
  written.read_back = co_await read_back(address, unit, timeout);
  co_return written;
}

net::Task<std::string> Polling::read_back(const PointAddress& address, const Unit& unit, Duration timeout) {
  Reply reply;
  const auto outcome = co_await session_.ask(
      unit.settings.unit, read_request(address.area, address.offset, address.span()), timeout, reply);
  if (!outcome) co_return std::string();
  if (is_bits(address.area)) co_return std::string(packed_bit(reply.data(), 0) ? "true" : "false");
  std::string text;
  const auto raw = decode_registers(address, unit.settings.order, reply.data(), text);
  co_return raw ? value_text(*raw) : std::string();
}

}  // namespace karez::connect::modbus
