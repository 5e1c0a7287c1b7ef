// SPDX-License-Identifier: Apache-2.0
#include "model/unit.h"

#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "model/unit_atoms.h"

namespace karez::model {
namespace {

constexpr unsigned kMaxNesting = 8;
constexpr int kMaxPower = 30;

double pow10(int exponent) { return std::pow(10.0, exponent); }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string superscript(int power) {
  constexpr std::string_view kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string out = power < 0 ? "⁻" : "";
  for (const char c : std::to_string(std::abs(power))) out += kDigits[c - '0'];
  return out;
}

/// Recursive descent over the grammar of UCUM §7; builds meaning and symbol in one pass.
class UnitParser {
 public:
  explicit UnitParser(std::string_view code) : code_(code) {}

  Result<Unit> parse() {
    Unit unit;
    if (accept('/')) {
      symbol_ += "1/";
      leading_slash_ = true;
    }
    KZ_CHECK(term(unit, 0));
    if (at_ != code_.size()) return syntax("Here the unit should end.");
    if (special_ && (components_ > 1 || leading_slash_))
      return fail(
          Error(Errc::invalid_argument, "unit.not_in_term")
              .with(karez::format("'{}' has a zero or scale of its own and cannot be part of a product.", *special_))
              .cure("Use K for temperature differences and rates."));
    if (unit.arbitrary == kMixed)
      return fail(Error(Errc::unsupported, "unit.not_in_term").with("The unit mixes several arbitrary scales."));
    if (!std::isnormal(unit.mantissa) || std::abs(unit.exponent) > 250 || std::abs(std::log10(unit.mantissa)) > 250)
      return out_of_range();
    return unit;
  }

  std::string symbol() && { return symbol_ == "1" ? std::string() : std::move(symbol_); }

 private:
  static constexpr std::uint16_t kMixed = 0xffff;

  bool accept(char c) {
    if (at_ >= code_.size() || code_[at_] != c) return false;
    ++at_;
    return true;
  }
  char now() const { return at_ < code_.size() ? code_[at_] : '\0'; }

  std::unexpected<Error> syntax(std::string_view text) const {
    return fail(Error(Errc::invalid_argument, "unit.syntax")
                    .with(karez::format("Column {} of '{}': {}", at_ + 1, code_, text))
                    .at(karez::format("/{}", at_ + 1)));
  }
  static std::unexpected<Error> out_of_range() {
    return fail(Errc::invalid_argument, "unit.out_of_range", "The unit is too large or too small to calculate with.");
  }

  Result<> term(Unit& out, unsigned depth) {
    if (depth > kMaxNesting) return syntax("Brackets are nested too deeply.");
    int sign = depth == 0 && leading_slash_ ? -1 : 1;
    for (;;) {
      KZ_CHECK(component(out, sign, depth));
      if (accept('.')) {
        symbol_ += "·";
        sign = 1;
      } else if (accept('/')) {
        symbol_ += '/';
        sign = -1;
      } else {
        return {};
      }
    }
  }

  Result<> component(Unit& out, int sign, unsigned depth) {
    ++components_;
    if (accept('(')) {
      symbol_ += '(';
      Unit inner;
      KZ_CHECK(term(inner, depth + 1));
      if (!accept(')')) return syntax("A closing bracket is missing.");
      symbol_ += ')';
      return multiply(out, inner, sign);
    }
    if (now() == '{') return annotation(true);
    if (is_digit(now()) && !code_.substr(at_).starts_with("10*") && !code_.substr(at_).starts_with("10^"))
      return factor(out, sign);
    KZ_CHECK(simple_unit(out, sign));
    return now() == '{' ? annotation(false) : Result<>{};
  }

  Result<> factor(Unit& out, int sign) {
    const std::size_t first = at_;
    std::int64_t value = 0;
    for (; is_digit(now()); ++at_) {
      if (at_ - first >= 9) return out_of_range();
      value = value * 10 + (now() - '0');
    }
    if (value == 0) return syntax("A factor cannot be zero.");
    symbol_ += code_.substr(first, at_ - first);
    Unit number;
    number.mantissa = static_cast<double>(value);
    KZ_CHECK(multiply(out, number, sign));
    return now() == '{' ? annotation(false) : Result<>{};
  }

