// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/reason.h"

#include "base/format.h"

namespace karez::connect::mqtt {
namespace {

struct Reason {
  std::uint8_t code;
  Errc kind;
  const char *text, *cure;
};

/// MQTT 5.0, table 2-6, as far as a client meets them.
constexpr Reason kReasons[] = {
    {0x04, Errc::unavailable, "the broker closed with the will", ""},
    {0x80, Errc::unavailable, "the broker gave no reason", "Look into the broker's log."},
    {0x81, Errc::protocol, "the broker could not read our packet", "Try the other protocol version."},
    {0x82, Errc::protocol, "the broker says we broke the protocol", "Look into the broker's log."},
    {0x83, Errc::unavailable, "the broker refuses for a reason of its own", "Look into the broker's log."},
    {0x84, Errc::unsupported, "the broker does not speak this protocol version", "Set the protocol version to 3.1.1."},
    {0x85, Errc::invalid_argument, "the broker does not accept the client id", "Set a client id the broker allows."},
    {0x86, Errc::denied, "user or password is wrong", "Check user and password of the link."},
    {0x87, Errc::denied, "the user may not do this", "Give the user the right on the broker (its access list)."},
    {0x88, Errc::unavailable, "the broker is not available", "Try again later."},
    {0x89, Errc::unavailable, "the broker is busy", "Try again later."},
    {0x8A, Errc::denied, "the client is banned", "Ask the broker's administrator."},
    {0x8B, Errc::unavailable, "the broker is shutting down", ""},
    {0x8C, Errc::denied, "the broker wants another way of authentication", "Use a user and password the broker knows."},
    {0x8D, Errc::timeout, "the broker heard nothing from us for too long", "Shorten the keep-alive time."},
    {0x8E, Errc::conflict, "another client uses the same client id", "Give each link a client id of its own."},
    {0x8F, Errc::invalid_argument, "the topic filter is not valid", "Correct the topic."},
    {0x90, Errc::invalid_argument, "the broker does not accept the topic name", "Correct the topic."},
    {0x91, Errc::protocol, "the packet id is in use", ""},
    {0x93, Errc::protocol, "more messages in flight than agreed", ""},
    {0x95, Errc::exhausted, "the packet is too large for the broker",
     "Send smaller messages, or raise the broker's limit."},
    {0x96, Errc::exhausted, "too many messages in a short time", "Publish less often, or raise the broker's limit."},
    {0x97, Errc::exhausted, "a quota of the broker is used up", "Raise the quota of this user on the broker."},
    {0x98, Errc::unavailable, "the broker's administrator closed the connection", ""},
    {0x99, Errc::invalid_argument, "the payload is not in the form it claims", ""},
    {0x9A, Errc::unsupported, "the broker keeps no retained messages", "Allow retained messages on the broker."},
    {0x9B, Errc::unsupported, "the broker does not support this QoS", "Lower the QoS of the link."},
    {0x9C, Errc::unavailable, "the broker sends us to another server", "Set the address of the other server."},
    {0x9D, Errc::unavailable, "the broker has moved to another server", "Set the address of the other server."},
    {0x9F, Errc::exhausted, "too many connections in a short time", "Try again later."},
    {0xA0, Errc::unavailable, "the connection was open for the longest time allowed", ""},
    {0xA2, Errc::unsupported, "the broker allows no wildcard subscriptions",
     "Allow wildcards for this user on the broker."},
};

/// 3.1.1, table 3.1, in terms of the above.
std::uint8_t from_311(std::uint8_t code) {
  switch (code) {
    case 1: return 0x84;
    case 2: return 0x85;
    case 3: return 0x88;
    case 4: return 0x86;
    case 5: return 0x87;
    default: return 0x80;
  }
}

Error make(const char* slug, std::uint8_t code, std::string_view what, std::string_view server_text) {
  Reason reason{code, Errc::unavailable, "a reason that is not known here", "Look into the broker's log."};
  for (const auto& known : kReasons) {
    if (known.code == code) reason = known;
  }
  auto text = karez::format("{}: {} ({:#04x})", what, reason.text, code);
  if (!server_text.empty()) text += karez::format("; the broker says \"{}\"", server_text.substr(0, 200));
  Error error = Error(reason.kind, slug).with(text);
  if (*reason.cure != '\0') return std::move(error).cure(reason.cure);
  return error;
}

}  // namespace

Error connack_error(Version version, std::uint8_t code, std::string_view server_text) {
  const auto reason = version == Version::v311 ? from_311(code) : code;
  if (version == Version::v311 && code == 1) {
    return Error(Errc::unsupported, "mqtt.refused").with("the broker does not speak MQTT 3.1.1");
  }
  return make("mqtt.refused", reason, "the broker refused the connection", server_text);
}

Error reason_error(const char* slug, std::uint8_t code, std::string_view what, std::string_view server_text) {
  return make(slug, code, what, server_text);
}

}  // namespace karez::connect::mqtt
