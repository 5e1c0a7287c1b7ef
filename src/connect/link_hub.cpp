// SPDX-License-Identifier: Apache-2.0
#include "connect/link_hub.h"

#include <atomic>
#include <mutex>
#include <unordered_map>

#include "base/format.h"
#include "net/blocking.h"

namespace karez::connect {
namespace {

// What is known of a link's and its devices' state; passes changes on.
class StatusBoard final : public LinkObserver {
 public:
  StatusBoard(const LinkConfig& link, Clock& clock, const StateListener& listener)
      : tenant_(link.tenant), link_(link.id), clock_(clock), listener_(listener) {}

  void link_state(LinkState state, const Error* reason) override { change({}, state, reason); }
  void device_state(model::DeviceId device, LinkState state, const Error* reason) override {
    change(device, state, reason);
  }

  void fill(LinkStatus& status) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [device, known] : known_) {
      if (device) {
        status.devices.push_back(known);
      } else {
        status.state = known.state;
        status.reason_slug = known.reason_slug;
        status.reason_text = known.reason_text;
        status.since = known.since;
      }
    }
    std::ranges::sort(status.devices, {}, &DeviceStatus::device);
  }

  // Devices that a new map no longer has.
  void keep_only(const PointMap& map) {
    const std::lock_guard lock(mutex_);
    std::erase_if(known_, [&](const auto& item) {
      return item.first && std::ranges::none_of(map.devices, [&](const auto& d) { return d.id == item.first; });
    });
  }

 private:
  static bool waits(LinkState state) {
    return state == LinkState::connecting || state == LinkState::backoff || state == LinkState::offline;
  }
  void change(model::DeviceId device, LinkState state, const Error* reason) {
    DeviceStatus now{device, state, {}, {}, clock_.now()};
    if (reason != nullptr) {
      now.reason_slug = reason->slug();
      now.reason_text = reason->text();  // the cure is told by the slug, in the language of the reader
    }
    {
      const std::lock_guard lock(mutex_);
      const auto [at, fresh] = known_.try_emplace(device);
      DeviceStatus& known = at->second;
      if (!fresh && known.state == state) {
        // The newest reason is worth showing, but nothing happened that anybody must be told.
        if (reason != nullptr) {
          known.reason_slug = now.reason_slug;
          known.reason_text = now.reason_text;
        }
        return;
      }
      // Retries go through several states; what people ask is since when there is no connection.
      if (!fresh && waits(known.state) && waits(state)) now.since = known.since;
      known = now;
    }
    if (listener_) listener_(tenant_, link_, device, state, std::move(now.reason_slug), std::move(now.reason_text));
  }

  model::TenantId tenant_;
  model::LinkId link_;
  Clock& clock_;
  const StateListener& listener_;
  mutable std::mutex mutex_;
  std::unordered_map<model::DeviceId, DeviceStatus> known_;
};

// A link that runs. Shared by the hub and by calls under way for it.
struct Running {
  Running(const LinkConfig& l, std::string d, net::Loop& on, Clock& clock, const StateListener& listener)
      : link(l), driver_id(std::move(d)), loop(on), board(l, clock, listener) {}
  LinkConfig link;
  std::string driver_id;
  net::Loop& loop;
  StatusBoard board;
  std::mutex points_mutex;
  std::shared_ptr<const PointMap> points;
  std::unique_ptr<Driver> driver;
  std::optional<DriverContext> context;
  std::optional<net::TaskScope> scope;

  std::shared_ptr<const PointMap> newest() {
    const std::lock_guard lock(points_mutex);
    return points;
  }
  void replace(std::shared_ptr<const PointMap> map) {
    board.keep_only(*map);
    const std::lock_guard lock(points_mutex);
    points = std::move(map);
  }
};

// One per link that ever ran: its source and the count of its blocks outlive restarts.
struct Slot {
  std::mutex changing;  ///< held while it is started or stopped
  model::SourceId source;
  std::uint64_t next_seq = 1;
  std::shared_ptr<Running> running;  ///< read and written under the hub's mutex
};

}  // namespace

