// SPDX-License-Identifier: Apache-2.0
#include "api/routes/point_csv.h"

#include <cmath>

#include "api/csv.h"
#include "api/routes/bodies.h"
#include "base/format.h"
#include "base/number.h"
#include "base/text.h"

namespace karez::api::routes {
namespace {

constexpr std::string_view kColumns[] = {"name",
                                         "description",
                                         "address",
                                         "type",
                                         "unit",
                                         "scale",
                                         "offset",
                                         "precision",
                                         "deadband",
                                         "period_ms",
                                         "access",
                                         "display_low",
                                         "display_high",
                                         "normal_low",
                                         "normal_high",
                                         "limit_low",
                                         "limit_high",
                                         "interpolation",
                                         "expected_interval_ms",
                                         "history",
                                         "enabled"};
constexpr std::string_view kNumbers[] = {"scale",       "offset",      "precision",    "deadband",
                                         "period_ms",   "display_low", "display_high", "normal_low",
                                         "normal_high", "limit_low",   "limit_high",   "expected_interval_ms"};
/// By the grammar of RFC 8259; anything else (05, 1., -inf) goes on as text and is refused as one.
bool is_json_number(std::string_view s) {
  const auto digits = [&] {
    std::size_t n = 0;
    while (n < s.size() && s[n] >= '0' && s[n] <= '9') ++n;
    s.remove_prefix(n);
    return n;
  };
  if (s.starts_with('-')) s.remove_prefix(1);
  const bool zero = s.starts_with('0');
  const std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (s.starts_with('.')) {
    s.remove_prefix(1);
    if (digits() == 0) return false;
  }
  if (s.starts_with('e') || s.starts_with('E')) {
    s.remove_prefix(1);
    if (s.starts_with('+') || s.starts_with('-')) s.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return s.empty();
}

std::string_view plain(std::string_view cell) {
  cell = trim(cell);
  // The apostrophe that the export puts before formulas.
  if (cell.size() > 1 && cell[0] == '\'' && std::string_view("=+-@").contains(cell[1])) cell.remove_prefix(1);
  return cell;
}

std::string_view cell_of(const std::vector<std::string>& header, const std::vector<std::string>& cells,
                         std::string_view column) {
  const auto at = static_cast<std::size_t>(std::ranges::find(header, column) - header.begin());
  return at < header.size() && at < cells.size() ? plain(cells[at]) : std::string_view{};
}

/// The type of a row that names none, as the wizard of the console chooses it: the natural one of the
/// address, but double for whole numbers that are scaled by fractions.
std::string_view chosen_type(Call& call, std::string_view driver, const std::vector<std::string>& header,
                             const std::vector<std::string>& cells) {
  const std::string_view address = cell_of(header, cells, "address");
  auto type = model::ValueType::float64;
  if (!driver.empty() && !address.empty())
    if (const auto parsed = call.services.links.validate(std::string(driver), address)) type = parsed->type;
  if (type == model::ValueType::none) type = model::ValueType::float64;
  const auto is_whole = [&](std::string_view column) {
    const double number = parse_number<double>(cell_of(header, cells, column)).value_or(0);
    return std::trunc(number) == number;
  };
  if (type == model::ValueType::int64 && !(is_whole("scale") && is_whole("offset"))) type = model::ValueType::float64;
  return model::to_string(type);
}

/// A record as the JSON object the other routes read, so that there is one judge of points.
std::string row_json(Call& call, std::string_view driver, const std::vector<std::string>& header,
                     const std::vector<std::string>& cells) {
  JsonWriter out;
  out.begin_object();
  if (cell_of(header, cells, "type").empty()) out.field("type", chosen_type(call, driver, header, cells));
  for (std::size_t i = 0; i < header.size() && i < cells.size(); ++i) {
    const std::string_view cell = plain(cells[i]);
    if (cell.empty()) continue;
    out.key(header[i]);
    const std::string lower = to_lower(cell);
    if (std::ranges::find(kNumbers, header[i]) != std::end(kNumbers) && is_json_number(cell)) out.raw(cell);
    else if ((header[i] == "history" || header[i] == "enabled") &&
             (lower == "true" || lower == "false" || lower == "1" || lower == "0"))
      out.boolean(lower == "true" || lower == "1");
    else out.string(cell);
  }
  out.end_object();
  return out.take();
}

Result<std::vector<std::string>> read_header(CsvReader& csv) {
  std::vector<std::string> header;
  const auto wrong = [](std::string_view text) { return fail(Errc::invalid_argument, "csv.header", text); };
  if (!csv.next(header)) return wrong(csv.bad().empty() ? "The file is empty." : csv.bad());
  for (std::string& h : header) {
    h = to_lower(trim(h));
    if (std::ranges::find(kColumns, h) == std::end(kColumns))
      return wrong(karez::format("Column '{}' is not known.", h.substr(0, 60)));
    if (std::ranges::count(header, h) > 1) return wrong(karez::format("Column '{}' stands twice.", h));
  }
  for (const std::string_view needed : {"name", "address"})
    if (std::ranges::find(header, needed) == header.end())
      return wrong(karez::format("Column '{}' is missing.", needed));
  return header;
}

CsvPoint read_row(Call& call, std::string_view driver, const model::Point& base, const std::vector<std::string>& header,
                  const std::vector<std::string>& cells) {
  CsvPoint row{.line = 0, .point = base, .faults = {}};
  Faults faults;
  if (cells.size() > header.size())
    faults.add({.slug = "csv.columns", .text = "The line has more cells than the first one."});
  if (const auto document = JsonDocument::parse(row_json(call, driver, header, cells))) {
    ObjectReader body(document->root(), "", faults);
    read_point(body, row.point, true);
    check_address(call, body, driver, row.point);
    body.finish();
  } else {
    faults.add({.slug = std::string(document.error().slug()), .text = std::string(document.error().text())});
  }
  row.faults = faults.items();
  return row;
}

}  // namespace

std::span<const std::string_view> point_columns() { return kColumns; }

Result<std::vector<CsvPoint>> read_point_csv(Call& call, std::string_view text, std::string_view driver,
                                             const model::Point& base, std::size_t max_rows) {
  if (!is_utf8(text))
    return fail(
        Error(Errc::invalid_argument, "csv.header").with("The file is not UTF-8.").cure("Save it as CSV UTF-8."));
  CsvReader csv(text);
  KZ_TRY(const auto header, read_header(csv));
  std::vector<CsvPoint> rows;
  std::vector<std::string> cells;
  while (csv.next(cells)) {
    if (rows.size() == max_rows)
      return fail(Errc::invalid_argument, "request.too_large", karez::format("At most {} rows are taken.", max_rows));
    rows.push_back(read_row(call, driver, base, header, cells));
    rows.back().line = csv.line();
  }
  if (!csv.bad().empty())
    rows.push_back(
        {.line = csv.line(), .point = {}, .faults = {{.slug = "csv.malformed", .text = std::string(csv.bad())}}});
  return rows;
}

}  // namespace karez::api::routes
