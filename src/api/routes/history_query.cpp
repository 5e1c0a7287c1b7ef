// SPDX-License-Identifier: Apache-2.0
#include "api/routes/history_query.h"

#include "base/format.h"

namespace karez::api::routes {

double took_ms(const Call& call, Monotonic start) {
  return std::chrono::duration<double, std::milli>(call.services.clock.monotonic() - start).count();
}

void count_query(const Call& call, model::Origin origin) {
  call.services.evidence.add(evidence::Kind::queries_answered, call.scope.tenant, origin);
}

namespace {
Result<> check_range(historian::TimeRange range, std::string_view pointer) {
  if (range.to <= range.from) return fail(Error(Errc::invalid_argument, "request.time_range").at(pointer));
  // Differences of times must fit 63 bits.
  if (to_ns(range.from) < 0 && to_ns(range.to) > std::numeric_limits<std::int64_t>::max() + to_ns(range.from))
    return fail(Error(Errc::invalid_argument, "request.time_range").with("The range is too long.").at(pointer));
  return {};
}

}  // namespace

Result<historian::TimeRange> query_range(const Call& call) {
  KZ_TRY(const auto from, call.query.time("from"));
  KZ_TRY(const auto to, call.query.time("to"));
  KZ_CHECK(check_range({from, to}, "?to"));
  return historian::TimeRange{from, to};
}

std::string_view text_of(const historian::Point& p, const std::vector<std::string>& texts) {
  return p.type == model::ValueType::text && p.bits < texts.size() ? std::string_view(texts[p.bits])
                                                                   : std::string_view{};
}

Result<std::vector<catalog::PointRow>> read_points(Call& call, ObjectReader& body, Faults& faults, std::size_t most) {
  std::vector<model::PointId> ids;
  if (const auto items = body.array("points", ObjectReader::kRequired, 1, most))
    for (std::size_t i = 0; i < items->size(); ++i) {
      const auto id = model::parse_id<model::PointId>((*items)[i].string().value_or(""));
      if (!id || std::ranges::find(ids, *id) != ids.end())
        faults.add({.slug = "request.id",
                    .pointer = karez::format("/points/{}", i),
                    .text = {},
                    .value = (*items)[i].dump().substr(0, 100),
                    .expected = "ids of points, each once"});
      else ids.push_back(*id);
    }
  std::vector<catalog::PointRow> rows;
  if (!faults.empty()) return rows;
  KZ_TRY(rows, call.services.registry.points_by_id(call.scope, ids));
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (i >= rows.size() || rows[i].id != ids[i])
      return fail(Error(Errc::not_found, "registry.not_found")
                      .with(karez::format("There is no point {}.", to_string(ids[i])))
                      .at(karez::format("/points/{}", i)));
  return rows;
}

historian::TimeRange read_range(ObjectReader& body) {
  historian::TimeRange range{kMinTime, kMinTime};
  const bool from = body.time("from", range.from, ObjectReader::kRequired),
             to = body.time("to", range.to, ObjectReader::kRequired);
  if (from && to)
    if (auto good = check_range(range, "/to"); !good) body.fault(good.error(), "to");
  return range;
}

std::vector<model::PointId> ids_of(const std::vector<catalog::PointRow>& rows) {
  std::vector<model::PointId> ids;
  for (const catalog::PointRow& r : rows) ids.push_back(r.id);
  return ids;
}

}  // namespace karez::api::routes