struct LinkHub::Impl {
  Impl(Options options, const std::vector<const DriverInfo*>& d, model::SampleSink& o, model::BatchPool& b, Clock& c,
       Log& l, StateListener s)
      : drivers(d),
        out(o),
        blocks(b),
        clock(c),
        log(l),
        listener(std::move(s)),
        seen(std::move(options.seen)),
        next_source(options.first_source) {
    for (unsigned i = 0; i < std::max(1u, options.loops); ++i) {
      loops.push_back(std::make_unique<net::Loop>(karez::format("io-{}", i)));
      errands.push_back(std::make_unique<net::TaskScope>(*loops.back()));
    }
  }

  std::vector<const DriverInfo*> drivers;
  model::SampleSink& out;
  model::BatchPool& blocks;
  Clock& clock;
  Log& log;
  StateListener listener;
  std::function<void(std::span<const model::PointId>, Timestamp)> seen;
  std::vector<std::unique_ptr<net::Loop>> loops;
  std::vector<std::unique_ptr<net::TaskScope>> errands;  ///< tests and browsing, one scope per loop

  mutable std::mutex mutex;
  std::unordered_map<model::LinkId, std::shared_ptr<Slot>> slots;
  std::unordered_map<std::string, std::unique_ptr<Driver>> validators;
  std::uint32_t next_source;
  std::size_t next_loop = 0;
  bool stopped = false;

  Result<const DriverInfo*> find(const std::string& id) const {
    for (const DriverInfo* info : drivers) {
      if (id == info->id) return info;
    }
    return fail(Error(Errc::not_found, "connect.unknown_driver").with("this build has no driver named " + id));
  }

  /// Nothing once the hub is stopped.
  std::shared_ptr<Slot> slot_of(model::LinkId link) {
    const std::lock_guard lock(mutex);
    if (stopped) return nullptr;
    std::shared_ptr<Slot>& slot = slots[link];
    if (!slot) {
      slot = std::make_shared<Slot>();
      slot->source = {next_source++};
    }
    return slot;
  }
  std::shared_ptr<Running> running_of(model::LinkId link) const {
    const std::lock_guard lock(mutex);
    const auto found = slots.find(link);
    return found == slots.end() ? nullptr : found->second->running;
  }
  std::size_t pick_loop() {
    const std::lock_guard lock(mutex);
    return next_loop++ % loops.size();
  }

  // Both with the slot's `changing` held.
  void start(Slot& slot, const LinkConfig& link, const DriverInfo& info, std::shared_ptr<const PointMap> points);
  void end(Slot& slot);
};

void LinkHub::Impl::start(Slot& slot, const LinkConfig& link, const DriverInfo& info,
                          std::shared_ptr<const PointMap> points) {
  const auto running = std::make_shared<Running>(link, info.id, *loops[pick_loop()], clock, listener);
  running->points = std::move(points);
  running->driver = info.create(running->loop, clock, log);
  running->context.emplace(DriverContext{out, blocks, running->board, running->loop, clock, log, slot.source,
                                         slot.next_seq, [r = running.get()] { return r->newest(); }, seen});
  running->scope.emplace(running->loop, [this, r = running.get()](const Error& error) {
    log.error("connect", "link {} ({}) ended: {}", to_string(r->link.id), r->link.name, error.message());
    r->board.link_state(LinkState::offline, &error);
  });
  running->board.link_state(LinkState::connecting, nullptr);
  running->scope->spawn(
      [r = running.get()](std::stop_token stop) { return r->driver->run(r->link, *r->context, stop); });
  const std::lock_guard lock(mutex);
  slot.running = running;
}

void LinkHub::Impl::end(Slot& slot) {
  std::shared_ptr<Running> running;
  {
    const std::lock_guard lock(mutex);
    running = std::exchange(slot.running, nullptr);
  }
  if (!running) return;
  running->scope->stop_and_join();
  running->board.link_state(LinkState::disabled, nullptr);
}

LinkHub::LinkHub(Options options, const std::vector<const DriverInfo*>& drivers, model::SampleSink& out,
                 model::BatchPool& blocks, Clock& clock, Log& log, StateListener listener)
    : impl_(std::make_unique<Impl>(options, drivers, out, blocks, clock, log, std::move(listener))) {}

LinkHub::~LinkHub() { stop(); }