  Result<> annotation(bool alone) {
    const std::size_t first = ++at_;
    for (; at_ < code_.size() && now() != '}'; ++at_)
      if (now() < 0x20 || now() > 0x7e || now() == '{')
        return syntax("An annotation holds printable ASCII characters.");
    const std::string_view text = code_.substr(first, at_ - first);
    if (!accept('}')) return syntax("The annotation has no closing brace.");
    symbol_ += alone ? std::string(text) : karez::format("({})", text);
    return {};
  }

  /// Characters of an atom with its prefix: up to an operator, brace or exponent; whatever stands in
  /// square brackets belongs to it.
  std::string_view token() const {
    const std::string_view rest = code_.substr(at_);
    if (rest.starts_with("10*") || rest.starts_with("10^")) return rest.substr(0, 3);
    std::size_t n = 0;
    for (bool bracket = false; n < rest.size(); ++n) {
      const char c = rest[n];
      if (bracket) {
        bracket = c != ']';
      } else if (c == '[') {
        bracket = true;
      } else if (is_digit(c) || std::string_view("./(){}+-").contains(c)) {
        break;
      }
    }
    return rest.substr(0, n);
  }

  Result<> simple_unit(Unit& out, int sign) {
    const std::string_view name = token();
    if (name.empty()) return syntax("A unit is missing.");
    const UnitAtom* atom = find_unit_atom(name);
    const UnitPrefix* prefix = nullptr;
    for (std::size_t n = 1; atom == nullptr && n <= 2 && n < name.size(); ++n) {
      prefix = find_unit_prefix(name.substr(0, n));
      atom = prefix ? find_unit_atom(name.substr(n)) : nullptr;
      if (atom && !atom->metric) atom = nullptr;
    }
    if (atom == nullptr) return unknown(name);
    at_ += name.size();
    Unit unit = atom->unit;
    if (prefix) {
      unit.mantissa *= prefix->mantissa;
      unit.exponent += prefix->exponent;
      symbol_ += prefix->symbol;
    }
    symbol_ += atom->symbol;
    if (atom->special) special_ = name;
    int power = 1;
    const bool signed_power = now() == '+' || now() == '-';
    if (signed_power || is_digit(now())) {
      KZ_TRY(power, exponent());
      if (atom->special) ++components_;  // no squares of a scale
      symbol_ += superscript(power);
    }
    for (int i = 0; i < std::abs(power); ++i) KZ_CHECK(multiply(out, unit, power < 0 ? -sign : sign));
    return {};
  }

  Result<int> exponent() {
    const bool negative = now() == '-';
    if (now() == '-' || now() == '+') ++at_;
    if (!is_digit(now())) return syntax("A power is missing.");
    int power = 0;
    for (; is_digit(now()); ++at_)
      if ((power = power * 10 + (now() - '0')) > kMaxPower) return syntax("The power is too high.");
    if (power == 0) return syntax("A power cannot be zero.");
    return negative ? -power : power;
  }

  std::unexpected<Error> unknown(std::string_view name) const {
    Error error =
        Error(Errc::invalid_argument, "unit.unknown").with(karez::format("'{}' is not a unit of UCUM.", name));
    return fail(std::move(error).at(karez::format("/{}", at_ + 1)));
  }

  Result<> multiply(Unit& out, const Unit& by, int sign) const {
    out.mantissa = sign > 0 ? out.mantissa * by.mantissa : out.mantissa / by.mantissa;
    out.exponent += sign * by.exponent;
    for (std::size_t i = 0; i < out.dimension.size(); ++i) {
      const int sum = out.dimension[i] + sign * by.dimension[i];
      if (sum > 100 || sum < -100) return out_of_range();
      out.dimension[i] = static_cast<std::int8_t>(sum);
    }
    if (by.arbitrary != 0) out.arbitrary = out.arbitrary == 0 && sign > 0 ? by.arbitrary : kMixed;
    out.offset += by.offset;  // only ever of a component that stands alone
    if (std::abs(out.exponent) > 1000 || !std::isnormal(out.mantissa)) return out_of_range();
    return {};
  }

