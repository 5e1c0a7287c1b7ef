// SPDX-License-Identifier: Apache-2.0
#include "api/routes/point_rows.h"

#include "api/views.h"

namespace karez::api::routes {

Result<PointFilter> point_filter(Call& call) {
  PointFilter filter;
  KZ_TRY(filter.query, list_query(call));
  KZ_TRY(filter.query.device, query_id<model::DeviceId>(call, "device"));
  KZ_TRY(const auto equipment, query_id<model::EquipmentId>(call, "equipment"));
  if (equipment) filter.query.equipment = equipment;
  KZ_TRY(const auto qualities, call.query.list("quality", 3));
  if (qualities.empty()) return filter;
  for (const std::string& q : qualities)
    if (q != "good" && q != "uncertain" && q != "bad")
      return fail(Error(Errc::invalid_argument, "request.choice").at("?quality"));
  KZ_TRY(const auto plant, call.shared.live.plant(call.scope.tenant));
  for (const PointInfo& p : plant->points) {
    const stream::Latest value = call.services.latest.get(p.id);
    const model::Quality quality = value.known() ? value.quality : model::quality::kBadWaitingForInitialData;
    if (std::ranges::find(qualities, quality_class(quality)) != qualities.end())
      filter.query.only_points.push_back(p.id);
  }
  filter.nothing = filter.query.only_points.empty();
  return filter;
}

std::optional<std::string> PointRows::driver_of(model::DeviceId device) {
  const auto it = drivers_.find(device);
  if (it != drivers_.end()) return it->second;
  const auto row = call_.services.registry.device(call_.scope, device);
  return drivers_.emplace(device, row ? std::optional(row->driver) : std::nullopt).first->second;
}

void PointRows::add(std::size_t index, model::Point point, std::vector<ProblemItem> faults) {
  rows_.push_back({.index = index, .point = std::move(point), .id = {}, .faults = std::move(faults)});
}

std::size_t PointRows::ok_count() const {
  return static_cast<std::size_t>(std::ranges::count_if(rows_, [](const Row& r) { return r.faults.empty(); }));
}

Result<> PointRows::create(bool dry_run, bool skip_bad) {
  // Twice at most: the first round may find rows the registry refuses.
  for (int round = 0; round < 2; ++round) {
    std::vector<model::Point> points;
    std::vector<Row*> asked;
    for (Row& row : rows_)
      if (row.faults.empty()) {
        points.push_back(row.point);
        asked.push_back(&row);
      }
    if (points.empty()) return {};
    const bool only_check = dry_run || (round == 0) || (!skip_bad && ok_count() < rows_.size());
    std::vector<catalog::RowError> errors;
    auto made = call_.services.registry.create_points(call_.scope, std::move(points), only_check, errors);
    for (catalog::RowError& e : errors)
      if (e.index < asked.size())
        asked[e.index]->faults.push_back({.slug = std::string(e.error.slug()),
                                          .pointer = std::string(e.error.pointer()),
                                          .text = std::string(e.error.text()),
                                          .value = {},
                                          .expected = {}});
    if (!made && errors.empty()) return fail(std::move(made).error());
    if (only_check && (dry_run || round == 1)) return {};
    if (!only_check && made) {
      for (std::size_t i = 0; i < made->size() && i < asked.size(); ++i) asked[i]->id = (*made)[i].id;
      created_ = made->size();
      call_.shared.live.changed(call_.scope.tenant);
    }
  }
  return {};
}

}  // namespace karez::api::routes
