// SPDX-License-Identifier: Apache-2.0
#include "connect/modbus/settings.h"

#include "base/format.h"
#include "base/json.h"

namespace karez::connect::modbus {
namespace {

std::unexpected<Error> bad(std::string_view name, std::string_view what) {
  return std::unexpected(Error(Errc::invalid_argument, "modbus.bad_config").with(what).at("/" + std::string(name)));
}

Result<> whole(std::string_view name, const JsonValue& value, std::int64_t low, std::int64_t high, auto set) {
  const auto number = value.integer();
  if (!number || *number < low || *number > high) {
    return bad(name, karez::format("{} must be a whole number from {} to {}", name, low, high));
  }
  set(*number);
  return {};
}

auto into_ms(Duration& out) {
  return [&out](std::int64_t ms) { out = std::chrono::milliseconds(ms); };
}
auto into(auto& out) {
  return [&out](std::int64_t n) { out = static_cast<std::remove_reference_t<decltype(out)>>(n); };
}

Result<> link_member(LinkSettings& out, std::string_view name, const JsonValue& value) {
  if (name == "host") {
    const auto host = value.string();
    if (!host || host->empty() || host->size() > 253) return bad(name, "host must be a name or an IP address");
    out.host = *host;
    return {};
  }
  if (name == "port") return whole(name, value, 1, 65535, into(out.port));
  if (name == "framing") {
    const auto text = value.string();
    if (text != "tcp" && text != "rtu") return bad(name, "framing must be \"tcp\" or \"rtu\"");
    out.framing = text == "rtu" ? Framing::rtu : Framing::mbap;
    return {};
  }
  if (name == "connect_timeout_ms") return whole(name, value, 100, 60'000, into_ms(out.connect_timeout));
  if (name == "timeout_ms") return whole(name, value, 10, 60'000, into_ms(out.timeout));
  if (name == "retries") return whole(name, value, 0, 5, into(out.retries));
  if (name == "reconnect_max_s") {
    return whole(name, value, 1, 3600, [&](std::int64_t s) { out.reconnect_max = std::chrono::seconds(s); });
  }
  if (name == "pause_after_connect_ms") return whole(name, value, 0, 10'000, into_ms(out.pause_after_connect));
  if (name == "pause_between_ms") return whole(name, value, 0, 10'000, into_ms(out.pause_between));
  return bad(name, karez::format("a Modbus link has no setting named {}", name));
}

Result<> device_member(DeviceSettings& out, std::string_view name, const JsonValue& value) {
  if (name == "unit") return whole(name, value, 0, 255, into(out.unit));
  if (name == "order") {
    const auto text = value.string();
    const auto order = text && text->size() == 4 ? parse_order(*text) : std::nullopt;
    if (!order) return bad(name, "order must be abcd, badc, cdab or dcba");
    out.order = *order;
    return {};
  }
  if (name == "max_registers") return whole(name, value, 1, kMaxReadRegisters, into(out.limits.max_registers));
  if (name == "max_bits") return whole(name, value, 1, kMaxReadBits, into(out.limits.max_bits));
  if (name == "hole_registers") return whole(name, value, 0, kMaxReadRegisters, into(out.limits.hole_registers));
  if (name == "hole_bits") return whole(name, value, 0, kMaxReadBits, into(out.limits.hole_bits));
  if (name == "timeout_ms") return whole(name, value, 0, 60'000, into_ms(out.timeout));
  if (name == "single_writes") {
    const auto on = value.boolean();
    if (!on) return bad(name, "single_writes must be true or false");
    out.single_writes = *on;
    return {};
  }
  return bad(name, karez::format("a Modbus device has no setting named {}", name));
}

template <class Settings>
Result<Settings> parse(std::string_view json, Result<> (*member)(Settings&, std::string_view, const JsonValue&)) {
  KZ_TRY(const JsonDocument document, JsonDocument::parse(json.empty() ? "{}" : json));
  if (!document.root().is_object()) return bad("", "the configuration must be an object");
  Settings out;
  for (const auto& [name, value] : document.root().members()) KZ_CHECK(member(out, name, value));
  return out;
}

}  // namespace

Result<LinkSettings> parse_link(std::string_view json) {
  KZ_TRY(LinkSettings out, parse<LinkSettings>(json, link_member));
  if (out.host.empty()) return bad("host", "host is missing");
  return out;
}

Result<DeviceSettings> parse_device(std::string_view json) { return parse<DeviceSettings>(json, device_member); }

}  // namespace karez::connect::modbus
