// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/config.h"

#include <unistd.h>

#include <array>

#include "base/format.h"
#include "base/json.h"
#include "base/text.h"

namespace karez::connect::mqtt {
namespace {

std::unexpected<Error> wrong(std::string_view pointer, std::string_view text) {
  return fail(Error(Errc::invalid_argument, "mqtt.link_config").with(text).at(pointer));
}

Result<std::int64_t> number(const JsonDocument& config, const char* name, std::int64_t usual, std::int64_t least,
                            std::int64_t most) {
  const auto value = config[name];
  if (!value) return usual;
  const auto n = value.integer();
  if (!n || *n < least || *n > most) {
    return wrong(karez::format("/{}", name), karez::format("a whole number from {} to {}", least, most));
  }
  return *n;
}

bool flag(const JsonDocument& config, const char* name, bool usual) { return config[name].boolean().value_or(usual); }

std::string text(const JsonDocument& config, const char* name) {
  return std::string(config[name].string().value_or(""));
}

/// Stable over restarts, so that the broker finds our session, and different on each machine.
std::string usual_client_id(const LinkConfig& link) {
  std::array<char, 64> host{};
  (void)gethostname(host.data(), host.size() - 1);  // an empty name will do
  return karez::format("karez-{}-{}", host.data(), link.id ? to_string(link.id) : random_hex(4));
}

}  // namespace

Result<LinkSettings> parse_link(const LinkConfig& link) {
  KZ_TRY(const auto config, JsonDocument::parse(link.config));
  LinkSettings out;
  out.endpoint.host = text(config, "host");
  if (out.endpoint.host.empty()) return wrong("/host", "the broker's name or address is missing");
  const bool tls = flag(config, "tls", false);
  KZ_TRY(const auto port, number(config, "port", tls ? 8883 : 1883, 1, 65535));
  out.endpoint.port = static_cast<std::uint16_t>(port);
  if (tls) {
    out.endpoint.tls = net::TlsOptions{text(config, "tls_server_name"), text(config, "ca_pem"),
                                       text(config, "certificate_pem"), text(config, "key_pem")};
  }
  const auto mode = config["mode"].string().value_or("json");
  if (mode != "json" && mode != "sparkplug") return wrong("/mode", "json or sparkplug");
  out.mode = mode == "json" ? LinkSettings::Mode::json : LinkSettings::Mode::sparkplug;
  const auto version = config["version"].string().value_or("5");
  if (version != "5" && version != "3.1.1") return wrong("/version", "5 or 3.1.1");
  auto& connect = out.connect;
  connect.version = version == "5" ? Version::v5 : Version::v311;
  connect.client_id = text(config, "client_id");
  if (connect.client_id.empty()) connect.client_id = usual_client_id(link);
  if (config["user"].string() && !text(config, "user").empty()) connect.user = text(config, "user");
  if (!text(config, "password").empty()) connect.password = text(config, "password");
  if (connect.password && !connect.user && connect.version == Version::v311) {
    return wrong("/user", "MQTT 3.1.1 sends a password only together with a user");
  }
  KZ_TRY(const auto keep_alive, number(config, "keep_alive_s", 30, 5, 3600));
  connect.keep_alive_s = static_cast<std::uint16_t>(keep_alive);
  KZ_TRY(const auto expiry, number(config, "session_expiry_s", 86400, 0, 4294967295));
  KZ_TRY(const auto receive, number(config, "receive_maximum", 1000, 1, 65535));
  connect.receive_maximum = static_cast<std::uint16_t>(receive);
  // Sparkplug asks host applications for a clean session (5.7).
  connect.clean = out.mode == LinkSettings::Mode::sparkplug || flag(config, "clean", false);
  connect.session_expiry_s = connect.clean ? 0 : static_cast<std::uint32_t>(expiry);
  KZ_TRY(const auto packet, number(config, "max_packet_bytes", kDefaultMaxPacket, 1024, 16 << 20));
  out.max_packet = static_cast<std::size_t>(packet);
  KZ_TRY(const auto qos, number(config, "qos", 1, 0, 2));
  out.qos = static_cast<std::uint8_t>(qos);
  out.host_id = text(config, "host_id");
  if (out.host_id.find_first_of("/+#") != std::string::npos || !is_utf8(out.host_id)) {
    return wrong("/host_id", "a host id holds none of / + #");
  }
  return out;
}

}  // namespace karez::connect::mqtt
