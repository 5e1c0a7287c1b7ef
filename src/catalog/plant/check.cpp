// SPDX-License-Identifier: Apache-2.0
#include "catalog/plant/check.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/json.h"
#include "base/text.h"
#include "model/enterprise.h"
#include "model/unit.h"

namespace karez::catalog {
namespace {

// In characters, as the API's contract counts them; a configuration in bytes.
constexpr std::size_t kMaxName = 200, kMaxText = 4000, kMaxAddress = 1024, kMaxConfig = 65536;
constexpr Duration kMaxPeriod = std::chrono::days(366);

bool only(std::string_view text, std::string_view more) {
  return std::ranges::all_of(
      text, [&](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.contains(c); });
}

Result<> check_name(std::string_view pointer, std::string_view name) {
  if (is_printable_name(name, 4 * kMaxName) && utf8_length(name) <= kMaxName) return {};
  return invalid(pointer, "A name has 1 to 200 characters, no control characters, no blank at either end.");
}

/// May be empty; line breaks and tabs are allowed in `long_text`.
Result<> check_text(std::string_view pointer, std::string_view text, std::size_t max, bool long_text) {
  if (utf8_length(text) > max) return invalid(pointer, karez::format("At most {} characters.", max));
  if (!is_utf8(text)) return invalid(pointer, "Not UTF-8.");
  for (const char c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && !(long_text && (c == '\n' || c == '\t' || c == '\r'))) || c == 0x7f)
      return invalid(pointer, "Control characters are not allowed.");
  return {};
}

Result<> check_config(std::string_view config) {
  if (config.empty()) return {};
  const auto parsed = JsonDocument::parse(config, {.max_bytes = kMaxConfig, .max_depth = 16});
  if (!parsed) return invalid("/config", parsed.error().text());
  if (!parsed->root().is_object()) return invalid("/config", "A JSON object is needed.");
  return {};
}

Result<> check_range(std::string_view name, const model::Range& range) {
  const auto finite = [](const std::optional<double>& v) { return !v || std::isfinite(*v); };
  if (!finite(range.low)) return invalid(karez::format("/{}_low", name), "A finite number is needed.");
  if (!finite(range.high)) return invalid(karez::format("/{}_high", name), "A finite number is needed.");
  if (range.low && range.high && *range.low >= *range.high)
    return invalid(karez::format("/{}_high", name), "The upper end must be above the lower one.");
  return {};
}

}  // namespace

std::unexpected<Error> invalid(std::string_view pointer, std::string_view text) {
  return fail(Error(Errc::invalid_argument, "registry.invalid").with(text).at(pointer));
}
std::unexpected<Error> denied() { return fail(Errc::denied, "registry.denied", "Not allowed for this role."); }
std::unexpected<Error> stale() {
  return fail(Error(Errc::conflict, "registry.stale")
                  .with("It was changed in the meantime.")
                  .cure("Read it again, then repeat the change."));
}
std::unexpected<Error> not_found(std::string_view what) {
  return fail(Errc::not_found, "registry.not_found", karez::format("There is no such {}.", what));
}
std::unexpected<Error> duplicate_name(std::string_view pointer, std::string_view name) {
  return fail(
      Error(Errc::conflict, "registry.duplicate_name").with(karez::format("The name {} is taken.", name)).at(pointer));
}

Result<> require(const model::Scope& scope, model::Role needed) {
  if (!scope.at_least(needed)) return denied();
  return {};
}

Result<> check_tenant(const model::Tenant& tenant) {
  if (tenant.slug.empty() || tenant.slug.size() > 40 || !only(tenant.slug, "-"))
    return invalid("/slug", "1 to 40 of a-z, 0-9 and -.");
  KZ_CHECK(check_name("/name", tenant.name));
  if (!tenant.uscc.empty())
    if (const auto ok = model::check_uscc(tenant.uscc); !ok) return invalid("/uscc", ok.error().text());
  if (!tenant.industry.empty())
    if (const auto ok = model::check_industry(tenant.industry); !ok) return invalid("/industry", ok.error().text());
  if (!tenant.region.empty())
    if (const auto ok = model::check_region(tenant.region); !ok) return invalid("/region", ok.error().text());
  if (tenant.time_zone.empty() || tenant.time_zone.size() > 64 || !only(to_lower(tenant.time_zone), "_+/-"))
    return invalid("/time_zone", "A name of the IANA time-zone database is needed.");
  return {};
}

Result<> check_equipment(const model::Equipment& node) {
  KZ_CHECK(check_name("/name", node.name));
  return check_text("/description", node.description, kMaxText, true);
}

Result<> check_link(const model::Link& link) {
  KZ_CHECK(check_name("/name", link.name));
  if (link.driver.empty() || link.driver.size() > 40 || !only(link.driver, "_-"))
    return invalid("/driver", "No driver has that name.");
  return check_config(link.config);
}

Result<> check_device(const model::Device& device) {
  KZ_CHECK(check_name("/name", device.name));
  KZ_CHECK(check_text("/description", device.description, kMaxText, true));
  KZ_CHECK(check_text("/manufacturer", device.manufacturer, kMaxName, false));
  KZ_CHECK(check_text("/model", device.model, kMaxName, false));
  return check_config(device.config);
}

Result<> check_point(const model::Point& point) {
  KZ_CHECK(check_name("/name", point.name));
  KZ_CHECK(check_text("/description", point.description, kMaxText, true));
  KZ_CHECK(check_text("/address", point.address, kMaxAddress, false));
  if (point.type == model::ValueType::none) return invalid("/type", "A point needs a type.");
  if (!point.unit.empty())
    if (const auto unit = model::parse_unit(point.unit); !unit) return invalid("/unit", unit.error().text());
  if (!std::isfinite(point.scale) || point.scale == 0)
    return invalid("/scale", "A finite number other than 0 is needed.");
  if (!std::isfinite(point.offset)) return invalid("/offset", "A finite number is needed.");
  if (!std::isfinite(point.deadband) || point.deadband < 0)
    return invalid("/deadband", "0 or a positive number is needed.");
  if (point.precision < -1 || point.precision > 15) return invalid("/precision", "-1 to 15 digits.");
  if (point.period < std::chrono::milliseconds(1) || point.period > kMaxPeriod)
    return invalid("/period_ms", "1 ms to 366 days.");
  if (point.expected_interval < Duration::zero() || point.expected_interval > kMaxPeriod)
    return invalid("/expected_interval_ms", "0 to 366 days.");
  KZ_CHECK(check_range("display", point.display));
  KZ_CHECK(check_range("normal", point.normal));
  return check_range("limit", point.limit);
}

Error below(std::string_view prefix, const Error& error) {
  // `at` replaces the pointer; slug, text and cure stay.
  return Error(error).at(std::string(prefix).append(error.pointer()));
}

std::string search_text(std::initializer_list<std::string_view> fields) {
  std::string out;
  for (const std::string_view field : fields) {
    if (!out.empty()) out += '\n';
    out += to_lower(field);
  }
  return out;
}

}  // namespace karez::catalog
