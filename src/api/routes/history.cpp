// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "api/csv.h"
#include "api/routes/history_query.h"
#include "api/routes/routes.h"
#include "api/views.h"
#include "base/format.h"

namespace karez::api::routes {
namespace {

/// An answer of stored samples ends soon after this many bytes; the rest is on the next page.
constexpr std::size_t kMaxRawBytes = 4u << 20;

/// Rows read in one go: a text may have 16 KiB, and all of them are in memory at once.
std::size_t rows_of(model::ValueType type) { return type == model::ValueType::text ? 64 : 5000; }

constexpr std::size_t kMaxBuckets = 10'000, kMaxBucketsInAll = 200'000;

Answer raw(Call& call) {
  KZ_TRY(const auto id, call.id<model::PointId>());
  KZ_TRY(const auto point, call.services.registry.point(call.scope, id));
  historian::RawQuery query{.point = id, .range = {}, .limit = 1000, .newest_first = false};
  KZ_TRY(query.range, query_range(call));
  const std::string order = call.query.text("order", "asc");
  if (order != "asc" && order != "desc")
    return std::unexpected(Error(Errc::invalid_argument, "request.choice").at("?order"));
  query.newest_first = order == "desc";
  KZ_TRY(const auto limit, call.query.integer("limit", 1000, 1, 10'000));
  query.limit = static_cast<std::size_t>(limit);
  // The cursor is the time of the last sample: one value for each time.
  if (const std::string* cursor = call.query.get("cursor")) {
    std::int64_t ns = 0;
    const auto [end, ec] = std::from_chars(cursor->data(), cursor->data() + cursor->size(), ns);
    if (ec != std::errc{} || end != cursor->data() + cursor->size() || from_ns(ns) < query.range.from ||
        from_ns(ns) >= query.range.to)
      return std::unexpected(Error(Errc::invalid_argument, "request.cursor").at("?cursor"));
    if (query.newest_first) query.range.to = from_ns(ns);
    else query.range.from = from_ns(ns + 1);
  }
  std::size_t left = query.limit;
  query.limit = rows_of(point.type);
  JsonWriter out;
  out.begin_object().field("point", to_string(id)).field("type", model::to_string(point.type));
  write_or_null(out.key("unit"), point.unit);
  out.key("items").begin_array();
  std::optional<Timestamp> last;
  bool more = query.range.from < query.range.to;
  while (more && left > 0 && out.view().size() < kMaxRawBytes) {
    query.limit = std::min(query.limit, left);
    KZ_TRY(const historian::RawPage page, call.services.history.raw(query));
    for (const historian::Point& p : page.rows) {
      out.begin_object().field("t", to_rfc3339(p.time));
      write_value(out.key("v"), p.type, p.bits, text_of(p, page.texts), p.flags);
      out.field("q", p.quality.code).field("f", p.flags).end_object();
    }
    left -= std::min(left, page.rows.size());
    more = page.more && !page.rows.empty();
    if (page.rows.empty()) break;
    last = page.rows.back().time;
    if (query.newest_first) query.range.to = *last;
    else query.range.from = *last + Duration{1};
    more = more && query.range.from < query.range.to;
  }
  out.end_array().key("next_cursor");
  if (more && last) out.string(std::to_string(to_ns(*last)));
  else out.null();
  out.end_object();
  count_query(call, point.origin);
  return json_response(out.take());
}

/// One column of a bucket answer; `value` is NaN for none.
template <class Value>
void write_column(JsonWriter& out, std::string_view name, const std::vector<const historian::Bucket*>& slots,
                  Value value) {
  out.key(name).begin_array();
  for (const historian::Bucket* b : slots) value(out, b);
  out.end_array();
}

void write_bucket_series(JsonWriter& out, const catalog::PointRow& point,
                         const std::vector<const historian::Bucket*>& slots, const std::vector<std::string>& wanted) {
  const auto number = [](double historian::Bucket::* member) {
    return [member](JsonWriter& o, const historian::Bucket* b) {
      if (b && b->good > 0) o.number(b->*member);
      else o.null();
    };
  };
  const auto counter = [](std::uint64_t historian::Bucket::* member) {
    return [member](JsonWriter& o, const historian::Bucket* b) { o.unsigned_integer(b ? b->*member : 0); };
  };
  out.begin_object().field("point", to_string(point.id)).field("type", model::to_string(point.type));
  write_or_null(out.key("unit"), point.unit);
  for (const std::string& w : wanted) {
    if (w == "count") write_column(out, w, slots, counter(&historian::Bucket::count));
    else if (w == "good") write_column(out, w, slots, counter(&historian::Bucket::good));
    else if (w == "min") write_column(out, w, slots, number(&historian::Bucket::min));
    else if (w == "max") write_column(out, w, slots, number(&historian::Bucket::max));
    else if (w == "mean") write_column(out, w, slots, number(&historian::Bucket::mean));
    else if (w == "sum") write_column(out, w, slots, number(&historian::Bucket::sum));
    else if (w == "first") write_column(out, w, slots, number(&historian::Bucket::first));
    else if (w == "last") write_column(out, w, slots, number(&historian::Bucket::last));
    else
      write_column(out, w, slots, [](JsonWriter& o, const historian::Bucket* b) {
        // A value may be held through a bucket that has no sample of its own.
        if (b) o.number(b->time_weighted_mean);
        else o.null();
      });
  }
  out.end_object();
}

struct BucketForm {
  Duration step{0};
  std::vector<std::string> aggregates;
};

BucketForm read_bucket_form(ObjectReader& body, Faults& faults) {
  BucketForm form;
  std::string step;
  if (body.text("step", step, ObjectReader::kRequired, 2, 13)) {
    const auto parsed = parse_duration(step);
    if (!parsed || step.ends_with('w') || step[0] == '0') body.fault("request.format", "step", step, "15m");
    else form.step = *parsed;
  }
  constexpr std::string_view kAll[] = {"count", "min", "max", "mean", "sum", "first", "last", "twa", "good"};
  if (const auto items = body.array("aggregates", ObjectReader::kRequired, 1, 9))
    for (std::size_t i = 0; i < items->size(); ++i) {
      const std::string name((*items)[i].string().value_or(""));
      if (std::ranges::find(kAll, name) == std::end(kAll) ||
          std::ranges::find(form.aggregates, name) != form.aggregates.end())
        faults.add({.slug = "request.choice",
                    .pointer = karez::format("/aggregates/{}", i),
                    .text = {},
                    .value = name,
                    .expected = "count, min, max, mean, sum, first, last, twa, good, each once"});
      else form.aggregates.push_back(name);
    }
  return form;
}

Answer buckets(Call& call) {
  const Monotonic start = call.services.clock.monotonic();
  Faults faults;
  ObjectReader body(call.body, "", faults);
  const historian::TimeRange range = read_range(body);
  const BucketForm form = read_bucket_form(body, faults);
  KZ_TRY(const auto points, read_points(call, body, faults, 50));
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  const std::int64_t length = (range.to - range.from).count();
  const std::int64_t step = std::min<std::int64_t>(form.step.count(), length);
  const auto count = static_cast<std::size_t>((length - 1) / step + 1);
  if (count > kMaxBuckets || count * points.size() > kMaxBucketsInAll)
    return std::unexpected(
        Error(Errc::invalid_argument, "request.too_many")
            .with(karez::format("{} buckets for each point are asked for; at most {} and {} in all are given.", count,
                                kMaxBuckets, kMaxBucketsInAll))
            .at("/step"));
  const auto ids = ids_of(points);
  const bool weighted = std::ranges::find(form.aggregates, "twa") != form.aggregates.end();
  KZ_TRY(const auto series, call.services.history.buckets({.points = ids,
                                                           .range = range,
                                                           .step = Duration{step},
                                                           .time_weighted = weighted,
                                                           .max_buckets = kMaxBucketsInAll}));
  JsonWriter out;
  out.begin_object().field("from", to_rfc3339(range.from)).field("to", to_rfc3339(range.to));
  out.field("step_ms", std::max<std::int64_t>(1, form.step.count() / 1'000'000)).field("buckets", count);
  out.key("series").begin_array();
  for (std::size_t i = 0; i < points.size() && i < series.size(); ++i) {
    std::vector<const historian::Bucket*> slots(count, nullptr);
    for (const historian::Bucket& b : series[i].buckets) {
      const auto slot = static_cast<std::size_t>((b.start - range.from).count() / step);
      if (slot < count) slots[slot] = &b;
    }
    write_bucket_series(out, points[i], slots, form.aggregates);
    count_query(call, points[i].origin);
  }
  out.end_array().field("took_ms", took_ms(call, start)).end_object();
  return json_response(out.take());
}

Answer remove(Call& call) {
  Faults faults;
  ObjectReader body(call.body, "", faults);
  const historian::TimeRange range = read_range(body);
  KZ_TRY(const auto points, read_points(call, body, faults, 1000));
  bool confirm = false;
  body.boolean("confirm", confirm, ObjectReader::kRequired);
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  const auto ids = ids_of(points);
  KZ_TRY(const auto series,
         call.services.history.buckets(
             {.points = ids, .range = range, .step = range.to - range.from, .max_buckets = ids.size() + 1}));
  std::uint64_t samples = 0;
  for (const auto& s : series)
    for (const auto& b : s.buckets) samples += b.count;
  if (confirm) KZ_CHECK(call.services.history.remove(ids, range));
  JsonWriter out;
  out.begin_object().field("samples", samples).field("deleted", confirm).end_object();
  return json_response(out.take());
}

Answer stats(Call& call) {
  const historian::StoreStats s = call.services.history.stats();
  JsonWriter out;
  out.begin_object().field("points", s.points).field("samples_appended", s.samples_appended);
  out.field("samples_stored", s.samples_stored).field("bytes_on_disk", s.bytes_on_disk).field("wal_bytes", s.wal_bytes);
  out.field("segment_bytes", s.segment_bytes).field("head_bytes", s.head_bytes).field("segments", s.segments);
  out.field("partitions", s.partitions).field("flushes", s.flushes).field("merges", s.merges).field("syncs", s.syncs);
  out.field("poisoned", s.poisoned).end_object();
  return json_response(out.take());
}

void append_sample(std::string& out, const historian::Point& p, std::string_view text, std::string_view unit) {
  out += to_rfc3339(p.time);
  out += ',';
  if ((p.flags & model::flag::kGap) == 0) switch (p.type) {
      case model::ValueType::boolean: out += p.bits != 0 ? "true" : "false"; break;
      case model::ValueType::int64: out += std::to_string(model::as_int64(p.bits)); break;
      case model::ValueType::float64:
        if (std::isfinite(model::as_double(p.bits))) out += karez::format("{}", model::as_double(p.bits));
        break;
      case model::ValueType::text: append_csv(out, text); break;
      case model::ValueType::none: break;
    }
  out += ',';
  append_csv(out, unit);
  karez::format_to(out, ",{},{},{}\r\n", p.quality.code, model::quality_name(p.quality), p.flags);
}

Answer export_csv(Call& call) {
  KZ_TRY(const auto id, call.id<model::PointId>());
  KZ_TRY(const auto point, call.services.registry.point(call.scope, id));
  KZ_TRY(const auto range, query_range(call));
  Response response;
  response.content_type = "text/csv; charset=utf-8";
  response.headers.emplace_back("Content-Disposition", karez::format("attachment; filename=\"{}.csv\"", to_string(id)));
  count_query(call, point.origin);
  response.stream = [&history = call.services.history,
                     query = historian::RawQuery{.point = id, .range = range, .limit = rows_of(point.type)},
                     unit = point.unit, first = true](std::string& out) mutable -> Result<bool> {
    if (std::exchange(first, false)) out += "\xef\xbb\xbftime,value,unit,quality_code,quality,flags\r\n";
    KZ_TRY(const historian::RawPage page, history.raw(query));
    for (const historian::Point& p : page.rows) append_sample(out, p, text_of(p, page.texts), unit);
    if (!page.more || page.rows.empty()) return false;
    query.range.from = page.rows.back().time + Duration{1};
    return query.range.from < query.range.to;
  };
  return response;
}

}  // namespace

std::vector<Route> history() {
  return {
      {.method = Method::get, .path = "/api/v1/t/{tenant}/history/{point}/raw", .need = Need::viewer, .handler = raw},
      {.method = Method::post,
       .path = "/api/v1/t/{tenant}/history/buckets",
       .need = Need::viewer,
       .handler = buckets,
       .body = Body::json},
      {.method = Method::post,
       .path = "/api/v1/t/{tenant}/history/trend",
       .need = Need::viewer,
       .handler = trend,
       .body = Body::json},
      {.method = Method::get,
       .path = "/api/v1/t/{tenant}/history/{point}/export.csv",
       .need = Need::viewer,
       .handler = export_csv},
      {.method = Method::post,
       .path = "/api/v1/t/{tenant}/history/delete",
       .need = Need::owner,
       .handler = remove,
       .body = Body::json},
      {.method = Method::get, .path = "/api/v1/t/{tenant}/history/stats", .need = Need::viewer, .handler = stats},
  };
}

}  // namespace karez::api::routes
