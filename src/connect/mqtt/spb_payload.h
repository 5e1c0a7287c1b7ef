// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "connect/point_map.h"
#include "model/sample.h"

/// Sparkplug B payloads (Sparkplug 3.0, chapter 6.4). Pure; the only folder that knows protobuf.
namespace karez::connect::mqtt {

/// Numbers of 6.4.16 that are named here.
enum class SpbType : std::uint32_t {
  unknown = 0,
  int8 = 1,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  float32,
  float64,
  boolean,
  string,
  date_time,
  text,
  uuid,
  data_set,
  bytes,
  file,
  template_instance,
};
/// "Int32", "Template"; "type 99" for numbers without a name here.
std::string spb_type_name(SpbType type);
/// Type of a point that stores such a metric; nothing for types that no point can hold.
std::optional<model::ValueType> point_type(SpbType type);

struct SpbMetric {
  enum class Wire : std::uint8_t { none, int32, int64, float32, float64, boolean, string, other };
  std::string_view name;  ///< empty when only an alias came
  std::optional<std::uint64_t> alias, timestamp_ms;
  SpbType type = SpbType::unknown;  ///< unknown in data messages that rely on the birth
  bool historical = false, transient = false, null = false;
  Wire wire = Wire::none;
  std::uint64_t bits = 0;  ///< int32 and int64 as they came, double bits for both floats, bool
  std::string_view string;
  std::optional<int> quality;  ///< property "Quality": 192 good, 0 bad, 500 stale
  std::string_view unit;       ///< property "engUnit" or "Engineering Units"
  /// Index of the template instance that this is a member of, -1 for none. Members follow their
  /// template, and their full name is "template/member".
  int parent = -1;
};

struct SpbLimits {
  std::size_t max_metrics = 20'000;  ///< with members of templates
  int max_depth = 16;                ///< nesting of messages
};

/// A decoded payload; views in it live as long as it does.
class SpbPayload {
 public:
  /// Errors: spb.malformed, spb.too_many_metrics.
  static Result<SpbPayload> decode(ByteView bytes, SpbLimits limits = {});
  SpbPayload(SpbPayload&&) noexcept;
  SpbPayload& operator=(SpbPayload&&) noexcept;
  ~SpbPayload();

  std::optional<std::uint64_t> timestamp_ms, seq;
  std::vector<SpbMetric> metrics;

 private:
  SpbPayload();
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

/// The value of a metric whose type is known, with its quality.
struct SpbValue {
  RawValue raw;
  model::Quality quality;
  const char* problem = nullptr;  ///< why it cannot be stored
};
SpbValue interpret(const SpbMetric& metric, SpbType type);
/// Milliseconds since 1970 as a time-stamp; nothing when out of range.
std::optional<Timestamp> from_ms(std::uint64_t ms);

/// A metric of a command to a node or device.
struct SpbCommand {
  std::string_view name;
  SpbType type = SpbType::boolean;
  RawValue value;
};
/// Errors: point.out_of_range when the value does not fit the type, point.type_mismatch.
Result<std::vector<std::byte>> encode_command(const SpbCommand& command, Timestamp now);

}  // namespace karez::connect::mqtt
