// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "connect/mqtt/spb_payload.h"

namespace karez::connect::mqtt {

/// Sparkplug payloads for tests, written as protobuf wire bytes by hand, so that the product's encoder
/// does not prove its own decoder.
class TestPayload {
 public:
  using Value = std::variant<std::int64_t, double, std::string_view>;

  TestPayload(std::int64_t timestamp_ms, std::optional<std::uint64_t> seq) {
    ByteWriter out(head_);
    out.varint(1 << 3);
    out.varint(static_cast<std::uint64_t>(timestamp_ms));
    if (!seq) return;
    out.varint(3 << 3);
    out.varint(*seq);
  }
  TestPayload& metric(std::string_view name, std::optional<std::uint64_t> alias, SpbType type, Value value,
                      std::optional<std::int64_t> ms = {}) {
    metrics_.push_back(encode(name, alias, type, value, ms));
    return *this;
  }
  TestPayload& historical() { return flag(5); }
  TestPayload& null() { return flag(7); }
  TestPayload& quality(int code) {
    std::vector<std::byte> value, set;
    field(value, 1, SpbType::int32);
    number(value, 3, static_cast<std::uint64_t>(code));
    bytes(set, 1, as_bytes("Quality"));
    bytes(set, 2, value);
    bytes(metrics_.back(), 9, set);
    return *this;
  }
  /// An instance with one double member.
  TestPayload& template_with(std::string_view name, std::uint64_t alias, std::string_view member, double value) {
    std::vector<std::byte> instance, out;
    bytes(instance, 2, encode(member, {}, SpbType::float64, value, {}));
    bytes(out, 1, as_bytes(name));
    number(out, 2, alias);
    field(out, 4, SpbType::template_instance);
    bytes(out, 18, instance);
    metrics_.push_back(std::move(out));
    return *this;
  }
  const std::vector<std::byte>& bytes() const {
    all_ = head_;
    for (const auto& metric : metrics_) bytes(all_, 2, metric);
    return all_;
  }
  /// Templates in templates.
  static std::vector<std::byte> nested(int depth) {
    std::vector<std::byte> inner;
    for (int i = 0; i < depth; ++i) {
      std::vector<std::byte> metric, instance;
      bytes(metric, 18, inner);
      bytes(instance, 2, metric);
      inner = std::move(instance);
    }
    return inner;  // a template's metrics and a payload's have the same field number
  }

 private:
  static void number(std::vector<std::byte>& out, unsigned id, std::uint64_t v) {
    ByteWriter(out).varint(id << 3);
    ByteWriter(out).varint(v);
  }
  static void field(std::vector<std::byte>& out, unsigned id, SpbType type) {
    number(out, id, static_cast<std::uint64_t>(type));
  }
  static void bytes(std::vector<std::byte>& out, unsigned id, ByteView v) {
    ByteWriter(out).varint(id << 3 | 2);
    ByteWriter(out).varint(v.size());
    ByteWriter(out).bytes(v);
  }
  static std::vector<std::byte> encode(std::string_view name, std::optional<std::uint64_t> alias, SpbType type,
                                       Value value, std::optional<std::int64_t> ms) {
    std::vector<std::byte> out;
    if (!name.empty()) bytes(out, 1, as_bytes(name));
    if (alias) number(out, 2, *alias);
    if (ms) number(out, 3, static_cast<std::uint64_t>(*ms));
    if (type != SpbType::unknown) field(out, 4, type);
    if (const auto* v = std::get_if<double>(&value)) {
      ByteWriter(out).varint(13 << 3 | 1);
      ByteWriter(out).u64le(model::bits_of(*v));
    } else if (const auto* text = std::get_if<std::string_view>(&value)) {
      bytes(out, 15, as_bytes(*text));
    } else {
      const auto whole = static_cast<std::uint64_t>(std::get<std::int64_t>(value));
      const bool wide = type == SpbType::int64 || type == SpbType::uint64 || type == SpbType::date_time;
      number(out, type == SpbType::boolean ? 14 : wide ? 11 : 10, whole);
    }
    return out;
  }
  TestPayload& flag(unsigned id) {
    number(metrics_.back(), id, 1);
    return *this;
  }
  std::vector<std::byte> head_;
  std::vector<std::vector<std::byte>> metrics_;
  mutable std::vector<std::byte> all_;
};

}  // namespace karez::connect::mqtt
