// SPDX-License-Identifier: Apache-2.0
#include "connect/modbus/poll.h"

#include <map>

#include "base/format.h"
#include "connect/modbus/value.h"

namespace karez::connect::modbus {
namespace {

constexpr Duration kRetryRefused = std::chrono::seconds(60), kLongestSleep = std::chrono::milliseconds(250);
constexpr unsigned kFailuresToLose = 3, kDropsToLose = 3;
constexpr Duration kFirstRest = std::chrono::milliseconds(500);

Error silent_error(const LinkSettings& settings) {
  return Error(Errc::timeout, "modbus.silent")
      .with(karez::format("{}:{} accepts the connection, but no unit answers", settings.host, settings.port))
      .cure("Check the unit number, and that no other program holds the device's only connection.");
}

Monotonic now() { return std::chrono::steady_clock::now(); }

}  // namespace

Polling::Polling(const LinkConfig& link, const LinkSettings& settings, DriverContext& context, LinkCounters& counters)
    : link_(link),
      settings_(settings),
      context_(context),
      counters_(counters),
      session_(context.loop, context.clock, settings, counters),
      back_off_({.cap = settings.reconnect_max}, link.id.value * 0x9E3779B97F4A7C15u + 1),
      writer_(context, link.tenant, counters) {}

Duration Polling::timeout_of(const Unit& unit) const {
  return unit.settings.timeout > Duration{0} ? unit.settings.timeout : settings_.timeout;
}

void Polling::load(std::shared_ptr<const PointMap> map) {
  std::vector<Unit> units;
  for (const PointMap::Device& device : map->devices) {
    Unit unit;
    unit.id = device.id;
    if (auto settings = parse_device(device.config)) {
      unit.settings = *settings;
      unit.usable = true;
    } else {
      context_.observer.device_state(device.id, LinkState::offline, &settings.error());
    }
    for (Unit& before : units_) {  // a dead unit stays known as dead
      if (before.id == unit.id && before.settings.unit == unit.settings.unit) unit.breaker = before.breaker;
    }
    units.push_back(std::move(unit));
  }
  units_ = std::move(units);
  addresses_.clear();
  for (const PointMap::Entry& entry : map->points) {
    auto address = parse_address(entry.address);
    addresses_.push_back(address ? std::optional(*address) : std::nullopt);
  }
  if (filter_) {
    filter_.emplace(std::move(map), *filter_);
  } else {
    filter_.emplace(std::move(map));
    filter_->mark_gap();
  }
  make_groups(now());
}

void Polling::make_groups(Monotonic start) {
  std::map<std::pair<std::size_t, Duration>, std::vector<Wanted>> wanted;
  const auto& points = filter_->map().points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (!addresses_[i] || points[i].device >= units_.size() || !units_[points[i].device].usable) continue;
    if (points[i].access == model::Access::write) continue;
    const PointAddress& a = *addresses_[i];
    wanted[{points[i].device, points[i].period}].push_back({i, a.area, a.offset, static_cast<std::uint16_t>(a.span())});
  }
  groups_.clear();
  std::vector<Duration> periods;
  for (auto& [key, values] : wanted) {
    Group group{key.first, {}};
    for (ReadRequest& read : plan_reads(std::move(values), units_[key.first].settings.limits)) {
      group.requests.push_back({std::move(read)});
    }
    groups_.push_back(std::move(group));
    periods.push_back(key.second);
  }
  schedule_ = PollSchedule(std::move(periods), start, link_.id.value);
  interrupted_.reset();
  overruns_seen_ = 0;
}

void Polling::report(LinkState state, const Error* reason) {
  counters_.state(state);
  context_.observer.link_state(state, reason);
}

void Polling::report_link() {
  const bool degraded = std::ranges::any_of(units_, [](const Unit& u) { return u.breaker.open() || !u.usable; });
  report(degraded ? LinkState::degraded : LinkState::online, nullptr);
  // A device without points is never asked; the connection is all that is known of it.
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const bool asked = std::ranges::any_of(groups_, [&](const Group& group) { return group.unit == i; });
    if (units_[i].usable && !asked) context_.observer.device_state(units_[i].id, LinkState::online, nullptr);
  }
}

