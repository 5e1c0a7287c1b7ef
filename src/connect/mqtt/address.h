// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"

namespace karez::connect::mqtt {

/// `topic`, `topic#/json/pointer` or `topic#/json/pointer@/time/pointer`.
struct JsonAddress {
  std::string topic;
  bool whole = true;         ///< no '#': the payload is one plain value
  std::string pointer;       ///< RFC 6901; empty with '#': the whole document
  std::string time_pointer;  ///< empty: by the device's settings, else the time of arrival
  friend bool operator==(const JsonAddress&, const JsonAddress&) = default;
};

/// `group/node:metric` or `group/node/device:metric`. Ids hold no '/', a metric name may. "%3A", "%23"
/// and "%25" stand for ':' in an id, '#' and '%' anywhere.
struct SparkplugAddress {
  std::string group, node, device, metric;
  friend bool operator==(const SparkplugAddress&, const SparkplugAddress&) = default;
};

/// An address with '#' is JSON; without it, one of the form id/id[/id]:metric is Sparkplug; all others
/// are plain topics ("a/b:c#" makes a JSON topic of such a name).
using PointAddress = std::variant<JsonAddress, SparkplugAddress>;

/// Errors: mqtt.address_empty, mqtt.address_wildcard, mqtt.address_topic, mqtt.address_pointer,
/// mqtt.address_escape; the pointer of the error is "/<column>", from 1.
Result<PointAddress> parse_address(std::string_view text);
std::string to_string(const PointAddress& address);

/// Escapes of one part of a Sparkplug address.
std::string escape_id(std::string_view id);
std::string escape_metric(std::string_view metric);

}  // namespace karez::connect::mqtt
