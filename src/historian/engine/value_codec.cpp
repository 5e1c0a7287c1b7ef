// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/value_codec.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "historian/engine/rows.h"

namespace karez::historian {
namespace {

constexpr std::array<double, 10> kPowers = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
constexpr std::array<std::uint64_t, 4> kUnits = {1'000'000'000, 1'000'000, 1'000, 1};

std::uint64_t u(std::int64_t v) { return static_cast<std::uint64_t>(v); }

/// Largest unit that divides every difference: sources with millisecond stamps need no nanoseconds.
std::uint8_t find_unit(std::span<const std::int64_t> times) {
  std::uint8_t unit = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const std::uint64_t delta = u(times[i]) - u(times[i - 1]);
    while (delta % kUnits[unit] != 0) ++unit;
  }
  return unit;
}

/// Low byte of every value, then the next one ..., as many planes as the largest value needs.
void put_planes(std::span<const std::uint64_t> values, std::vector<std::byte>& out) {
  std::uint64_t all = 0;
  for (const std::uint64_t v : values) all |= v;
  const unsigned planes = (static_cast<unsigned>(std::bit_width(all)) + 7) / 8;
  out.push_back(static_cast<std::byte>(planes));
  for (unsigned p = 0; p < planes; ++p) {
    const std::size_t at = out.size();
    out.resize(at + values.size());
    for (std::size_t i = 0; i < values.size(); ++i) out[at + i] = static_cast<std::byte>(values[i] >> (8 * p));
  }
}

bool take_planes(ByteReader& in, std::span<std::uint64_t> values) {
  const unsigned planes = in.u8();
  if (planes > 8 || in.remaining() != planes * values.size()) return false;
  if (planes == 0) std::ranges::fill(values, 0);
  for (unsigned p = 0; p < planes; ++p) {
    auto value = values.begin();
    for (const std::byte b : in.take(values.size())) {
      *value = (p == 0 ? 0 : *value) | static_cast<std::uint64_t>(b) << (8 * p);
      ++value;
    }
  }
  return in.done();
}

/// First value, then zigzag differences of the rest.
void put_deltas(std::span<const std::uint64_t> values, std::vector<std::byte>& out) {
  ByteWriter(out).u64le(values[0]);
  std::vector<std::uint64_t> deltas(values.size() - 1);
  for (std::size_t i = 0; i < deltas.size(); ++i) deltas[i] = zigzag(values[i + 1] - values[i]);
  put_planes(deltas, out);
}

bool take_deltas(ByteReader& in, std::span<std::uint64_t> values) {
  std::uint64_t value = values[0] = in.u64le();
  if (!in.ok() || !take_planes(in, values.subspan(1))) return false;
  for (std::uint64_t& v : values.subspan(1)) v = value += unzigzag(v);
  return true;
}

/// m with m / 10^e == value to the bit, or nothing.
std::optional<std::int64_t> scaled(double value, unsigned exponent) {
  const double rounded = std::nearbyint(value * kPowers[exponent]);
  if (!(std::fabs(rounded) < 9e15)) return std::nullopt;
  const auto m = static_cast<std::int64_t>(rounded);
  const double back = static_cast<double>(m) / kPowers[exponent];  // as the decoder will do: -0.0 fails here
  if (std::bit_cast<std::uint64_t>(back) != std::bit_cast<std::uint64_t>(value)) return std::nullopt;
  return m;
}

bool scale_all(std::span<const std::uint64_t> bits, unsigned exponent, std::vector<std::uint64_t>& out) {
  out.clear();
  for (const std::uint64_t b : bits) {
    const auto m = scaled(std::bit_cast<double>(b), exponent);
    if (!m) return false;
    out.push_back(u(*m));
  }
  return true;
}

bool put_decimals(std::span<const std::uint64_t> bits, std::vector<std::byte>& out) {
  std::vector<std::uint64_t> values;
  values.reserve(bits.size());
  for (unsigned exponent = 0; exponent < kPowers.size(); ++exponent) {
    if (!scale_all(bits, exponent, values)) continue;
    out.push_back(static_cast<std::byte>(exponent));
    put_deltas(values, out);
    return true;
  }
  return false;
}

}  // namespace

