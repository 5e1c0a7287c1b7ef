// SPDX-License-Identifier: Apache-2.0
#include "connect/driver.h"

#include "connect/modbus/poll.h"
#include "connect/modbus/trial.h"

namespace karez::connect {
namespace modbus {
namespace {

class ModbusDriver final : public Driver {
 public:
  ModbusDriver(net::Loop& loop, Clock& clock) : loop_(loop), clock_(clock) {}

  Result<Address> validate(std::string_view text) const override {
    KZ_TRY(const PointAddress address, parse_address(text));
    Address out;
    out.canonical = canonical(address);
    out.type = natural_type(address.type);
    out.writable = is_writable(address.area);
    return out;
  }

  net::Task<Result<TestReport>> test(LinkConfig link, std::shared_ptr<const PointMap> points,
                                     net::Deadline deadline) override {
    co_return co_await try_link(loop_, clock_, std::move(link), std::move(points), deadline);
  }

  net::Task<Result<BrowsePage>> browse(LinkConfig, BrowseRequest, net::Deadline) override {
    co_return fail(Error(Errc::unsupported, "connect.unsupported")
                       .with("Modbus devices do not tell what they hold")
                       .cure("Enter the registers of the device's manual, or import them as CSV."));
  }

  net::Task<Result<>> run(LinkConfig link, DriverContext& context, std::stop_token stop) override {
    KZ_CO_TRY(const LinkSettings settings, parse_link(link.config));
    Polling polling(link, settings, context, counters_);
    polling_ = &polling;
    auto outcome = co_await polling.run(stop);
    polling_ = nullptr;
    while (writing_ > 0) (void)co_await loop_.sleep(std::chrono::milliseconds(1));  // they end: the session is closed
    counters_.state(LinkState::disabled);
    co_return outcome;
  }

  net::Task<Result<std::vector<WriteResult>>> write(std::vector<Write> writes, net::Deadline deadline) override {
    if (polling_ == nullptr) {
      co_return fail(
          Error(Errc::unavailable, "connect.not_running").with("the link does not run, so nothing was written"));
    }
    ++writing_;
    auto results = co_await polling_->write(std::move(writes), deadline);
    --writing_;
    co_return results;
  }

  LinkStats stats() const override { return counters_.snapshot(); }

 private:
  net::Loop& loop_;
  Clock& clock_;
  LinkCounters counters_;
  Polling* polling_ = nullptr;  ///< while `run` runs
  int writing_ = 0;
};

}  // namespace
}  // namespace modbus

const DriverInfo& modbus_driver() {
  static constexpr auto create = [](net::Loop& loop, Clock& clock, Log&) -> std::unique_ptr<Driver> {
    return std::make_unique<modbus::ModbusDriver>(loop, clock);
  };
  static const DriverInfo info{"modbus",
                               "Modbus TCP",
                               "Modbus TCP",
                               false,
                               true,
                               false,
                               modbus::kLinkSchema,
                               modbus::kDeviceSchema,
                               modbus::kAddressSchema,
                               create};
  return info;
}

}  // namespace karez::connect
