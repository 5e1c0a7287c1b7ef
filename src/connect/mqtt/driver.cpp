// SPDX-License-Identifier: Apache-2.0
#include "connect/driver.h"

#include "connect/mqtt/address.h"
#include "connect/mqtt/config.h"
#include "connect/mqtt/link_session.h"
#include "connect/mqtt/probe.h"

namespace karez::connect {
namespace {

using namespace mqtt;

/// What was heard is good for this long, so that unfolding a tree does not listen again for each node.
constexpr Duration kCatalogueLife = std::chrono::seconds(60);

class MqttDriver final : public Driver {
 public:
  MqttDriver(net::Loop& loop, Clock& clock) : loop_(loop), clock_(clock) {}

  Result<Address> validate(std::string_view address) const override {
    KZ_TRY(const auto parsed, parse_address(address));
    return Address{to_string(parsed), model::ValueType::float64, true};
  }

  net::Task<Result<TestReport>> test(LinkConfig link, std::shared_ptr<const PointMap> points,
                                     net::Deadline deadline) override {
    co_return co_await test_link(loop_, clock_, std::move(link), std::move(points), deadline);
  }

  net::Task<Result<BrowsePage>> browse(LinkConfig link, BrowseRequest request, net::Deadline deadline) override {
    const bool fresh = catalogue_ && std::chrono::steady_clock::now() - catalogue_->taken < kCatalogueLife;
    if (request.node.empty() && request.continuation.empty()) catalogue_.reset();  // the root again: refresh
    if (!fresh || !catalogue_) {
      KZ_CO_TRY(catalogue_, co_await take_catalogue(loop_, clock_, std::move(link), request.node, deadline));
    }
    co_return page_of(*catalogue_, request);
  }

  net::Task<Result<>> run(LinkConfig link, DriverContext& context, std::stop_token stop) override {
    KZ_CO_TRY(auto settings, parse_link(link));
    session_ = std::make_shared<LinkSession>(std::move(settings), link, context, counters_);
    auto ended = co_await session_->run(stop);
    session_.reset();
    co_return ended;
  }

  net::Task<Result<std::vector<WriteResult>>> write(std::vector<Write> writes, net::Deadline deadline) override {
    const auto session = session_;
    if (!session) co_return fail(Errc::unavailable, "connect.not_running", "the link does not run");
    co_return co_await session->write(std::move(writes), deadline);
  }

  LinkStats stats() const override { return counters_.snapshot(); }

 private:
  net::Loop& loop_;
  Clock& clock_;
  LinkCounters counters_;
  std::shared_ptr<LinkSession> session_;  ///< shared with writes under way when the link stops
  std::optional<Catalogue> catalogue_;
};

}  // namespace

const DriverInfo& mqtt_driver() {
  static const DriverInfo info{
      .id = "mqtt",
      .name_en = "MQTT and Sparkplug B",
      .name_zh = "MQTT 与 Sparkplug B",
      .can_browse = true,
      .can_write = true,
      .subscribes = true,
      .link_schema = kLinkSchema,
      .device_schema = kDeviceSchema,
      .address_schema = kAddressSchema,
      .create = [](net::Loop& loop, Clock& clock, Log&) -> std::unique_ptr<Driver> {
        return std::make_unique<MqttDriver>(loop, clock);
      },
  };
  return info;
}

}  // namespace karez::connect
