// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "connect/mqtt/packet.h"
#include "connect/point_map.h"
#include "model/sample.h"

namespace karez::connect::mqtt {

/// A message as a session hands it on; views end with the call.
struct Message {
  std::string_view topic;
  ByteView payload;
  std::uint8_t qos = 0;
  bool retain = false;
  Timestamp received;  ///< strictly growing within a link
  bool dup = false;    ///< it was sent before, at an unknown time
};

/// Something to publish.
struct Publication {
  std::string topic;
  std::vector<std::byte> payload;
  std::uint8_t qos = 0;
  bool retain = false;
};

/// Samples on their way to a block. A text sample's `bits` are (offset << 32 | length) into `texts`.
struct Readings {
  std::vector<model::Sample> samples;
  std::string texts;

  void add(model::Sample sample, std::string_view text = {}) {
    if (sample.type == model::ValueType::text && sample.flags != model::flag::kGap) {
      sample.bits = static_cast<std::uint64_t>(texts.size()) << 32 | text.size();
      texts.append(text);
    }
    samples.push_back(sample);
  }
  std::string_view text(const model::Sample& sample) const {
    return std::string_view(texts).substr(sample.bits >> 32, sample.bits & 0xffffffffu);
  }
  void clear() {
    samples.clear();
    texts.clear();
  }
};

/// What a codec wants done after it has seen something.
struct Effects {
  Readings readings;
  std::vector<Publication> publish;
  std::vector<model::PointId> seen;  ///< their newest values still hold
  void clear() {
    readings.clear();
    publish.clear();
    seen.clear();
  }
};

/// Counted since the link started.
struct CodecStats {
  std::uint64_t good = 0, bad = 0, suppressed = 0;
  std::uint64_t malformed = 0;  ///< payloads that could not be read
  std::uint64_t unmapped = 0;   ///< messages or metrics that no point wants
  std::uint64_t lost = 0;       ///< messages known to be missing
  std::string last_error;
};

/// Turns messages of one session into samples: plain JSON topics, or Sparkplug B.
/// Pure: no I/O; the time comes with the calls. Thread: one at a time.
class PayloadCodec {
 public:
  virtual ~PayloadCodec() = default;
  /// A new configuration; what is known of unchanged points stays.
  virtual void set_points(std::shared_ptr<const PointMap> map, Timestamp now, Effects& out) = 0;
  /// Filters that cover what the points need.
  virtual std::vector<Subscription> subscriptions() const = 0;
  virtual void connected(Timestamp now, Effects& out) = 0;
  /// Each point that is not marked bad already gets one bad sample.
  virtual void disconnected(Timestamp now, Effects& out) = 0;
  virtual void message(const Message& message, Effects& out) = 0;
  /// A message whose payload could not be taken: its points get a bad sample where they are known.
  virtual void unreadable(const Message& message, std::string_view why, Effects& out) = 0;
  /// About once a second.
  virtual void tick(Timestamp now, Effects& out) = 0;
  /// For each device of the map: does the other side say that it is there?
  virtual std::vector<bool> reachable() const = 0;
  virtual const CodecStats& stats() const = 0;
};

/// Bad_DecodingError of OPC 10000-6: bytes that are not what was agreed.
constexpr model::Quality kBadDecoding{0x8007};

}  // namespace karez::connect::mqtt