Result<> LinkHub::apply(const LinkConfig& link, const std::string& driver, std::shared_ptr<const PointMap> points) {
  KZ_TRY(const DriverInfo* info, impl_->find(driver));
  const std::shared_ptr<Slot> slot = impl_->slot_of(link.id);
  if (!slot) return fail(Errc::cancelled, "connect.stopped");
  const std::lock_guard changing(slot->changing);
  const std::shared_ptr<Running> running = impl_->running_of(link.id);
  const bool ended = running && running->scope->running() == 0;
  if (running && !ended && running->driver_id == driver && running->link.config == link.config &&
      running->link.tenant == link.tenant) {
    running->replace(std::move(points));
    return {};
  }
  impl_->end(*slot);
  impl_->start(*slot, link, *info, std::move(points));
  return {};
}

void LinkHub::remove(model::LinkId link) {
  std::shared_ptr<Slot> slot;
  {
    const std::lock_guard lock(impl_->mutex);
    const auto found = impl_->slots.find(link);
    if (found == impl_->slots.end()) return;
    slot = found->second;
  }
  const std::lock_guard changing(slot->changing);
  impl_->end(*slot);
}

LinkStatus LinkHub::status(model::LinkId link) const {
  LinkStatus status;
  if (const auto running = impl_->running_of(link)) {
    running->board.fill(status);
    status.stats = running->driver->stats();
    status.stats.state = status.state;
  }
  return status;
}

Result<TestReport> LinkHub::test(const std::string& driver, const LinkConfig& link,
                                 std::shared_ptr<const PointMap> points, Duration timeout) {
  KZ_TRY(const DriverInfo* info, impl_->find(driver));
  const std::size_t on = impl_->pick_loop();
  const auto tested = info->create(*impl_->loops[on], impl_->clock, impl_->log);
  return net::run_blocking<TestReport>(
      *impl_->errands[on], [&](std::stop_token) { return tested->test(link, points, net::Deadline::after(timeout)); });
}

Result<BrowsePage> LinkHub::browse(const std::string& driver, const LinkConfig& link, const BrowseRequest& request,
                                   Duration timeout) {
  KZ_TRY(const DriverInfo* info, impl_->find(driver));
  if (!info->can_browse) {
    return fail(Error(Errc::unsupported, "connect.unsupported").with(driver + " devices cannot be browsed"));
  }
  const auto run = [&](net::TaskScope& scope, Driver& browsed) {
    return net::run_blocking<BrowsePage>(
        scope, [&](std::stop_token) { return browsed.browse(link, request, net::Deadline::after(timeout)); });
  };
  // A running link's own driver may use the session it has; many servers allow few.
  const auto running = link.id ? impl_->running_of(link.id) : nullptr;
  if (running && running->driver_id == driver && running->link.config == link.config) {
    return run(*running->scope, *running->driver);
  }
  const std::size_t on = impl_->pick_loop();
  const auto browsed = info->create(*impl_->loops[on], impl_->clock, impl_->log);
  return run(*impl_->errands[on], *browsed);
}

Result<Address> LinkHub::validate(const std::string& driver, std::string_view address) const {
  KZ_TRY(const DriverInfo* info, impl_->find(driver));
  Driver* validator = nullptr;
  {
    const std::lock_guard lock(impl_->mutex);
    std::unique_ptr<Driver>& kept = impl_->validators[driver];
    if (!kept) kept = info->create(*impl_->loops.front(), impl_->clock, impl_->log);
    validator = kept.get();
  }
  return validator->validate(address);
}

Result<std::vector<WriteResult>> LinkHub::write(model::LinkId link, std::vector<Write> writes, Duration timeout) {
  const auto running = impl_->running_of(link);
  if (!running || running->scope->running() == 0) {
    return fail(Error(Errc::unavailable, "connect.not_running").with("the link does not run, so nothing was written"));
  }
  return net::run_blocking<std::vector<WriteResult>>(
      *running->scope, [&](std::stop_token) { return running->driver->write(writes, net::Deadline::after(timeout)); });
}

void LinkHub::stop() {
  std::vector<std::shared_ptr<Slot>> slots;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopped = true;
    for (auto& [id, slot] : impl_->slots) {
      slots.push_back(slot);
      if (slot->running) slot->running->scope->request_stop();  // all at once, then wait for each
    }
  }
  for (const auto& slot : slots) {
    const std::lock_guard changing(slot->changing);
    impl_->end(*slot);
  }
  for (const auto& scope : impl_->errands) scope->stop_and_join();
}

}  // namespace karez::connect