  std::string_view code_;
  std::size_t at_ = 0;
  unsigned components_ = 0;
  bool leading_slash_ = false;
  std::optional<std::string_view> special_;
  std::string symbol_;
};

Result<> check_length(std::string_view code) {
  if (code.empty())
    return fail(
        Error(Errc::invalid_argument, "unit.empty").with("The unit is empty.").cure("Write 1 when there is none."));
  if (code.size() > kMaxUnitCode)
    return fail(Errc::invalid_argument, "unit.too_long", karez::format("A unit has at most {} bytes.", kMaxUnitCode));
  if (!is_utf8(code)) return fail(Errc::invalid_argument, "unit.syntax", "The unit is not UTF-8 text.");
  return {};
}

}  // namespace

Result<Unit> parse_unit_plain(std::string_view code) {
  KZ_CHECK(check_length(code));
  return UnitParser(code).parse();
}

Result<Unit> parse_unit(std::string_view code) {
  auto unit = parse_unit_plain(code);
  if (!unit && unit.error().slug() != "unit.too_long")
    if (const auto meant = guess_unit(code))
      return fail(std::move(unit.error()).cure(karez::format("Write it as {}.", *meant)));
  return unit;
}

std::string unit_symbol(std::string_view code) {
  if (!check_length(code)) return std::string(code);
  UnitParser parser(code);
  if (!parser.parse()) return std::string(code);
  return std::move(parser).symbol();
}

Result<double> convert(double value, const Unit& from, const Unit& to) {
  if (!from.converts_to(to))
    return fail(Errc::invalid_argument, "unit.incompatible", "The units measure different things.");
  const int shift = from.exponent - to.exponent;
  const double ratio = from.mantissa / to.mantissa;
  double out = 0;
  if (from.offset == to.offset && ratio == 1) {
    // Dividing by a whole power of ten rounds once; multiplying by its inverse would round twice.
    out = shift >= 0 ? value * pow10(shift) : value / pow10(-shift);
  } else {
    const double base = value * from.mantissa * pow10(from.exponent) + from.offset;
    out = from.offset == 0 && to.offset == 0 ? value * ratio * pow10(shift)
                                             : (base - to.offset) / (to.mantissa * pow10(to.exponent));
  }
  if (!std::isfinite(out) && std::isfinite(value))
    return fail(Errc::invalid_argument, "unit.out_of_range", "The converted value is too large.");
  return out;
}

Result<UnitId> UnitTable::intern(std::string_view code) {
  KZ_TRY(const Unit unit, parse_unit(code));
  const std::lock_guard lock(mutex_);
  if (const auto at = index_.find(std::string(code)); at != index_.end()) return UnitId{at->second};
  if (entries_.size() >= kMaxUnits)
    return fail(Errc::exhausted, "unit.table_full", karez::format("At most {} different units are kept.", kMaxUnits));
  entries_.push_back({std::string(code), unit});
  const auto id = static_cast<std::uint32_t>(entries_.size());
  index_.emplace(code, id);
  return UnitId{id};
}

Result<double> UnitTable::convert(double value, UnitId from, UnitId to) const {
  Unit a, b;
  {
    const std::lock_guard lock(mutex_);
    if (!from || !to || from.value > entries_.size() || to.value > entries_.size())
      return fail(Errc::not_found, "unit.unknown_id");
    a = entries_[from.value - 1].unit;
    b = entries_[to.value - 1].unit;
  }
  return model::convert(value, a, b);
}

std::string UnitTable::code(UnitId id) const {
  const std::lock_guard lock(mutex_);
  return id && id.value <= entries_.size() ? entries_[id.value - 1].code : std::string();
}

}  // namespace karez::model
