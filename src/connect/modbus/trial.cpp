// SPDX-License-Identifier: Apache-2.0
#include "connect/modbus/trial.h"

#include "base/format.h"
#include "connect/modbus/session.h"
#include "connect/modbus/value.h"
#include "connect/value_text.h"

namespace karez::connect::modbus {
namespace {

constexpr std::size_t kMostValues = 20;

// What one trial carries along.
struct Trial {
  Trial(net::Loop& loop, Clock& c, const LinkSettings& s, net::Deadline d)
      : clock(c), settings(s), deadline(d), session(loop, c, settings, counters) {}
  Clock& clock;
  LinkSettings settings;
  net::Deadline deadline;
  LinkCounters counters;
  Session session;
  TestReport report;
  Reply reply;

  void step(std::string name, Monotonic started, std::string text, std::optional<Error> error) {
    report.steps.push_back({.name = std::move(name),
                            .ok = !error,
                            .took = std::chrono::steady_clock::now() - started,
                            .text = std::move(text),
                            .error = std::move(error)});
  }
  Duration timeout(const DeviceSettings& device) const {
    const Duration wanted = device.timeout > Duration{0} ? device.timeout : settings.timeout;
    return std::min(wanted, std::max(deadline.left(), Duration(std::chrono::milliseconds(10))));
  }
};

// Any answer proves that a Modbus device is there, an exception too.
bool is_answer(const Error& error) { return error.code() != Errc::timeout && !lost_connection(error); }

std::string text_of(const RawValue& raw, const PointMap::Entry& entry) {
  const bool whole = raw.type == model::ValueType::int64 && entry.scale == 1 && entry.offset == 0;
  if (whole || raw.type == model::ValueType::text || raw.type == model::ValueType::boolean) return value_text(raw);
  return karez::format("{:.10g}", model::numeric(raw.type, raw.bits) * entry.scale + entry.offset);
}

Error no_answer(const Trial& trial, unsigned unit) {
  return Error(Errc::timeout, "modbus.silent")
      .with(karez::format("{}:{} accepts the connection, but unit {} gives no answer", trial.settings.host,
                          trial.settings.port, unit))
      .cure("Check the unit number. A gateway needs the number of the device behind it.");
}

net::Task<Result<>> identify(Trial& trial, DeviceSettings device) {
  const auto outcome =
      co_await trial.session.ask(device.unit, identification_request(0), trial.timeout(device), trial.reply);
  if (outcome) trial.report.identity = identification_objects(trial.reply.data());
  if (!outcome && lost_connection(outcome.error())) co_return outcome;
  co_return {};  // most devices do not know this function
}

net::Task<Result<>> probe(Trial& trial, DeviceSettings device) {
  const Monotonic started = std::chrono::steady_clock::now();
  const auto outcome = co_await trial.session.ask(device.unit, read_request(Area::holding_register, 0, 1),
                                                  trial.timeout(device), trial.reply);
  if (outcome || is_answer(outcome.error())) {
    const std::string text = outcome ? karez::format("unit {} answers", device.unit)
                                     : karez::format("unit {} answers, with {}", device.unit, outcome.error().text());
    trial.step("read", started, text, std::nullopt);
  } else {
    const bool silent = outcome.error().code() == Errc::timeout;
    trial.step("read", started, {}, silent ? no_answer(trial, device.unit) : outcome.error());
  }
  co_return {};
}

net::Task<Result<>> read_point(Trial& trial, const PointMap::Entry& entry, DeviceSettings device,
                               std::optional<Error>& first_error, std::size_t& good) {
  TestValue value{.address = entry.address};
  const auto address = parse_address(entry.address);
  Result<> outcome;
  if (!address) {
    outcome = std::unexpected(address.error());
  } else {
    outcome = co_await trial.session.ask(device.unit, read_request(address->area, address->offset, address->span()),
                                         trial.timeout(device), trial.reply);
  }
  std::string text;
  if (outcome) {
    const ByteView data = trial.reply.data();
    const auto raw = is_bits(address->area) ? Result<RawValue>(RawValue::of(packed_bit(data, 0)))
                                            : decode_registers(*address, device.order, data, text);
    if (raw) {
      value.text = text_of(*raw, entry);
      ++good;
    } else {
      outcome = std::unexpected(raw.error());
    }
  }
  if (!outcome) {
    const bool silent = outcome.error().code() == Errc::timeout;
    value.quality = address ? quality_of(outcome.error()) : model::quality::kBadConfiguration;
    value.error = silent ? no_answer(trial, device.unit) : outcome.error();
    if (!first_error) first_error = value.error;
  }
  trial.report.values.push_back(std::move(value));
  if (!outcome && (lost_connection(outcome.error()) || outcome.error().code() == Errc::timeout)) co_return outcome;
  co_return {};
}

net::Task<Result<>> read_points(Trial& trial, const PointMap& map) {
  const Monotonic started = std::chrono::steady_clock::now();
  std::optional<Error> first_error;
  std::size_t good = 0, tried = 0;
  for (const PointMap::Entry& entry : map.points) {
    if (tried == kMostValues || trial.deadline.passed()) break;
    if (entry.device >= map.devices.size()) continue;
    const auto device = parse_device(map.devices[entry.device].config);
    if (!device) {
      first_error = device.error();
      break;
    }
    ++tried;
    if (!co_await read_point(trial, entry, *device, first_error, good)) break;
  }
  // Some bad points among good ones are the points' trouble, not the link's.
  const bool ok = good > 0 || !first_error;
  trial.step("read", started, karez::format("{} of {} points gave a value", good, tried),
             ok ? std::nullopt : first_error);
  co_return {};
}

}  // namespace

net::Task<Result<TestReport>> try_link(net::Loop& loop, Clock& clock, LinkConfig link,
                                       std::shared_ptr<const PointMap> points, net::Deadline deadline) {
  KZ_CO_TRY(LinkSettings settings, parse_link(link.config));
  settings.connect_timeout =
      std::min(settings.connect_timeout, std::max(deadline.left(), Duration(std::chrono::milliseconds(10))));
  Trial trial(loop, clock, settings, deadline);
  const Monotonic started = std::chrono::steady_clock::now();
  const auto outcome = co_await trial.session.connect({});
  if (!outcome && outcome.error().slug() == "net.unresolved") {
    trial.step("resolve", started, {}, outcome.error());
    co_return std::move(trial.report);
  }
  trial.step("resolve", started, settings.host, std::nullopt);
  trial.step("connect", started, outcome ? trial.session.peer() : std::string(),
             outcome ? std::nullopt : std::optional(outcome.error()));
  if (!outcome) co_return std::move(trial.report);

  DeviceSettings first;
  if (points && !points->devices.empty()) {
    KZ_CO_TRY(first, parse_device(points->devices[0].config));
  }
  if (points && !points->points.empty()) {
    KZ_CO_CHECK(co_await read_points(trial, *points));
  } else {
    KZ_CO_CHECK(co_await probe(trial, first));
  }
  if (trial.report.ok() && trial.session.connected() && !trial.deadline.passed()) {
    (void)co_await identify(trial, first);  // a nameplate is nice to have
  }
  trial.report.limits = {{"registers_per_request", std::to_string(first.limits.max_registers)},
                         {"bits_per_request", std::to_string(first.limits.max_bits)}};
  trial.session.close();
  co_return std::move(trial.report);
}

}  // namespace karez::connect::modbus
