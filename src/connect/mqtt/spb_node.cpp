// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/spb_node.h"

#include <array>

#include "base/format.h"
#include "base/text.h"

namespace karez::connect::mqtt {
namespace {

constexpr std::array<std::string_view, 8> kKinds{"NBIRTH", "NDATA", "NDEATH", "NCMD",
                                                 "DBIRTH", "DDATA", "DDEATH", "DCMD"};

}  // namespace

std::optional<SpbTopic> parse_spb_topic(std::string_view topic) {
  const auto parts = split(topic, '/');
  if (parts.size() < 3 || parts[0] != "spBv1.0") return std::nullopt;
  SpbTopic out;
  if (parts[1] == "STATE") {
    if (parts.size() != 3 || parts[2].empty()) return std::nullopt;
    out.host = parts[2];
    return out;
  }
  if (parts.size() < 4 || parts.size() > 5) return std::nullopt;
  const auto kind = std::ranges::find(kKinds, parts[2]);
  if (kind == kKinds.end()) return std::nullopt;
  out.kind = static_cast<SpbTopic::Kind>(kind - kKinds.begin());
  out.group = parts[1];
  out.node = parts[3];
  if (parts.size() == 5) out.device = parts[4];
  if (out.group.empty() || out.node.empty() || out.of_device() == out.device.empty()) return std::nullopt;
  return out;
}

std::string spb_topic(std::string_view group, std::string_view type, std::string_view node, std::string_view device) {
  auto out = karez::format("spBv1.0/{}/{}/{}", group, type, node);
  if (!device.empty()) out += karez::format("/{}", device);
  return out;
}

}  // namespace karez::connect::mqtt
