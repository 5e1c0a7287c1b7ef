// SPDX-License-Identifier: Apache-2.0
#include "api/routes/history_query.h"
#include "api/views.h"

namespace karez::api::routes {
namespace {

std::int64_t us_after(Timestamp t, Timestamp t0) {
  return std::chrono::floor<std::chrono::microseconds>(t - t0).count();
}

template <class T, class WriteOne>
void column(JsonWriter& out, std::string_view name, const std::vector<T>& rows, WriteOne write) {
  out.key(name).begin_array();
  for (const T& row : rows) write(row);
  out.end_array();
}

void write_raw(JsonWriter& out, const historian::TrendSeries& s, Timestamp t0) {
  column(out, "t_us", s.raw, [&](const historian::Point& p) { out.integer(us_after(p.time, t0)); });
  column(out, "v", s.raw,
         [&](const historian::Point& p) { write_value(out, p.type, p.bits, text_of(p, s.texts), p.flags); });
  column(out, "q", s.raw, [&](const historian::Point& p) { out.unsigned_integer(p.quality.code); });
  column(out, "f", s.raw, [&](const historian::Point& p) { out.unsigned_integer(p.flags); });
}

void write_reduced(JsonWriter& out, const historian::TrendSeries& s, Timestamp t0) {
  const auto numbers = [&](std::string_view name, double historian::Bucket::* member) {
    column(out, name, s.columns, [&](const historian::Bucket& b) {
      if (b.good > 0) out.number(b.*member);
      else out.null();
    });
  };
  column(out, "t_us", s.columns, [&](const historian::Bucket& b) { out.integer(us_after(b.start, t0)); });
  numbers("first", &historian::Bucket::first);
  numbers("last", &historian::Bucket::last);
  numbers("min", &historian::Bucket::min);
  numbers("max", &historian::Bucket::max);
  column(out, "count", s.columns, [&](const historian::Bucket& b) { out.unsigned_integer(b.count); });
  column(out, "worst_quality", s.columns, [&](const historian::Bucket& b) { out.unsigned_integer(b.worst.code); });
}

void write_series(JsonWriter& out, const Call& call, const catalog::PointRow& point, historian::TrendSeries& s,
                  historian::TimeRange range) {
  // A column that holds nothing but a gap is told by `gaps`; entries without samples are not drawn.
  std::erase_if(s.columns, [](const historian::Bucket& b) { return b.count == 0; });
  out.begin_object().field("point", to_string(point.id)).field("type", model::to_string(point.type));
  write_or_null(out.key("unit"), point.unit);
  out.field("interpolation", point.interpolation == model::Interpolation::linear ? "linear" : "step");
  out.field("origin", model::to_string(point.origin)).field("reduced", s.reduced).field("samples_total", s.samples);
  out.key("gaps").begin_array();
  for (std::size_t i = 0; i < std::min<std::size_t>(s.gaps.size(), 4001); ++i) {
    out.begin_object().field("from", to_rfc3339(s.gaps[i].from)).field("to", to_rfc3339(s.gaps[i].to));
    write_quality(out.key("cause"), s.gaps[i].cause, call.request.lang);
    out.end_object();
  }
  out.end_array().field("t0", to_rfc3339(range.from));
  if (s.reduced) write_reduced(out, s, range.from);
  else write_raw(out, s, range.from);
  out.end_object();
}

}  // namespace

Answer trend(Call& call) {
  const Monotonic start = call.services.clock.monotonic();
  Faults faults;
  ObjectReader body(call.body, "", faults);
  const historian::TimeRange range = read_range(body);
  std::int64_t width = 0;
  body.integer("width", width, ObjectReader::kRequired, 1, 4000);
  KZ_TRY(const auto points, read_points(call, body, faults, 50));
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  JsonWriter out;
  std::uint64_t total = 0;
  out.begin_object().field("from", to_rfc3339(range.from)).field("to", to_rfc3339(range.to)).field("width", width);
  out.key("series").begin_array();
  for (const catalog::PointRow& point : points) {
    KZ_TRY(auto series, call.services.history.trend(
                            {.point = point.id, .range = range, .columns = static_cast<std::size_t>(width)}));
    total += series.samples;
    write_series(out, call, point, series, range);
    count_query(call, point.origin);
  }
  out.end_array().field("samples_total", total).field("took_ms", took_ms(call, start)).end_object();
  return json_response(out.take());
}

}  // namespace karez::api::routes
