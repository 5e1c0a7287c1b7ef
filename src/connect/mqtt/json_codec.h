// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "connect/mqtt/address.h"
#include "connect/mqtt/payload_codec.h"

namespace karez::connect::mqtt {

/// How a number in a payload tells the time.
enum class TimeUnit : std::uint8_t { automatic, seconds, milliseconds, microseconds, nanoseconds };

/// What the device schema of plain topics holds.
struct JsonDevice {
  std::string time_pointer;  ///< used by addresses without one of their own
  TimeUnit time_unit = TimeUnit::automatic;
  std::string command_topic, answer_topic;
};
/// Errors: mqtt.device_config with a JSON pointer.
Result<JsonDevice> parse_json_device(std::string_view config);

/// RFC 3339 text or a number. Automatic: below 1e11 seconds, below 1e14 ms, below 1e17 µs, else ns.
/// Nothing when it is neither or beyond the range of time-stamps.
std::optional<Timestamp> source_time(const JsonValue& value, TimeUnit unit);
/// A payload that is one value, read for a point of `type`; nothing when it is not one.
std::optional<RawValue> plain_value(std::string_view payload, model::ValueType type);

/// One JSON document or plain value a message, one topic or more a device.
class JsonCodec final : public PayloadCodec {
 public:
  explicit JsonCodec(std::uint8_t qos) : qos_(qos) {}

  void set_points(std::shared_ptr<const PointMap> map, Timestamp now, Effects& out) override;
  std::vector<Subscription> subscriptions() const override;
  void connected(Timestamp, Effects&) override {}
  void disconnected(Timestamp now, Effects& out) override;
  void message(const Message& message, Effects& out) override;
  void unreadable(const Message& message, std::string_view why, Effects& out) override;
  void tick(Timestamp now, Effects& out) override;
  std::vector<bool> reachable() const override { return std::vector<bool>(map_->devices.size(), true); }
  const CodecStats& stats() const override { return stats_; }

  /// What answers on a device's answer topic are given to: topic, payload.
  void on_answer(std::function<void(std::string_view, ByteView)> listener) { answers_ = std::move(listener); }
  const JsonDevice& device(std::size_t index) const { return devices_[index]; }
  /// The address of an entry; nothing when it is not a JSON address.
  const JsonAddress* address(std::size_t entry) const;

 private:
  struct Target {
    std::size_t entry = 0;
    bool whole = true;
    std::string pointer, time_pointer;
    TimeUnit unit = TimeUnit::automatic;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  /// When a value was: by the source's clock, or by ours.
  struct Stamp {
    Timestamp time;
    bool own = false;
    std::uint8_t flags = 0;
  };
  void emit(std::size_t entry, const RawValue& raw, model::Quality quality, const Stamp& stamp, Effects& out);
  void keep(const model::Sample& sample, std::string_view text, Effects& out);
  void read_plain(const Target& target, const Message& message, Effects& out);
  void read_document(const Target& target, const JsonValue& root, const Message& message, Effects& out);

  std::uint8_t qos_;
  std::shared_ptr<const PointMap> map_;
  std::optional<PointFilter> filter_;
  std::unordered_map<std::string, std::vector<Target>, Hash, std::equal_to<>> topics_;
  std::vector<JsonDevice> devices_;
  std::vector<std::optional<JsonAddress>> addresses_;
  std::function<void(std::string_view, ByteView)> answers_;
  CodecStats stats_;
};

}  // namespace karez::connect::mqtt
