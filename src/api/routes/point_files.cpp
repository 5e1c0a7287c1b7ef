// SPDX-License-Identifier: Apache-2.0
#include <cassert>

#include "api/csv.h"
#include "api/routes/point_csv.h"
#include "api/routes/point_rows.h"
#include "api/routes/routes.h"
#include "api/views.h"
#include "base/format.h"

namespace karez::api::routes {
namespace {

constexpr std::size_t kMaxRows = 100'000;

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
  KZ_TRY(const auto owner, call.services.registry.device(call.scope, device));
  model::Point base;
  base.tenant = call.scope.tenant;
  base.device = device;
  KZ_TRY(auto read, read_point_csv(call, call.raw_body, owner.driver, base, kMaxRows));
  PointRows rows(call);
  std::vector<std::size_t> lines;
  for (CsvPoint& row : read) {
    rows.add(lines.size(), std::move(row.point), std::move(row.faults));
    lines.push_back(row.line);
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
  assert(std::size(cells) == point_columns().size());
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
  for (const std::string_view column : point_columns()) head.append(head.size() > 3 ? "," : "").append(column);
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