net::Task<Result<>> Polling::lose(const std::vector<Wanted>& wanted, model::Quality quality, std::stop_token stop) {
  const Timestamp when = context_.clock.now();
  for (const Wanted& w : wanted) {
    if (const auto sample = filter_->lose(w.entry, quality, when)) {
      KZ_CO_CHECK(co_await writer_.put(*sample, when, {}, stop));
    }
  }
  co_return {};
}

net::Task<Result<>> Polling::lose_all(model::Quality quality, std::stop_token stop) {
  for (Group& group : groups_) {
    for (Request& request : group.requests) KZ_CO_CHECK(co_await lose(request.read.wanted, quality, stop));
  }
  co_return co_await writer_.flush(stop);
}

net::Task<Result<>> Polling::lose_configured_wrong(std::stop_token stop) {
  std::vector<Wanted> wrong;
  const auto& points = filter_->map().points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool sound = addresses_[i] && points[i].device < units_.size() && units_[points[i].device].usable;
    if (!sound) wrong.push_back({.entry = i});
  }
  co_return co_await lose(wrong, model::quality::kBadConfiguration, stop);
}

net::Task<Result<>> Polling::adopt_new_map(std::stop_token stop) {
  auto map = context_.points();
  if (!filter_ || map->revision != filter_->map().revision) {
    load(std::move(map));
    KZ_CO_CHECK(co_await lose_configured_wrong(stop));
  }
  co_return {};
}

net::Task<Result<>> Polling::run(std::stop_token stop) {
  const std::stop_callback on_stop(stop, [this] { session_.close(); });
  while (!stop.stop_requested()) {
    KZ_CO_CHECK(co_await adopt_new_map(stop));
    const bool was_good = session_.answers() > 0;
    if (!failing_) report(LinkState::connecting, nullptr);  // else each attempt would be news
    auto outcome = co_await session_.connect(stop);
    if (outcome) {
      counters_.reconnects.add();
      outcome = co_await connected(stop);
    } else if (was_good) {
      session_.adopt(nullptr);  // its answers count no more
    }
    session_.close();
    if (stop.stop_requested()) break;
    KZ_ASSERT(!outcome);
    const Error& error = outcome.error();
    counters_.error(error, context_.clock.now());
    if (error.slug() == "stream.stopped") co_return outcome;
    // A connection that worked is renewed at once, as is one that was idle until its first request: many
    // devices close those. Only when that fails or brings nothing the points count as lost.
    const bool first_drop = std::exchange(first_drop_, false);
    if (error.slug() != "modbus.silent" && (first_drop || session_.answers() > 0)) continue;
    failing_ = true;
    report(LinkState::backoff, &error);
    for (const Unit& unit : units_) {
      if (unit.usable) context_.observer.device_state(unit.id, LinkState::offline, &error);
    }
    KZ_CO_CHECK(co_await lose_all(model::quality::kBadNotConnected, stop));
    (void)co_await context_.loop.sleep(back_off_.failed(now()), stop);  // ends early when stopped
  }
  (void)co_await writer_.flush(stop);  // one last try; what cannot go is counted as lost
  co_return {};
}

// Until the connection is lost.
net::Task<Result<>> Polling::connected(std::stop_token stop) {
  for (Unit& unit : units_) {
    unit.breaker.probe_now();
    unit.online = false;
  }
  if (groups_.empty()) {
    failing_ = false;
    report_link();
  }
  for (;;) {
    if (stop.stop_requested()) co_return fail(Errc::cancelled, "net.cancelled");
    KZ_CO_CHECK(co_await adopt_new_map(stop));
    const Monotonic at = now();
    auto group = std::exchange(interrupted_, std::nullopt);
    if (!group) group = schedule_.take_due(at);
    if (group) {
      KZ_CO_CHECK(co_await poll(*group, stop));
      if (all_silent()) co_return fail(silent_error(settings_));
      counters_.overruns.add(schedule_.overruns() - std::exchange(overruns_seen_, schedule_.overruns()));
      counters_.suppressed.add(filter_->suppressed() - std::exchange(suppressed_seen_, filter_->suppressed()));
    }
    const Timestamp told = context_.clock.now();
    for (const auto& [sample, text] : filter_->settle(told)) {  // only when our clock was set back
      KZ_CO_CHECK(co_await writer_.put(sample, told, text, stop));
    }
    const Monotonic next = schedule_.next_due();
    const bool busy = next <= now() + std::chrono::milliseconds(20);
    if (!busy || writer_.due(context_.clock.now())) KZ_CO_CHECK(co_await writer_.flush(stop));
    const Monotonic wake = std::min(next, at + kLongestSleep);
    if (wake > now()) KZ_CO_CHECK(co_await context_.loop.sleep(wake - now(), stop));
  }
}

