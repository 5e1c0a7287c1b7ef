// SPDX-License-Identifier: Apache-2.0
#include "connect/modbus/address.h"

#include "base/format.h"
#include "base/number.h"
#include "base/text.h"

namespace karez::connect::modbus {
namespace {

struct AreaName {
  Area area;
  std::string_view name;
  char digit;  ///< first digit of its reference numbers
};
constexpr AreaName kAreas[] = {{Area::coil, "co", '0'},
                               {Area::discrete_input, "di", '1'},
                               {Area::input_register, "ir", '3'},
                               {Area::holding_register, "hr", '4'}};

struct TypeName {
  WireType type;
  std::string_view name;
  unsigned registers;
};
constexpr TypeName kTypes[] = {{WireType::boolean, "bool", 1}, {WireType::u16, "u16", 1},    {WireType::i16, "i16", 1},
                               {WireType::u32, "u32", 2},      {WireType::i32, "i32", 2},    {WireType::u64, "u64", 4},
                               {WireType::i64, "i64", 4},      {WireType::f32, "f32", 2},    {WireType::f64, "f64", 4},
                               {WireType::bcd, "bcd", 1},      {WireType::bcd32, "bcd32", 2}};

struct OrderName {
  Order order;
  unsigned registers;  ///< width it is written for
  std::string_view name;
};
constexpr OrderName kOrders[] = {{{false, false, false}, 1, "ab"},       {{true, false, false}, 1, "ba"},
                                 {{false, false, false}, 2, "abcd"},     {{true, false, false}, 2, "badc"},
                                 {{false, true, false}, 2, "cdab"},      {{true, true, false}, 2, "dcba"},
                                 {{false, false, false}, 4, "abcdefgh"}, {{true, false, false}, 4, "badcfehg"},
                                 {{false, true, false}, 4, "ghefcdab"},  {{true, true, false}, 4, "hgfedcba"},
                                 {{false, false, true}, 4, "cdabghef"},  {{true, false, true}, 4, "dcbahgfe"}};

constexpr unsigned kMaxTextBytes = 250;  // 125 registers, the most one request reads

unsigned registers_of(WireType type) {
  for (const TypeName& known : kTypes) {
    if (known.type == type) return known.registers;
  }
  return 1;
}

// Walks over the parts and remembers the column for messages.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<PointAddress> parse();

 private:
  std::unexpected<Error> error(std::string_view what, std::string_view cure = {}) const {
    Error e = Error(Errc::invalid_argument, "modbus.address").with(what).at(karez::format("/{}", part_at_ + 1));
    if (!cure.empty()) e = std::move(e).cure(cure);
    return std::unexpected(std::move(e));
  }
  // Up to the next ':' or the end.
  std::string_view part() {
    part_at_ = at_;
    const std::size_t end = std::min(text_.find(':', at_), text_.size());
    const std::string_view found = text_.substr(at_, end - at_);
    more_ = end < text_.size();
    at_ = end + 1;
    return found;
  }
  Result<> area(std::string_view name);
  Result<> number(std::string_view digits);
  Result<> bit(std::string_view digits);
  Result<> type(std::string_view name);
  Result<> order(std::string_view name);

