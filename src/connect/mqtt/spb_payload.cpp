// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/spb_payload.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>

#include <array>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "connect/mqtt/payload_codec.h"
#include "connect/mqtt/sparkplug_b.pb.h"

namespace karez::connect::mqtt {
namespace pb = ::karez::sparkplug;

struct SpbPayload::Storage {
  google::protobuf::Arena arena;
  pb::Payload* payload = google::protobuf::Arena::CreateMessage<pb::Payload>(&arena);
};
SpbPayload::SpbPayload() = default;
SpbPayload::SpbPayload(SpbPayload&&) noexcept = default;
SpbPayload& SpbPayload::operator=(SpbPayload&&) noexcept = default;
SpbPayload::~SpbPayload() = default;

namespace {

std::unexpected<Error> malformed(std::string_view what) { return fail(Errc::protocol, "spb.malformed", what); }

/// Counts the metrics on the wire before anything is built: two bytes are enough for an empty metric
/// that takes a hundred in memory.
Result<> count_metrics(ByteView bytes, std::size_t limit) {
  ByteReader in(bytes);
  std::size_t metrics = 0;
  while (in.ok() && in.remaining() > 0) {
    const auto tag = in.varint();
    switch (tag & 7) {
      case 0: (void)in.varint(); break;
      case 1: in.skip(8); break;
      case 2: in.skip(in.varint()); break;
      case 5: in.skip(4); break;
      default: in.invalidate();
    }
    if (tag == (2 << 3 | 2) && ++metrics > limit) {
      return fail(Errc::exhausted, "spb.too_many_metrics", karez::format("more than {} metrics in one message", limit));
    }
  }
  if (!in.ok()) return malformed("the payload is not a protobuf message");
  return {};
}

void read_value(const pb::Metric& in, SpbMetric& out) {
  using Wire = SpbMetric::Wire;
  switch (in.value_case()) {
    case pb::Metric::kIntValue:
      out.wire = Wire::int32;
      out.bits = in.int_value();
      break;
    case pb::Metric::kLongValue:
      out.wire = Wire::int64;
      out.bits = in.long_value();
      break;
    case pb::Metric::kFloatValue:
      out.wire = Wire::float32;
      out.bits = model::bits_of(static_cast<double>(in.float_value()));
      break;
    case pb::Metric::kDoubleValue:
      out.wire = Wire::float64;
      out.bits = model::bits_of(in.double_value());
      break;
    case pb::Metric::kBooleanValue:
      out.wire = Wire::boolean;
      out.bits = model::bits_of(in.boolean_value());
      break;
    case pb::Metric::kStringValue:
      out.wire = Wire::string;
      out.string = in.string_value();
      break;
    case pb::Metric::VALUE_NOT_SET: break;
    default: out.wire = Wire::other;
  }
}

void read_properties_of(const pb::PropertySet& set, SpbMetric& out) {
  const int count = std::min(set.keys_size(), set.values_size());
  for (int i = 0; i < count; ++i) {
    const auto& key = set.keys(i);
    const auto& value = set.values(i);
    if (key == "Quality" || key == "quality") {
      if (value.has_int_value()) out.quality = static_cast<int>(value.int_value());
      if (value.has_long_value()) out.quality = static_cast<int>(value.long_value());
    } else if (key == "engUnit" || key == "Engineering Units") {
      if (value.has_string_value() && is_printable_name(value.string_value(), 64)) out.unit = value.string_value();
    }
  }
}

Result<> read_metrics(const google::protobuf::RepeatedPtrField<pb::Metric>& from, int parent, std::size_t limit,
                      std::vector<SpbMetric>& out) {
  for (const auto& in : from) {
    if (out.size() >= limit) {
      return fail(Errc::exhausted, "spb.too_many_metrics", karez::format("more than {} metrics in one message", limit));
    }
    SpbMetric metric;
    metric.parent = parent;
    metric.name = in.name();
    if (metric.name.size() > 1024 || !is_utf8(metric.name)) return malformed("a metric name is not UTF-8 or too long");
    if (in.has_alias()) metric.alias = in.alias();
    if (in.has_timestamp()) metric.timestamp_ms = in.timestamp();
    metric.type = static_cast<SpbType>(in.datatype());
    metric.historical = in.is_historical();
    metric.transient = in.is_transient();
    metric.null = in.is_null();
    read_value(in, metric);
    if (in.has_properties()) read_properties_of(in.properties(), metric);
    out.push_back(metric);
    if (in.has_template_value() && !in.template_value().is_definition()) {
      const auto self = static_cast<int>(out.size()) - 1;
      KZ_CHECK(read_metrics(in.template_value().metrics(), self, limit, out));
    }
  }
  return {};
}

template <class Int>
std::int64_t narrow(std::uint64_t bits) {
  return static_cast<Int>(bits);  // two's complement; some peers sign-extend, some do not
}

bool is_integer(SpbMetric::Wire wire) { return wire == SpbMetric::Wire::int32 || wire == SpbMetric::Wire::int64; }

model::Quality quality_of(const SpbMetric& metric) {
  if (!metric.quality || *metric.quality == 192) return model::quality::kGood;
  if (*metric.quality == 500) return model::quality::kUncertainLastUsable;  // stale
  // classic OPC quality: the two upper bits of a byte say good, uncertain or bad
  if (*metric.quality > 192 && *metric.quality < 256) return model::quality::kGood;
  return *metric.quality >= 64 && *metric.quality < 128 ? model::quality::kUncertain : model::quality::kBad;
}

}  // namespace

Result<SpbPayload> SpbPayload::decode(ByteView bytes, SpbLimits limits) {
  KZ_CHECK(count_metrics(bytes, limits.max_metrics));
  SpbPayload out;
  out.storage_ = std::make_unique<Storage>();
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  in.SetRecursionLimit(limits.max_depth);
  pb::Payload& payload = *out.storage_->payload;
  if (!payload.ParseFromCodedStream(&in) || !in.ConsumedEntireMessage()) {
    return malformed("the payload is not a Sparkplug B message, or is nested too deeply");
  }
  if (payload.has_timestamp()) out.timestamp_ms = payload.timestamp();
  if (payload.has_seq()) out.seq = payload.seq();
  out.metrics.reserve(static_cast<std::size_t>(payload.metrics_size()));
  KZ_CHECK(read_metrics(payload.metrics(), -1, limits.max_metrics, out.metrics));
  return out;
}

SpbValue interpret(const SpbMetric& metric, SpbType type) {
  using Wire = SpbMetric::Wire;
  SpbValue out{{}, quality_of(metric), nullptr};
  const auto refuse = [&](const char* why, model::Quality q) {
    out = {{}, q, why};
    return out;
  };
  if (!point_type(type))
    return refuse("the metric's type cannot be stored in a point", model::quality::kBadTypeMismatch);
  if (metric.null) {
    out.quality = model::quality::kBadNoData;
    return out;
  }
  if (metric.wire == Wire::none) return refuse("the metric has no value", model::quality::kBadNoData);
  const auto integer = [&](std::int64_t v) { out.raw = RawValue::of(v); };
  const bool whole = is_integer(metric.wire);
  switch (type) {
    case SpbType::int8:
      if (whole) return integer(narrow<std::int8_t>(metric.bits)), out;
      break;
    case SpbType::int16:
      if (whole) return integer(narrow<std::int16_t>(metric.bits)), out;
      break;
    case SpbType::int32:
      if (whole) return integer(narrow<std::int32_t>(metric.bits)), out;
      break;
    case SpbType::uint8:
      if (whole) return integer(narrow<std::uint8_t>(metric.bits)), out;
      break;
    case SpbType::uint16:
      if (whole) return integer(narrow<std::uint16_t>(metric.bits)), out;
      break;
    case SpbType::uint32:
      if (whole) return integer(narrow<std::uint32_t>(metric.bits)), out;
      break;
    case SpbType::int64:
      if (whole) return integer(narrow<std::int64_t>(metric.bits)), out;
      break;
    case SpbType::uint64:
    case SpbType::date_time:
      if (!whole) break;
      if (metric.bits > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return refuse("an unsigned value above 9223372036854775807 cannot be stored", model::quality::kBadOutOfRange);
      }
      return integer(narrow<std::int64_t>(metric.bits)), out;
    case SpbType::float32:
    case SpbType::float64:
      if (metric.wire != Wire::float32 && metric.wire != Wire::float64) break;
      out.raw = RawValue::of(model::as_double(metric.bits));
      return out;
    case SpbType::boolean:
      if (metric.wire != Wire::boolean) break;
      out.raw = RawValue::of(metric.bits != 0);
      return out;
    default:  // the texts, as point_type has let no other through
      if (metric.wire != Wire::string) break;
      if (!is_utf8(metric.string)) return refuse("the text is not UTF-8", kBadDecoding);
      if (metric.string.size() > 16384)
        return refuse("the text is longer than 16,384 bytes", model::quality::kBadOutOfRange);
      out.raw = RawValue::of(metric.string);
      return out;
  }
  return refuse("the value's form does not fit the metric's type", model::quality::kBadTypeMismatch);
}

std::optional<Timestamp> from_ms(std::uint64_t ms) {
  constexpr std::uint64_t kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / 1'000'000;
  if (ms > kMax) return std::nullopt;
  return from_ns(static_cast<std::int64_t>(ms) * 1'000'000);
}

std::string spb_type_name(SpbType type) {
  static constexpr std::array<const char*, 20> kNames{
      "Unknown", "Int8",    "Int16",  "Int32",    "Int64", "UInt8", "UInt16",  "UInt32", "UInt64", "Float",
      "Double",  "Boolean", "String", "DateTime", "Text",  "UUID",  "DataSet", "Bytes",  "File",   "Template"};
  const auto i = static_cast<std::size_t>(type);
  return i < kNames.size() ? kNames[i] : karez::format("type {}", i);
}

std::optional<model::ValueType> point_type(SpbType type) {
  switch (type) {
    case SpbType::boolean: return model::ValueType::boolean;
    case SpbType::float32:
    case SpbType::float64: return model::ValueType::float64;
    case SpbType::string:
    case SpbType::text:
    case SpbType::uuid: return model::ValueType::text;
    case SpbType::date_time: return model::ValueType::int64;
    default:
      if (type >= SpbType::int8 && type <= SpbType::uint64) return model::ValueType::int64;
      return std::nullopt;
  }
}

namespace {

struct Bounds {
  double low, high;
};
Bounds bounds_of(SpbType type) {
  switch (type) {
    case SpbType::int8: return {-128, 127};
    case SpbType::int16: return {-32768, 32767};
    case SpbType::int32: return {-2147483648.0, 2147483647.0};
    case SpbType::uint8: return {0, 255};
    case SpbType::uint16: return {0, 65535};
    case SpbType::uint32: return {0, 4294967295.0};
    case SpbType::uint64:
    case SpbType::date_time: return {0, 9223372036854774784.0};
    default: return {-9223372036854775808.0, 9223372036854774784.0};  // the last doubles within int64
  }
}

Result<> set_value(pb::Metric& out, SpbType type, const RawValue& value) {
  using model::ValueType;
  const bool number = value.type == ValueType::int64 || value.type == ValueType::float64;
  const auto stored = point_type(type);
  if (!stored || (*stored == ValueType::text) != (value.type == ValueType::text)) {
    return fail(Errc::invalid_argument, "point.type_mismatch", karez::format("the metric is {}", spb_type_name(type)));
  }
  if (*stored == ValueType::text) {
    out.set_string_value(std::string(value.text));
    return {};
  }
  const double v = model::numeric(value.type, value.bits);
  if (*stored == ValueType::boolean) {
    out.set_boolean_value(v != 0);
  } else if (type == SpbType::float64) {
    out.set_double_value(v);
  } else if (type == SpbType::float32) {
    if (std::abs(v) > static_cast<double>(std::numeric_limits<float>::max())) {
      return fail(Errc::invalid_argument, "point.out_of_range", "the value does not fit a Float");
    }
    out.set_float_value(static_cast<float>(v));
  } else {
    const auto [low, high] = bounds_of(type);
    if (!(v >= low && v <= high) || (number && std::trunc(v) != v)) {
      return fail(Errc::invalid_argument, "point.out_of_range",
                  karez::format("{} is not a whole number that fits {}", v, spb_type_name(type)));
    }
    const auto whole = value.type == ValueType::int64 ? model::as_int64(value.bits) : static_cast<std::int64_t>(v);
    if (type == SpbType::int64 || type == SpbType::uint64 || type == SpbType::date_time) {
      out.set_long_value(static_cast<std::uint64_t>(whole));
    } else {
      out.set_int_value(static_cast<std::uint32_t>(whole));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::byte>> encode_command(const SpbCommand& command, Timestamp now) {
  const auto ms = static_cast<std::uint64_t>(to_ns(now) / 1'000'000);
  pb::Payload payload;
  payload.set_timestamp(ms);
  auto& metric = *payload.add_metrics();
  metric.set_name(std::string(command.name));
  metric.set_timestamp(ms);
  metric.set_datatype(static_cast<std::uint32_t>(command.type));
  KZ_CHECK(set_value(metric, command.type, command.value));
  std::vector<std::byte> out(payload.ByteSizeLong());
  if (!payload.SerializeToArray(out.data(), static_cast<int>(out.size()))) return fail(Errc::internal, "spb.encode");
  return out;
}

}  // namespace karez::connect::mqtt