bool Polling::all_silent() const {
  bool any = false;
  for (const Group& group : groups_) {
    if (!units_[group.unit].breaker.open()) return false;
    any = true;
  }
  return any;
}

bool Polling::may_ask(Unit& unit) const {
  if (!unit.breaker.open()) return true;
  return (session_.answers() == 0 || probes_.allow(now())) && unit.breaker.allow(now());
}

void Polling::answered(Unit& unit) {
  ++answers_;
  back_off_.connected(now());
  (void)unit.breaker.answered();  // whether it was open does not matter: it was not online
  failing_ = false;
  if (std::exchange(unit.online, true)) return;
  context_.observer.device_state(unit.id, LinkState::online, nullptr);
  report_link();
}

net::Task<Result<>> Polling::poll(std::size_t group_index, std::stop_token stop) {
  Group& group = groups_[group_index];
  Unit& unit = units_[group.unit];
  // Splitting makes the list longer while it is walked.
  for (std::size_t i = 0; i < group.requests.size(); ++i) {
    if (group.requests[i].not_before > now()) continue;
    if (!may_ask(unit)) co_return {};
    const auto outcome = co_await read(group, i, stop);
    if (outcome) continue;
    if (outcome.error().slug() == "modbus.unit_silent") co_return {};  // not its turn any more
    if (lost_connection(outcome.error()) && !stop.stop_requested()) {
      interrupted_ = group_index;
      if (reply_.sent) KZ_CO_CHECK(co_await dropped(group, i, stop));
    }
    co_return outcome;
  }
  co_return {};
}

// The connection went while this was asked. Once is nothing: many devices close what was idle, so the
// group is asked again with the next connection. But some firmware resets on a request it cannot stand;
// that one must not keep the others from being asked.
net::Task<Result<>> Polling::dropped(Group& group, std::size_t index, std::stop_token stop) {
  Request& request = group.requests[index];
  if (request.drops == 0 || request.answers_then != answers_) ++request.blamed;
  request.answers_then = answers_;
  first_drop_ = ++request.drops == 1;
  if (first_drop_) co_return {};
  // Rest, so that the others get their turn.
  const Duration rest = kFirstRest * (1u << std::min(request.drops - 2, 6u));
  request.not_before = now() + std::min<Duration>(rest, settings_.reconnect_max);
  if (request.blamed < kDropsToLose) co_return {};
  const Error error = Error(Errc::unavailable, "modbus.drops_connection")
                          .with(karez::format("unit {} ends the connection whenever {} from {} on are asked",
                                              units_[group.unit].settings.unit,
                                              is_bits(request.read.area) ? "bits" : "registers", request.read.offset))
                          .cure("Check the addresses, or lower the registers per request in the device's settings.");
  if (auto parts = split(request.read); !parts.empty()) {
    const std::size_t count = parts.size();
    replace(group, index, std::move(parts));
    for (std::size_t i = index; i < index + count; ++i) {  // under suspicion: once more is enough
      group.requests[i].drops = group.requests[i].blamed = kDropsToLose - 1;
      group.requests[i].answers_then = answers_;
    }
  } else {
    request.blamed = kDropsToLose - 1;
    request.not_before = now() + kRetryRefused;
    KZ_CO_CHECK(co_await lose(request.read.wanted, model::quality::kBadCommunication, stop));
  }
  co_return std::unexpected(error);
}