  std::string_view text_;
  std::size_t at_ = 0, part_at_ = 0;
  bool more_ = true;
  PointAddress out_;
  char digit_ = '4';
};

Result<> Parser::area(std::string_view name) {
  for (const AreaName& known : kAreas) {
    if (name == known.name) {
      out_.area = known.area;
      digit_ = known.digit;
      return {};
    }
  }
  return error(karez::format("\"{}\" is no table of a Modbus device", name),
               "Begin with co (coils), di (discrete inputs), ir (input registers) or hr (holding registers).");
}

Result<> Parser::number(std::string_view digits) {
  std::optional<std::uint64_t> value;
  if (digits.starts_with("0x")) {
    value = parse_number<std::uint64_t>(digits.substr(2), 16);
  } else if (digits.starts_with('#')) {
    value = parse_number<std::uint64_t>(digits.substr(1));
  } else if ((digits.size() == 5 || digits.size() == 6) && digits[0] == digit_) {
    value = parse_number<std::uint64_t>(digits.substr(1));
    if (value && *value == 0)
      return error("reference numbers begin at 1", "Write " + std::string(1, digit_) + "0001 for the first.");
    if (value) --*value;
  } else {
    value = parse_number<std::uint64_t>(digits);
  }
  if (!value)
    return error(karez::format("\"{}\" is not a number", digits),
                 "Write 40001 (reference), 0 or #0 or 0x0 (zero-based).");
  if (*value > 65535) return error(karez::format("{} is beyond the last address, 65535", digits));
  out_.offset = static_cast<std::uint16_t>(*value);
  return {};
}

Result<> Parser::bit(std::string_view digits) {
  const auto value = parse_number<std::uint64_t>(digits);
  if (is_bits(out_.area))
    return error("a bit number only makes sense in a register", "Leave out the part after the dot.");
  if (!value || *value > 15)
    return error(karez::format("\"{}\" is no bit of a register", digits),
                 "Write .0 to .15; .0 is the least significant.");
  out_.bit = static_cast<int>(*value);
  out_.type = WireType::boolean;
  return {};
}

Result<> Parser::type(std::string_view name) {
  if (name.starts_with("string[") && name.ends_with(']')) {
    const auto bytes = parse_number<std::uint64_t>(name.substr(7, name.size() - 8));
    if (!bytes || *bytes < 1 || *bytes > kMaxTextBytes)
      return error("a string has 1 to 250 bytes", "Write string[16].");
    out_.type = WireType::text;
    out_.text_bytes = static_cast<std::uint16_t>(*bytes);
  } else {
    const auto known = std::ranges::find(kTypes, name, &TypeName::name);
    if (known == std::end(kTypes)) {
      return error(karez::format("\"{}\" is no type", name),
                   "Use bool, u16, i16, u32, i32, u64, i64, f32, f64, bcd, bcd32 or string[bytes].");
    }
    out_.type = known->type;
  }
  if (is_bits(out_.area) && out_.type != WireType::boolean) return error("coils and discrete inputs are bool");
  if (out_.bit >= 0 && out_.type != WireType::boolean) return error("a bit of a register is bool");
  if (!is_bits(out_.area) && out_.bit < 0 && out_.type == WireType::boolean) {
    return error("which bit of the register is meant?", "Write hr:40001.0, or use u16 to get the whole register.");
  }
  return {};
}

Result<> Parser::order(std::string_view name) {
  const unsigned registers = registers_of(out_.type);
  for (const OrderName& known : kOrders) {
    const bool fits = known.registers == registers || (known.registers == 2 && out_.type != WireType::boolean);
    if (known.name == name && fits && out_.bit < 0 && !is_bits(out_.area)) {
      out_.order = known.order;
      return {};
    }
  }
  return error(karez::format("\"{}\" is no byte order for this type", name),
               "16 bit: ab or ba. 32 bit: abcd, badc, cdab or dcba. 64 bit: those, or 8 letters such as ghefcdab.");
}

Result<PointAddress> Parser::parse() {
  if (text_.size() > 64) return error("longer than any Modbus address");
  KZ_CHECK(area(part()));
  if (!more_) return error("the number is missing", "Write for example hr:40001.");
  out_.type = is_bits(out_.area) ? WireType::boolean : WireType::u16;
  const std::string_view where = part();
  const std::size_t dot = where.find('.');
  KZ_CHECK(number(where.substr(0, dot)));
  if (dot != std::string_view::npos) {
    part_at_ += dot;
    KZ_CHECK(bit(where.substr(dot + 1)));
  }
  if (more_) KZ_CHECK(type(part()));
  if (more_) KZ_CHECK(order(part()));
  part_at_ = at_;
  if (more_) return error("nothing may follow the byte order");
  part_at_ = 0;
  if (out_.offset + out_.span() > 65536) return error("the value reaches beyond the last address, 65535");
  return out_;
}

}  // namespace

std::optional<Order> parse_order(std::string_view text) {
  for (const OrderName& known : kOrders) {
    if (known.name == text) return known.order;
  }
  return std::nullopt;
}

unsigned PointAddress::span() const { return type == WireType::text ? (text_bytes + 1u) / 2 : registers_of(type); }

Result<PointAddress> parse_address(std::string_view text) { return Parser(text).parse(); }

std::string canonical(const PointAddress& address) {
  const AreaName& area = kAreas[static_cast<std::size_t>(address.area)];
  const unsigned reference = address.offset + 1u;
  std::string out = reference <= 9999 ? karez::format("{}:{}{:04}", area.name, area.digit, reference)
                                      : karez::format("{}:{}{:05}", area.name, area.digit, reference);
  if (address.bit >= 0) return out + karez::format(".{}", address.bit);
  if (is_bits(address.area)) return out;
  if (address.type == WireType::text) {
    out += karez::format(":string[{}]", address.text_bytes);
  } else if (address.type != WireType::u16 || address.order) {
    out += ":" + std::string(to_string(address.type));
  }
  if (address.order) {
    const unsigned registers = std::min(registers_of(address.type), 4u);
    const unsigned width = address.type == WireType::text ? 2 : registers;
    for (const OrderName& known : kOrders) {
      if (known.registers == width && known.order == *address.order) return out + ":" + std::string(known.name);
    }
  }
  return out;
}

model::ValueType natural_type(WireType type) {
  switch (type) {
    case WireType::boolean: return model::ValueType::boolean;
    case WireType::f32:
    case WireType::f64: return model::ValueType::float64;
    case WireType::text: return model::ValueType::text;
    default: return model::ValueType::int64;
  }
}

std::string_view to_string(Area area) { return kAreas[static_cast<std::size_t>(area)].name; }

std::string_view to_string(WireType type) {
  for (const TypeName& known : kTypes) {
    if (known.type == type) return known.name;
  }
  return "string";
}

}  // namespace karez::connect::modbus
