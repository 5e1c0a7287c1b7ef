// SPDX-License-Identifier: Apache-2.0
#include "api/line_protocol.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace karez::api {

std::optional<std::int64_t> precision_unit(std::string_view text) {
  if (text.empty() || text == "ns" || text == "n") return 1;
  if (text == "us" || text == "u") return 1'000;
  if (text == "ms") return 1'000'000;
  if (text == "s") return 1'000'000'000;
  if (text == "m") return 60'000'000'000;
  if (text == "h") return 3'600'000'000'000;
  return std::nullopt;
}

/// One line: `p` moves from `begin` to `end`. `end` is found on the way, since a quoted text may hold
/// line breaks.
struct LineReader::Cursor {
  const char* begin;
  const char* p;
  const char* end;  ///< of the body

  bool done() const { return p == end || *p == '\n' || (*p == '\r' && (p + 1 == end || p[1] == '\n')); }
  bool fault(LineFault& out, const char* slug, const char* text) const {
    out.column = static_cast<std::size_t>(p - begin) + 1;
    out.slug = slug;
    out.text = text;
    return false;
  }
};

namespace {

/// Bytes that may end a name: blank, comma, =, backslash, line ends.
constexpr auto kStops = [] {
  std::array<bool, 256> stops{};
  for (const char c : {' ', ',', '=', '\\', '\n', '\r'}) stops[static_cast<unsigned char>(c)] = true;
  return stops;
}();

inline bool stops(char c) { return kStops[static_cast<unsigned char>(c)]; }

bool parse_number(std::string_view s, LineField& field) {
  const char last = s.back();
  if (last == 'i') {
    std::int64_t n = 0;
    const auto [end, ec] = std::from_chars(s.data(), s.data() + s.size() - 1, n);
    if (ec != std::errc{} || end != s.data() + s.size() - 1) return false;
    field.type = model::ValueType::int64;
    field.bits = model::bits_of(n);
    return true;
  }
  if (last == 'u') {
    std::uint64_t n = 0;
    const auto [end, ec] = std::from_chars(s.data(), s.data() + s.size() - 1, n);
    if (ec != std::errc{} || end != s.data() + s.size() - 1) return false;
    if (n > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return false;
    field.type = model::ValueType::int64;
    field.bits = n;
    return true;
  }
  double d = 0;
  const char* begin = s.data() + (s.front() == '+' ? 1 : 0);
  const auto [end, ec] = std::from_chars(begin, s.data() + s.size(), d);
  if (ec != std::errc{} || end != s.data() + s.size() || !std::isfinite(d)) return false;
  field.type = model::ValueType::float64;
  field.bits = model::bits_of(d);
  return true;
}

bool parse_boolean(std::string_view s, LineField& field) {
  bool value = false;
  if (s == "t" || s == "T" || s == "true" || s == "True" || s == "TRUE") value = true;
  else if (s != "f" && s != "F" && s != "false" && s != "False" && s != "FALSE") return false;
  field.type = model::ValueType::boolean;
  field.bits = model::bits_of(value);
  return true;
}

}  // namespace

LineReader::Step LineReader::next(Line& line, LineFault& fault) {
  while (at_ < body_.size()) {
    ++number_;
    const char* const data = body_.data();
    Cursor c{data + at_, data + at_, data + body_.size()};
    while (c.p != c.end && (*c.p == ' ' || *c.p == '\t')) ++c.p;
    const std::size_t first = number_;
    bool blank = c.done(), good = true;
    if (!blank && *c.p == '#') {
      blank = true;
    } else if (!blank) {
      line.number = fault.line = first;
      good = parse(c, line, fault);
    }
    if (blank || !good) {
      // The rest of a refused line is skipped up to its first line break.
      const auto eol = body_.find('\n', static_cast<std::size_t>(c.p - data));
      at_ = eol == std::string_view::npos ? body_.size() : eol + 1;
    } else {
      // The line breaks of quoted texts count.
      number_ += static_cast<std::size_t>(std::count(c.begin, c.p, '\n'));
      while (c.p != c.end && *c.p != '\n') ++c.p;
      at_ = static_cast<std::size_t>(c.p - data) + (c.p != c.end ? 1 : 0);
    }
    if (!blank) return good ? Step::line : Step::fault;
  }
  return Step::end;
}

bool LineReader::parse(Cursor& c, Line& line, LineFault& fault) {
  line.fields.clear();
  line.time.reset();
  // Series: everything up to the first blank that is not escaped.
  const char* const series = c.p;
  line.measurement = 0;
  bool comma = false;
  while (c.p != c.end) {
    if (!stops(*c.p)) {
      ++c.p;
      continue;
    }
    if (*c.p == '\\' && c.p + 1 != c.end && c.p[1] != '\n' && c.p[1] != '\r') {
      c.p += 2;
      continue;
    }
    if (*c.p == ',' && !comma) {
      comma = true;
      line.measurement = static_cast<std::size_t>(c.p - series);
    }
    if (*c.p == ' ' || c.done()) break;
    ++c.p;
  }
  line.series = {series, static_cast<std::size_t>(c.p - series)};
  if (!comma) line.measurement = line.series.size();
  if (line.measurement == 0) {
    c.p = series;
    return c.fault(fault, "line.no_measurement", "The line begins without a measurement.");
  }
  if (line.series.size() > kMaxSeries) return c.fault(fault, "line.too_long", "Measurement and tags are too long.");
  while (c.p != c.end && *c.p == ' ') ++c.p;
  if (c.done()) return c.fault(fault, "line.no_fields", "The line has no fields.");

  for (;;) {
    LineField field;
    const char* const key = c.p;
    while (c.p != c.end) {
      if (!stops(*c.p)) {
        ++c.p;
      } else if (*c.p == '\\' && c.p + 1 != c.end && c.p[1] != '\n' && c.p[1] != '\r') {
        c.p += 2;
      } else if (*c.p == '=' || *c.p == ',' || *c.p == ' ' || c.done()) {
        break;
      } else {
        ++c.p;
      }
    }
    field.key = {key, static_cast<std::size_t>(c.p - key)};
    if (field.key.empty() || c.p == c.end || *c.p != '=')
      return c.fault(fault, "line.field", "A field must look like name=value.");
    ++c.p;
    if (c.p != c.end && *c.p == '"') {
      const char* const text = ++c.p;
      while (c.p != c.end && *c.p != '"') c.p += *c.p == '\\' && c.p + 1 != c.end ? 2 : 1;
      if (c.p == c.end) {
        c.p = text;
        return c.fault(fault, "line.quote", "The closing quote is missing.");
      }
      field.type = model::ValueType::text;
      field.text = {text, static_cast<std::size_t>(c.p - text)};
      if (field.text.size() > kMaxText) return c.fault(fault, "line.text_too_long", "A text of more than 16384 bytes.");
      ++c.p;
    } else {
      const char* const value = c.p;
      while (c.p != c.end && *c.p != ',' && *c.p != ' ' && !c.done()) ++c.p;
      const std::string_view s(value, static_cast<std::size_t>(c.p - value));
      const bool number =
          !s.empty() && s.size() <= 400 && ((s[0] >= '0' && s[0] <= '9') || s[0] == '-' || s[0] == '+' || s[0] == '.');
      if (number ? !parse_number(s, field) : !parse_boolean(s, field)) {
        c.p = value;
        return c.fault(fault, "line.value", "Not a number, integer (12i), boolean or quoted text.");
      }
    }
    if (line.fields.size() == kMaxFields) return c.fault(fault, "line.too_many_fields", "More than 4096 fields.");
    line.fields.push_back(field);
    if (c.p != c.end && *c.p == ',') {
      ++c.p;
      continue;
    }
    break;
  }

  if (c.p != c.end && *c.p != ' ' && !c.done())
    return c.fault(fault, "line.field", "A comma or a blank must follow a value.");
  while (c.p != c.end && *c.p == ' ') ++c.p;
  if (c.done()) return true;
  const char* const stamp = c.p;
  while (c.p != c.end && *c.p != ' ' && !c.done()) ++c.p;
  std::int64_t n = 0;
  const auto [end, ec] = std::from_chars(stamp, c.p, n);
  std::int64_t ns = 0;
  if (ec != std::errc{} || end != c.p || __builtin_mul_overflow(n, unit_, &ns) || ns == to_ns(kMinTime)) {
    c.p = stamp;
    return c.fault(fault, "line.time", "Not a time-stamp in the precision asked for.");
  }
  line.time = from_ns(ns);
  while (c.p != c.end && *c.p == ' ') ++c.p;
  if (!c.done()) return c.fault(fault, "line.rest", "Something follows the time-stamp.");
  return true;
}

std::string unescape_name(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\\' && i + 1 < raw.size() && (raw[i + 1] == ',' || raw[i + 1] == ' ' || raw[i + 1] == '=')) ++i;
    out.push_back(raw[i]);
  }
  return out;
}

