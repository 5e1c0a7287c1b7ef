// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "connect/mqtt/json_codec.h"
#include "connect/mqtt/spb_host.h"

namespace {

using namespace karez;
using namespace karez::connect;

std::shared_ptr<const PointMap> points() {
  auto map = std::make_shared<PointMap>();
  map->devices.push_back({});
  for (const auto* address : {"G/N:m", "G/N/D:T/in", "j#/a/0@/ts", "j#/b", "p"}) {
    PointMap::Entry entry;
    entry.id = {static_cast<std::uint32_t>(map->points.size() + 1)};
    entry.address = address;
    map->points.push_back(entry);
  }
  return map;
}

}  // namespace

/// Messages in a row: a byte that chooses the topic, two of length, the payload.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto map = points();
  static constexpr std::string_view kTopics[] = {"spBv1.0/G/NBIRTH/N",
                                                 "spBv1.0/G/DBIRTH/N/D",
                                                 "spBv1.0/G/NDATA/N",
                                                 "spBv1.0/G/DDATA/N/D",
                                                 "spBv1.0/G/NDEATH/N",
                                                 "spBv1.0/G/DDEATH/N/D",
                                                 "spBv1.0/STATE/h",
                                                 "j",
                                                 "p"};
  mqtt::SparkplugHost host({.host_id = "h", .max_tags = 64});
  mqtt::JsonCodec json(1);
  mqtt::Effects out;
  auto now = from_ns(1'700'000'000'000'000'000);
  for (mqtt::PayloadCodec* codec : {static_cast<mqtt::PayloadCodec*>(&host), static_cast<mqtt::PayloadCodec*>(&json)}) {
    codec->set_points(map, now, out);
    codec->connected(now, out);
    ByteReader in(std::as_bytes(std::span(data, size)));
    while (in.ok() && in.remaining() > 0) {
      const auto topic = kTopics[in.u8() % std::size(kTopics)];
      const auto length = in.u16le();
      const auto payload = in.take(std::min<std::size_t>(length, in.remaining()));
      now += std::chrono::milliseconds(700);
      codec->message({topic, payload, 1, false, now}, out);
      out.clear();
    }
    codec->disconnected(now, out);
  }
  return 0;
}
