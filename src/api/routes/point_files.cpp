// SPDX-License-Identifier: Apache-2.0
#include "api/csv.h"
#include "api/routes/bodies.h"
#include "api/routes/point_rows.h"
#include "api/routes/routes.h"
#include "api/views.h"
#include "base/format.h"
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
constexpr std::size_t kMaxRows = 100'000;

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

/// A record as the JSON object the other routes read, so that there is one judge of points.
std::string row_json(const std::vector<std::string>& header, const std::vector<std::string>& cells) {
  JsonWriter out;
  out.begin_object();
  for (std::size_t i = 0; i < header.size() && i < cells.size(); ++i) {
    std::string_view cell = trim(cells[i]);
    // The apostrophe that the export puts before formulas.
    if (cell.size() > 1 && cell[0] == '\'' && std::string_view("=+-@").contains(cell[1])) cell.remove_prefix(1);
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
  for (const std::string_view needed : {"name", "address", "type"})
    if (std::ranges::find(header, needed) == header.end())
      return wrong(karez::format("Column '{}' is missing.", needed));
  return header;
}

void write_import_error(JsonWriter& out, std::size_t line, const ProblemItem& item, Lang lang) {
  std::string_view column = item.pointer;
  if (column.starts_with('/')) column.remove_prefix(1);
  out.begin_object().field("line", line);
  write_or_null(out.key("column"), column.substr(0, 100));
  write_or_null(out.key("value"), item.value);
  out.field("expected", item.expected).field("text", explain(item.slug, item.text, lang)).field("slug", item.slug);
  out.end_object();
}

Answer import(Call& call) {
  KZ_TRY(const auto device, query_id<model::DeviceId>(call, "device"));
  if (!device) return std::unexpected(Error(Errc::invalid_argument, "request.required").at("?device"));
  KZ_TRY(const bool dry_run, call.query.boolean("dry_run", false));
  KZ_TRY(const bool skip_bad, call.query.boolean("skip_bad", false));
  if (!is_utf8(call.raw_body))
    return std::unexpected(
        Error(Errc::invalid_argument, "csv.header").with("The file is not UTF-8.").cure("Save it as CSV UTF-8."));
  KZ_TRY(const auto owner, call.services.registry.device(call.scope, device));
  CsvReader csv(call.raw_body);
  KZ_TRY(const auto header, read_header(csv));
  PointRows rows(call);
  std::vector<std::size_t> lines;
  std::vector<std::string> cells;
  while (csv.next(cells)) {
    if (lines.size() == kMaxRows)
      return std::unexpected(
          Error(Errc::invalid_argument, "request.too_large").with("At most 100,000 rows are taken."));
    Faults faults;
    model::Point point;
    point.tenant = call.scope.tenant;
    point.device = device;
    if (cells.size() > header.size())
      faults.add({.slug = "csv.columns",
                  .pointer = {},
                  .text = "The line has more cells than the first one.",
                  .value = {},
                  .expected = {}});
    const auto document = JsonDocument::parse(row_json(header, cells));
    if (document) {
      ObjectReader body(document->root(), "", faults);
      read_point(body, point, true);
      check_address(call, body, owner.driver, point);
      body.finish();
    } else {
      faults.add({.slug = std::string(document.error().slug()), .text = std::string(document.error().text())});
    }
    rows.add(lines.size(), std::move(point), faults.items());
    lines.push_back(csv.line());
  }
  if (!csv.bad().empty()) {
    rows.add(lines.size(), {},
             {{.slug = "csv.malformed", .pointer = {}, .text = std::string(csv.bad()), .value = {}, .expected = {}}});
    lines.push_back(csv.line());
  }
  KZ_CHECK(rows.create(dry_run, skip_bad));
  JsonWriter out;
  out.begin_object().field("rows_ok", rows.ok_count()).field("rows_bad", rows.rows().size() - rows.ok_count());
  out.key("errors").begin_array();
  std::size_t shown = 0;
  for (const PointRows::Row& row : rows.rows())
    for (const ProblemItem& item : row.faults)
      if (shown++ < 1000) write_import_error(out, lines[row.index], item, call.request.lang);
  out.end_array().field("created", rows.created()).end_object();
  return json_response(out.take());
}

std::string optional_text(const std::optional<double>& v) { return v ? karez::format("{}", *v) : std::string(); }

void append_row(std::string& out, const catalog::PointRow& p) {
  const std::string cells[] = {
      p.name,
      p.description,
      p.address,
      std::string(model::to_string(p.type)),
      p.unit,
      karez::format("{}", p.scale),
      karez::format("{}", p.offset),
      p.precision < 0 ? std::string() : std::to_string(p.precision),
      karez::format("{}", p.deadband),
      std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(p.period).count()),
      std::string(access_name(p.access)),
      optional_text(p.display.low),
      optional_text(p.display.high),
      optional_text(p.normal.low),
      optional_text(p.normal.high),
      optional_text(p.limit.low),
      optional_text(p.limit.high),
      p.interpolation == model::Interpolation::linear ? "linear" : "step",
      p.expected_interval > Duration{0}
          ? std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(p.expected_interval).count())
          : std::string(),
      p.history ? "true" : "false",
      p.enabled ? "true" : "false"};
  static_assert(std::size(cells) == std::size(kColumns));
  for (std::size_t i = 0; i < std::size(cells); ++i) {
    if (i > 0) out += ',';
    append_csv(out, cells[i]);
  }
  out += "\r\n";
}

Answer export_points(Call& call) {
  KZ_TRY(auto filter, point_filter(call));
  filter.query.limit = 1000;
  filter.query.cursor.clear();
  std::string head = "\xef\xbb\xbf";
  for (std::size_t i = 0; i < std::size(kColumns); ++i) head.append(i > 0 ? "," : "").append(kColumns[i]);
  head += "\r\n";
  Response response;
  response.content_type = "text/csv; charset=utf-8";
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"points.csv\"");
  // One page of the list a step; the list outlives the call, not the registry.
  response.stream = [&registry = call.services.registry, scope = call.scope, query = filter.query,
                     nothing = filter.nothing, head = std::move(head)](std::string& out) mutable -> Result<bool> {
    out += std::exchange(head, {});
    if (nothing) return false;
    KZ_TRY(const auto page, registry.points(scope, query));
    for (const catalog::PointRow& p : page.items) append_row(out, p);
    query.cursor = page.next_cursor;
    return !query.cursor.empty();
  };
  return response;
}

}  // namespace

std::vector<Route> point_files() {
  return {
      {.method = Method::post,
       .path = "/api/v1/t/{tenant}/points/import",
       .need = Need::engineer,
       .handler = import,
       .body = Body::csv,
       .max_body = 16u << 20},
      {.method = Method::get,
       .path = "/api/v1/t/{tenant}/points/export",
       .need = Need::viewer,
       .handler = export_points},
  };
}

}  // namespace karez::api::routes