TimeCodec encode_times(std::span<const std::int64_t> times, std::vector<std::byte>& out) {
  ByteWriter writer(out);
  writer.u64le(u(times[0]));
  const std::uint64_t step = times.size() > 1 ? u(times[1]) - u(times[0]) : 0;
  bool constant = true;
  for (std::size_t i = 2; constant && i < times.size(); ++i) constant = u(times[i]) - u(times[i - 1]) == step;
  if (constant) {
    writer.varint(step);
    return TimeCodec::constant_step;
  }
  const std::uint8_t unit = find_unit(times);
  writer.u8(unit);
  std::uint64_t before = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const std::uint64_t delta = (u(times[i]) - u(times[i - 1])) / kUnits[unit];
    writer.varint(zigzag(delta - before));
    before = delta;
  }
  return TimeCodec::delta_of_delta;
}

bool decode_times(TimeCodec codec, ByteView bytes, std::span<std::int64_t> times) {
  ByteReader in(bytes);
  std::uint64_t t = in.u64le();
  times[0] = static_cast<std::int64_t>(t);
  if (codec == TimeCodec::constant_step) {
    const std::uint64_t step = in.varint();
    const std::uint64_t room = u(std::numeric_limits<std::int64_t>::max()) - t;  // also from a negative first time
    if (times.size() > 1 && (step == 0 || step > room / (times.size() - 1))) return false;
    for (std::int64_t& time : times.subspan(1)) time = static_cast<std::int64_t>(t += step);
    return in.done();
  } else if (codec == TimeCodec::delta_of_delta) {
    const std::uint8_t unit = in.u8();
    if (unit >= kUnits.size()) return false;
    std::uint64_t delta = 0;
    for (std::int64_t& time : times.subspan(1)) {
      const auto before = static_cast<std::int64_t>(t);
      delta += unzigzag(in.varint());
      time = static_cast<std::int64_t>(t += delta * kUnits[unit]);
      if (time <= before) return false;
    }
    return in.done();
  }
  return false;
}

ValueCodec encode_values(std::span<const std::uint64_t> bits, bool doubles, std::vector<std::byte>& out) {
  bool constant = true;
  for (const std::uint64_t b : bits) constant = constant && b == bits[0];
  if (constant) {
    ByteWriter(out).u64le(bits[0]);
    return ValueCodec::constant;
  }
  if (!doubles) {
    put_deltas(bits, out);
    return ValueCodec::delta;
  }
  if (put_decimals(bits, out)) return ValueCodec::decimal;
  std::vector<std::uint64_t> changes(bits.size());
  for (std::size_t i = 0; i < bits.size(); ++i) changes[i] = i == 0 ? bits[0] : bits[i] ^ bits[i - 1];
  put_planes(changes, out);
  return ValueCodec::exclusive;
}

bool decode_values(ValueCodec codec, ByteView bytes, std::span<std::uint64_t> bits) {
  ByteReader in(bytes);
  switch (codec) {
    case ValueCodec::constant: {
      const std::uint64_t v = in.u64le();
      for (std::uint64_t& b : bits) b = v;
      return in.done();
    }
    case ValueCodec::raw:
      for (std::uint64_t& b : bits) b = in.u64le();
      return in.done();
    case ValueCodec::delta: return take_deltas(in, bits);
    case ValueCodec::decimal: {
      const std::uint8_t exponent = in.u8();
      if (exponent >= kPowers.size() || !take_deltas(in, bits)) return false;
      const double power = kPowers[exponent];
      for (std::uint64_t& b : bits)
        b = std::bit_cast<std::uint64_t>(static_cast<double>(static_cast<std::int64_t>(b)) / power);
      return true;
    }
    case ValueCodec::exclusive:
      if (!take_planes(in, bits)) return false;
      for (std::uint64_t before = 0; std::uint64_t& b : bits) before = b ^= before;
      return true;
  }
  return false;
}

}  // namespace karez::historian
