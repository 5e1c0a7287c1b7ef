// SPDX-License-Identifier: Apache-2.0
#include "connect/modbus/value.h"

#include <cmath>

#include "base/format.h"
#include "base/text.h"

namespace karez::connect::modbus {
namespace {

std::uint16_t swap_if(bool swap, std::uint16_t word) { return swap ? std::byteswap(word) : word; }

// Place of the i-th register on the wire in the big-endian value.
unsigned place(const Order& order, unsigned registers, unsigned i) {
  if (order.words) return registers - 1 - i;
  if (order.pairs) return i ^ 1u;
  return i;
}

std::uint64_t joined(const Order& order, unsigned registers, ByteView bytes) {
  ByteReader reader(bytes);
  std::uint64_t value = 0;
  for (unsigned i = 0; i < registers; ++i) {
    const std::uint64_t word = swap_if(order.bytes, reader.u16be());
    value |= word << (16 * (registers - 1 - place(order, registers, i)));
  }
  return value;
}

std::vector<std::uint16_t> parted(const Order& order, unsigned registers, std::uint64_t value) {
  std::vector<std::uint16_t> words(registers);
  for (unsigned i = 0; i < registers; ++i) {
    const auto word = static_cast<std::uint16_t>(value >> (16 * (registers - 1 - place(order, registers, i))));
    words[i] = swap_if(order.bytes, word);
  }
  return words;
}

Result<RawValue> from_bcd(std::uint64_t digits, unsigned count) {
  std::int64_t value = 0;
  for (unsigned i = count; i-- > 0;) {
    const auto digit = static_cast<std::int64_t>((digits >> (4 * i)) & 0xf);
    if (digit > 9) return fail(Error(Errc::protocol, "modbus.bad_bcd").with("a half byte above 9 is no decimal digit"));
    value = value * 10 + digit;
  }
  return RawValue::of(value);
}

Result<RawValue> from_text(const PointAddress& address, Order order, ByteView registers, std::string& text) {
  text.clear();
  for (std::size_t i = 0; i + 1 < registers.size(); i += 2) {
    const auto high = static_cast<char>(registers[i]), low = static_cast<char>(registers[i + 1]);
    text += order.bytes ? low : high;
    text += order.bytes ? high : low;
  }
  text.resize(std::min<std::size_t>(text.size(), address.text_bytes));
  text.resize(std::min(text.find('\0'), text.size()));
  while (!text.empty() && text.back() == ' ') text.pop_back();
  if (!is_utf8(text)) return fail(Error(Errc::protocol, "modbus.bad_text").with("the bytes are no UTF-8 text"));
  return RawValue::of(std::string_view(text));
}

std::string grouped(double value) {
  std::string digits = karez::format("{:.0f}", value);
  if (std::abs(value) >= 1e15 || value != std::trunc(value)) return karez::format("{}", value);
  for (std::size_t at = digits.size(); at > 3 + (digits[0] == '-' ? 1u : 0u);) digits.insert(at -= 3, ",");
  return digits;
}

std::unexpected<Error> out_of_range(double value, double low, double high, std::string_view cure) {
  const std::string text = value > high
                               ? karez::format("{} is above the largest value, {}", grouped(value), grouped(high))
                               : karez::format("{} is below the smallest value, {}", grouped(value), grouped(low));
  return std::unexpected(Error(Errc::invalid_argument, "modbus.out_of_range").with(text).cure(cure));
}

struct Range {
  double low, high;
};
Range range_of(WireType type) {
  switch (type) {
    case WireType::u16: return {0, 65535};
    case WireType::i16: return {-32768, 32767};
    case WireType::u32: return {0, 4294967295.0};
    case WireType::i32: return {-2147483648.0, 2147483647.0};
    case WireType::u64: return {0, 18446744073709549568.0};
    case WireType::i64: return {-9223372036854775808.0, 9223372036854774784.0};
    case WireType::bcd: return {0, 9999};
    case WireType::bcd32: return {0, 99999999};
    default: return {0, 1};
  }
}

}  // namespace

Result<RawValue> decode_registers(const PointAddress& address, Order device_order, ByteView registers,
                                  std::string& text) {
  const Order order = address.order.value_or(device_order);
  const unsigned count = address.span();
  KZ_ASSERT(registers.size() == 2u * count);
  if (address.type == WireType::text) return from_text(address, order, registers, text);
  const std::uint64_t value = joined(order, count, registers);
  switch (address.type) {
    case WireType::boolean: return RawValue::of(((value >> std::max(address.bit, 0)) & 1) != 0);
    case WireType::u16:
    case WireType::u32: return RawValue::of(static_cast<std::int64_t>(value));
    case WireType::i16: return RawValue::of(std::int64_t{static_cast<std::int16_t>(value)});
    case WireType::i32: return RawValue::of(std::int64_t{static_cast<std::int32_t>(value)});
    case WireType::i64: return RawValue::of(static_cast<std::int64_t>(value));
    case WireType::u64:
      if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return RawValue::of(static_cast<double>(value));
      }
      return RawValue::of(static_cast<std::int64_t>(value));
    case WireType::f32: return RawValue::of(double{std::bit_cast<float>(static_cast<std::uint32_t>(value))});
    case WireType::f64: return RawValue::of(std::bit_cast<double>(value));
    case WireType::bcd: return from_bcd(value, 4);
    case WireType::bcd32: return from_bcd(value, 8);
    case WireType::text: break;
  }
  return fail(Errc::internal, "modbus.unsupported_type");
}