void Polling::replace(Group& group, std::size_t index, std::vector<ReadRequest> parts) {
  const auto at = [&] { return group.requests.begin() + static_cast<std::ptrdiff_t>(index); };
  group.requests.erase(at());
  std::vector<Request> fresh;
  for (ReadRequest& part : parts) fresh.push_back({std::move(part)});
  group.requests.insert(at(), std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
}

net::Task<Result<>> Polling::read(Group& group, std::size_t index, std::stop_token stop) {
  Unit& unit = units_[group.unit];
  const ReadRequest& wanted = group.requests[index].read;
  const bool probe = unit.breaker.open();
  const Monotonic started = now();
  for (unsigned tries = 0;; ++tries) {
    if (tries > 0) counters_.retries.add();
    auto outcome = co_await session_.ask(unit.settings.unit, read_request(wanted.area, wanted.offset, wanted.quantity),
                                         timeout_of(unit), reply_);
    if (outcome) {
      answered(unit);
      Request& request = group.requests[index];
      request.failures = request.drops = request.blamed = 0;
      request.not_before = {};
      co_return co_await store(wanted, unit.settings, reply_, stop);
    }
    Error error = std::move(outcome).error();
    if (lost_connection(error)) co_return std::unexpected(std::move(error));
    const bool no_answer = error.code() == Errc::timeout || error.slug().starts_with("modbus.gateway_");
    if (!no_answer) {
      answered(unit);
      co_return co_await failed(group, index, std::move(error), stop);
    }
    counters_.error(error, context_.clock.now());
    if (probe) probes_.spent(now(), now() - started);
    if (unit.breaker.timed_out(now())) co_return co_await silent(group.unit, stop);
    if (probe || tries >= settings_.retries) co_return fail(Errc::timeout, "modbus.unit_silent");
  }
}

// The breaker has just opened.
net::Task<Result<>> Polling::silent(std::size_t unit_index, std::stop_token stop) {
  const Error error = Error(Errc::timeout, "modbus.unit_silent")
                          .with(karez::format("unit {} did not answer {} times in a row",
                                              units_[unit_index].settings.unit, Breaker::Options{}.threshold))
                          .cure("Check that the device is on, and its unit number and wiring.");
  counters_.breaker_openings.add();
  units_[unit_index].online = false;
  context_.observer.device_state(units_[unit_index].id, LinkState::offline, &error);
  for (Group& group : groups_) {
    if (group.unit != unit_index) continue;
    for (Request& request : group.requests) {
      KZ_CO_CHECK(co_await lose(request.read.wanted, model::quality::kBadTimeout, stop));
    }
  }
  if (!all_silent()) report_link();
  co_return std::unexpected(error);
}

// An answer, but not the wanted one.
net::Task<Result<>> Polling::failed(Group& group, std::size_t index, Error error, std::stop_token stop) {
  counters_.error(error, context_.clock.now());
  const std::string_view slug = error.slug();
  if (slug == "modbus.illegal_address" || slug == "modbus.illegal_value" || slug == "modbus.illegal_function") {
    co_return co_await refused(group, index, std::move(error), stop);
  }
  Request& request = group.requests[index];
  if (++request.failures < kFailuresToLose) co_return {};
  co_return co_await lose(request.read.wanted, quality_of(error), stop);
}

net::Task<Result<>> Polling::refused(Group& group, std::size_t index, Error error, std::stop_token stop) {
  if (error.slug() != "modbus.illegal_function") {
    std::vector<ReadRequest> parts = split(group.requests[index].read);
    if (!parts.empty()) {
      // The parts are asked in this same turn: the first in place of the whole, by walking on from the end.
      replace(group, index, std::move(parts));
      co_return co_await read(group, index, stop);
    }
  }
  group.requests[index].not_before = now() + kRetryRefused;
  co_return co_await lose(group.requests[index].read.wanted, quality_of(error), stop);
}

net::Task<Result<>> Polling::store(const ReadRequest& read, const DeviceSettings& settings, const Reply& reply,
                                   std::stop_token stop) {
  for (const Wanted& w : read.wanted) {
    const unsigned at = w.offset - unsigned{read.offset};
    const PointAddress& address = *addresses_[w.entry];
    Result<RawValue> raw = is_bits(read.area) ? RawValue::of(packed_bit(reply.data(), at))
                                              : decode_registers(address, settings.order,
                                                                 reply.data().subspan(2 * at, 2u * w.span), text_);
    std::optional<model::Sample> sample;
    if (raw) {
      sample = filter_->convert(w.entry, *raw, model::quality::kGood, reply.received);
    } else {
      sample = filter_->lose(w.entry, model::quality::kBadOutOfRange, reply.received);
    }
    if (!sample) {
      seen_.push_back(filter_->map().points[w.entry].id);
      continue;
    }
    const std::string_view text = raw ? raw->text : std::string_view();
    if (!writer_.add(*sample, reply.received, text)) {
      KZ_CO_CHECK(co_await writer_.put(*sample, reply.received, text, stop));
    }
  }
  if (context_.seen && !seen_.empty()) context_.seen(seen_, reply.received);
  seen_.clear();
  co_return {};
}

}  // namespace karez::connect::modbus
