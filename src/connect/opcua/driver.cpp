// SPDX-License-Identifier: Apache-2.0
#include "connect/driver.h"

#include "connect/opcua/probe.h"
#include "connect/opcua/session.h"

namespace karez::connect::opcua {
namespace {

constexpr Duration kMapCheck = std::chrono::milliseconds(200), kLastFlush = std::chrono::seconds(2);

class OpcUaDriver final : public Driver {
 public:
  OpcUaDriver(net::Loop& loop, Log& log) : loop_(loop), log_(log) {}
  // Threads end here and not on the loop, which must not wait for them.
  ~OpcUaDriver() override {
    // Its client must die on its own thread; the guest joins after the job ran.
    if (probe_guest_ && probe_) (void)probe_guest_->post([probe = std::move(probe_)]() mutable { probe.reset(); });
  }

  Result<Address> validate(std::string_view text) const override {
    KZ_TRY(const auto address, parse_address(text));
    return Address{.canonical = address.canonical(), .type = model::ValueType::float64, .writable = true};
  }

  net::Task<Result<TestReport>> test(LinkConfig link, std::shared_ptr<const PointMap> points,
                                     net::Deadline deadline) override {
    KZ_CO_TRY(const auto settings, parse_settings(link.config));
    co_return co_await OnGuest(probe_guest(), loop_,
                               [&] { return Probe(*probe_guest_, settings).test(*points, deadline); });
  }

  net::Task<Result<BrowsePage>> browse(LinkConfig link, BrowseRequest request, net::Deadline deadline) override {
    KZ_CO_TRY(const auto settings, parse_settings(link.config));
    co_return co_await OnGuest(probe_guest(), loop_, [&] {
      if (!probe_) probe_ = std::make_unique<Probe>(*probe_guest_, settings);
      return probe_->browse(request, deadline);
    });
  }

  net::Task<Result<>> run(LinkConfig link, DriverContext& context, std::stop_token stop) override {
    KZ_CO_TRY(const auto settings, parse_settings(link.config));
    if (!guest_) guest_ = Guest::shared(log_);
    KZ_CO_CHECK(co_await OnGuest(*guest_, loop_, [&]() -> Result<> {
      session_ = std::make_unique<Session>(*guest_, settings, context, counters_);
      return {};
    }));
    while (!stop.stop_requested()) (void)co_await loop_.sleep(kMapCheck, stop);  // cancelled means: stop
    const net::Deadline patience = net::Deadline::after(kLastFlush);
    while (true) {
      const auto ended = co_await OnGuest(*guest_, loop_, [&]() -> Result<bool> {
        if (!session_->finish() && !patience.passed()) return false;
        session_.reset();
        return true;
      });
      if (ended && *ended) break;  // it must end whatever the queue says
      (void)co_await loop_.sleep(std::chrono::milliseconds(10));
    }
    co_return Result<>{};
  }

  net::Task<Result<std::vector<WriteResult>>> write(std::vector<Write> writes, net::Deadline deadline) override {
    if (!guest_) co_return fail(Errc::unavailable, "connect.offline", "The link does not run.");
    co_return co_await OnGuest(*guest_, loop_, [&]() -> Result<std::vector<WriteResult>> {
      if (!session_) return fail(Errc::unavailable, "connect.offline", "The link does not run.");
      return session_->write(writes, deadline);
    });
  }

  LinkStats stats() const override { return counters_.snapshot(); }

 private:
  Guest& probe_guest() {
    if (!probe_guest_) probe_guest_ = std::make_unique<Guest>(log_);
    return *probe_guest_;
  }

  net::Loop& loop_;
  Log& log_;
  LinkCounters counters_;
  std::shared_ptr<Guest> guest_;        // loop thread; one for each driver, so that `shared` can count them
  std::unique_ptr<Session> session_;    // guest thread
  std::unique_ptr<Guest> probe_guest_;  // loop thread
  std::unique_ptr<Probe> probe_;        // probe guest's thread
};

constexpr const char* kLinkSchema = R"json({
  "type": "object", "additionalProperties": false, "required": ["endpoint"],
  "properties": {
    "endpoint": {"type": "string", "pattern": "^opc\\.tcp://[^ ]+$", "maxLength": 1024,
      "x-label": {"en": "Endpoint", "zh": "端点地址"}, "examples": ["opc.tcp://10.20.3.11:4840"],
      "x-help": {"en": "Address of the OPC UA server.", "zh": "OPC UA 服务器的地址。"}},
    "user": {"type": "string", "maxLength": 128, "default": "",
      "x-label": {"en": "User", "zh": "用户名"},
      "x-help": {"en": "Empty: anonymous.", "zh": "留空为匿名登录。"}},
    "password": {"type": "string", "maxLength": 256, "default": "", "format": "password", "x-secret": true,
      "x-label": {"en": "Password", "zh": "密码"}},
    "publishing_ms": {"type": "integer", "minimum": 10, "maximum": 3600000, "default": 500, "x-unit": "ms", "x-advanced": true,
      "x-label": {"en": "Publishing interval", "zh": "发布周期"},
      "x-help": {"en": "How often the server sends what it sampled.", "zh": "服务器发送采样数据的周期。"}},
    "queue_size": {"type": "integer", "minimum": 1, "maximum": 100000, "default": 100, "x-advanced": true,
      "x-label": {"en": "Queue per point", "zh": "每点队列长度"},
      "x-help": {"en": "Values the server keeps between two sendings.", "zh": "两次发送之间服务器保留的数值个数。"}},
    "every_change": {"type": "boolean", "default": false, "x-advanced": true,
      "x-label": {"en": "Every change", "zh": "逐次变化"},
      "x-help": {"en": "Asks for each change of a value instead of sampling in the period of the point.",
                 "zh": "请求每一次数值变化，而不按点的周期采样。"}},
    "timeout_ms": {"type": "integer", "minimum": 100, "maximum": 120000, "default": 5000, "x-unit": "ms", "x-advanced": true,
      "x-label": {"en": "Answer within", "zh": "应答超时"}}
  }})json";

constexpr const char* kDeviceSchema = R"json({"type": "object", "additionalProperties": false, "properties": {}})json";

constexpr const char* kAddressSchema = R"json({
  "type": "string", "maxLength": 4096, "x-label": {"en": "Node id", "zh": "节点标识"},
  "pattern": "^(ns=[0-9]+;|nsu=[^;]+;)?[isgb]=.+$",
  "examples": ["ns=2;s=Line1.Filler.Temp", "ns=3;i=1001", "nsu=http://example.com/ua;s=Speed"],
  "x-help": {"en": "As the server's browser shows it; nsu= survives a renumbering of namespaces.",
             "zh": "与服务器浏览结果一致；使用 nsu= 可避免命名空间编号变化的影响。"}})json";

std::unique_ptr<Driver> create(net::Loop& loop, Clock&, Log& log) { return std::make_unique<OpcUaDriver>(loop, log); }

}  // namespace
}  // namespace karez::connect::opcua

namespace karez::connect {

const DriverInfo& opcua_driver() {
  static constexpr DriverInfo kInfo{.id = "opcua",
                                    .name_en = "OPC UA",
                                    .name_zh = "OPC UA",
                                    .can_browse = true,
                                    .can_write = true,
                                    .subscribes = true,
                                    .link_schema = opcua::kLinkSchema,
                                    .device_schema = opcua::kDeviceSchema,
                                    .address_schema = opcua::kAddressSchema,
                                    .create = opcua::create};
  return kInfo;
}

}  // namespace karez::connect