Result<std::vector<std::uint16_t>> encode_number(const PointAddress& address, Order device_order, double number,
                                                 std::optional<std::int64_t> exact) {
  const Order order = address.order.value_or(device_order);
  const unsigned count = address.span();
  if (address.type == WireType::f64) return parted(order, count, std::bit_cast<std::uint64_t>(number));
  if (address.type == WireType::f32) {
    const auto narrow = static_cast<float>(number);
    if (std::isinf(narrow) && !std::isinf(number)) {
      return out_of_range(number, -3.4028234663852886e38, 3.4028234663852886e38, "Use f64.");
    }
    return parted(order, count, std::bit_cast<std::uint32_t>(narrow));
  }
  if (address.type == WireType::text) {
    return fail(Error(Errc::invalid_argument, "modbus.unsupported_write").with("the point holds text, not a number"));
  }
  const double whole = std::round(number);
  const Range range = range_of(address.type);
  if (!(whole >= range.low && whole <= range.high)) {
    return out_of_range(number, range.low, range.high,
                        count == 1 ? "Use a 32-bit type or scale by 10." : "Use a wider type or another scale.");
  }
  std::uint64_t value = 0;
  if (exact) {
    value = static_cast<std::uint64_t>(*exact);
  } else if (whole < 0) {
    value = static_cast<std::uint64_t>(static_cast<std::int64_t>(whole));
  } else {
    value = static_cast<std::uint64_t>(whole);
  }
  if (address.type == WireType::bcd || address.type == WireType::bcd32) {
    std::uint64_t digits = 0;
    for (unsigned shift = 0; shift < 32; shift += 4, value /= 10) digits |= (value % 10) << shift;
    value = digits;
  }
  return parted(order, count, value);
}

Result<std::vector<std::uint16_t>> encode_text(const PointAddress& address, Order device_order, std::string_view text) {
  if (address.type != WireType::text) {
    return fail(Error(Errc::invalid_argument, "modbus.unsupported_write").with("the point holds a number, not text"));
  }
  if (text.size() > address.text_bytes) {
    return fail(Error(Errc::invalid_argument, "modbus.out_of_range")
                    .with(karez::format("the text has {} bytes, the point takes {}", text.size(), address.text_bytes)));
  }
  const Order order = address.order.value_or(device_order);
  std::vector<std::uint16_t> words(address.span());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<std::uint16_t>(static_cast<unsigned char>(text[i]));
    words[i / 2] = static_cast<std::uint16_t>(words[i / 2] | (i % 2 == 0 ? c << 8 : c));
  }
  for (std::uint16_t& word : words) word = swap_if(order.bytes, word);
  return words;
}

}  // namespace karez::connect::modbus