void unescape_text(std::string_view raw, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\\' && i + 1 < raw.size() && (raw[i + 1] == '"' || raw[i + 1] == '\\')) ++i;
    out.push_back(raw[i]);
  }
}

Result<std::string> sorted_tags(std::string_view tags) {
  std::vector<std::pair<std::string, std::string>> all;
  std::size_t i = 0;
  while (i < tags.size()) {
    std::size_t eq = std::string_view::npos, j = i;
    for (; j < tags.size() && tags[j] != ','; ++j) {
      if (tags[j] == '\\' && j + 1 < tags.size()) ++j;
      else if (tags[j] == '=' && eq == std::string_view::npos) eq = j;
    }
    if (eq == std::string_view::npos || eq == i || eq + 1 >= j)
      return fail(Errc::invalid_argument, "line.tag", "A tag must look like name=value.");
    all.emplace_back(unescape_name(tags.substr(i, eq - i)), unescape_name(tags.substr(eq + 1, j - eq - 1)));
    if (j < tags.size() && j + 1 == tags.size())
      return fail(Errc::invalid_argument, "line.tag", "A tag must follow the comma.");
    i = j + 1;
  }
  std::ranges::sort(all);
  std::string out;
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (k > 0 && all[k].first == all[k - 1].first)
      return fail(Errc::invalid_argument, "line.duplicate_tag", "A tag stands twice in the line.");
    if (k > 0) out += ',';
    out += all[k].first + "=" + all[k].second;
  }
  return out;
}

}  // namespace karez::api
