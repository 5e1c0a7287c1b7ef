// SPDX-License-Identifier: Apache-2.0
#include <unordered_set>

#include "api/routes/routes.h"
#include "api/views.h"

namespace karez::api::routes {
namespace {

Answer values(Call& call) {
  if (!call.query.get("points"))
    return std::unexpected(Error(Errc::invalid_argument, "request.required").at("?points"));
  KZ_TRY(const auto asked, call.query.list("points", 1000));
  if (asked.empty()) return std::unexpected(Error(Errc::invalid_argument, "request.required").at("?points"));
  std::vector<model::PointId> ids;
  for (const std::string& text : asked)
    if (const auto id = model::parse_id<model::PointId>(text)) ids.push_back(*id);
  KZ_TRY(const auto rows, call.services.registry.points_by_id(call.scope, ids));
  KZ_TRY(const auto plant, call.shared.live.plant(call.scope.tenant));
  JsonWriter out;
  out.begin_object().field("at", to_rfc3339(call.services.clock.now())).key("items").begin_array();
  std::unordered_set<std::string> found;
  for (const catalog::PointRow& p : rows) {
    found.insert(to_string(p.id));
    const stream::Latest v = call.services.latest.get(p.id);
    const PointInfo* info = plant->point(p.id);
    out.begin_object().field("point", to_string(p.id));
    write_time(out.key("time"), v.time);
    write_time(out.key("received"), v.received);
    write_value(out.key("value"), v.type, v.bits, v.text, v.flags);
    write_or_null(out.key("unit"), p.unit);
    write_quality(out.key("quality"), v.known() ? v.quality : model::quality::kBadWaitingForInitialData,
                  call.request.lang);
    out.field("flags", v.flags).field("stale", info && call.shared.live.is_stale(*info, v));
    out.field("origin", model::to_string(p.origin)).end_object();
  }
  out.end_array().key("missing").begin_array();
  for (const std::string& text : asked)
    // An id that could not be one is not repeated: the answer holds ids only.
    if (!found.contains(text) && text.size() <= 64 && model::parse_id<model::PointId>(text)) out.string(text);
  out.end_array().end_object();
  call.services.evidence.add(evidence::Kind::queries_answered, call.scope.tenant, model::Origin::unknown);
  return json_response(out.take());
}

/// Only requests that are no WebSocket get here.
Answer live(Call&) { return std::unexpected(Problem(426, "request.upgrade")); }

}  // namespace

std::vector<Route> values() {
  return {
      {.method = Method::get, .path = "/api/v1/t/{tenant}/values", .need = Need::viewer, .handler = values},
      {.method = Method::get, .path = "/api/v1/t/{tenant}/live", .need = Need::viewer, .handler = live},
  };
}

}  // namespace karez::api::routes
