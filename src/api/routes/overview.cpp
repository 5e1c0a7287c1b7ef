// SPDX-License-Identifier: Apache-2.0
#include "api/rates.h"
#include "api/routes/events.h"
#include "api/routes/history_query.h"
#include "api/routes/routes.h"
#include "api/views.h"
#include "base/text.h"

namespace karez::api::routes {
namespace {

constexpr std::size_t kStates = 6;  // of connect::LinkState
constexpr std::size_t kMaxSources = 100;

struct Source {
  model::Link link;
  ConnState state;
  std::uint64_t devices = 0, online = 0, points = 0, good = 0;
};

/// All links of the tenant with what their devices and points do.
Result<std::vector<Source>> sources_of(Call& call, const Plant& plant, States& states,
                                       std::array<std::uint64_t, kStates>& by_state) {
  std::vector<Source> sources;
  std::unordered_map<model::LinkId, std::size_t> index;
  catalog::ListQuery query;
  query.limit = 1000;
  do {
    KZ_TRY(auto page, call.services.registry.links(call.scope, query));
    for (model::Link& link : page.items) {
      index.emplace(link.id, sources.size());
      ConnState state = states.of_link(link);
      sources.push_back({.link = std::move(link), .state = std::move(state)});
    }
    query.cursor = page.next_cursor;
  } while (!query.cursor.empty());
  for (const auto& [id, device] : plant.devices) {
    const LiveView::Freshness fresh = call.shared.live.freshness(plant, id);
    const auto state = states.of_device(device, fresh).state;
    ++by_state[static_cast<std::size_t>(state)];
    const auto it = index.find(device.link);
    if (it == index.end()) continue;
    Source& s = sources[it->second];
    ++s.devices;
    if (state == connect::LinkState::online) ++s.online;
    s.points += fresh.total;
    s.good += fresh.good;
  }
  // Trouble first: a state that is neither online nor wanted to be off.
  const auto rank = [](const Source& s) {
    if (s.state.state == connect::LinkState::online) return s.good < s.points ? 1 : 2;
    return s.state.state == connect::LinkState::disabled ? 3 : 0;
  };
  std::ranges::stable_sort(sources, {}, rank);
  return sources;
}

void write_points(JsonWriter& out, Call& call, const Plant& plant) {
  std::uint64_t good = 0, uncertain = 0, bad = 0, never = 0, stale = 0;
  std::array<std::uint64_t, model::kOrigins> origins{};
  for (const PointInfo& p : plant.points) {
    ++origins[static_cast<std::size_t>(p.origin)];
    const stream::Latest v = call.services.latest.get(p.id);
    if (!v.known()) ++never;
    else if (v.quality.good()) ++good;
    else if (v.quality.uncertain()) ++uncertain;
    else ++bad;
    if (call.shared.live.is_stale(p, v)) ++stale;
  }
  out.key("points")
      .begin_object()
      .field("total", plant.points.size())
      .field("good", good)
      .field("uncertain", uncertain);
  out.field("bad", bad).field("never", never).field("stale", stale).end_object().key("origins").begin_object();
  for (const model::Origin o :
       {model::Origin::real, model::Origin::replayed, model::Origin::simulated, model::Origin::unknown})
    out.field(model::to_string(o), origins[static_cast<std::size_t>(o)]);
  out.end_object();
}

void write_source(JsonWriter& out, const Call& call, States& states, const Source& s) {
  const connect::LinkStats& stats = states.link(s.link.id).stats;
  out.begin_object().field("link", to_string(s.link.id)).field("name", s.link.name).field("protocol", s.link.driver);
  out.field("state", connect::to_string(s.state.state))
      .field("devices_online", s.online)
      .field("devices_total", s.devices);
  out.field("points", s.points).key("good_percent");
  if (s.points > 0) out.number(100.0 * static_cast<double>(s.good) / static_cast<double>(s.points));
  else out.null();
  out.key("latency_p95_ms");
  if (stats.rtt_p95 > Duration{0}) out.number(std::chrono::duration<double, std::milli>(stats.rtt_p95).count());
  else out.null();
  write_reason(out.key("remark"), s.state.slug, s.state.text, call.request.lang);
  out.end_object();
}

Answer get_overview(Call& call) {
  KZ_TRY(const auto plant, call.shared.live.plant(call.scope.tenant));
  States states(call.services);
  std::array<std::uint64_t, kStates> by_state{};
  KZ_TRY(const auto sources, sources_of(call, *plant, states, by_state));
  JsonWriter out;
  out.begin_object().field("at", to_rfc3339(call.services.clock.now())).key("devices").begin_object();
  out.field("total", plant->devices.size());
  for (std::size_t i = 0; i < kStates; ++i)
    out.field(connect::to_string(static_cast<connect::LinkState>(i)), by_state[i]);
  out.end_object();
  write_points(out, call, *plant);
  const historian::StoreStats store = call.services.history.stats();
  out.field("samples_per_s", call.shared.rates.samples_per_second()).field("samples_total", store.samples_stored);
  out.field("store_bytes", store.bytes_on_disk).key("sources").begin_array();
  for (std::size_t i = 0; i < std::min(sources.size(), kMaxSources); ++i) write_source(out, call, states, sources[i]);
  out.end_array().field("sources_total", sources.size()).key("events").begin_array();
  KZ_TRY(const auto events, newest_events(call, {}, 200));
  for (std::size_t i = 0; i < std::min<std::size_t>(events.size(), 20); ++i)
    write_event(out, events[i], call.request.lang);
  out.end_array().end_object();
  count_query(call, model::Origin::unknown);
  return json_response(out.take());
}

Answer list_events(Call& call) {
  KZ_TRY(const auto query, list_query(call));
  EventFilter filter;
  filter.kind = call.query.text("kind");
  if (!filter.kind.empty() && filter.kind != "connection" && filter.kind != "quality")
    return std::unexpected(Error(Errc::invalid_argument, "request.choice").at("?kind"));
  filter.object = call.query.text("object");
  if (call.query.get("active")) {
    KZ_TRY(filter.active, call.query.boolean("active", true));
  }
  KZ_TRY(auto events, newest_events(call, filter, kMaxEventScan));
  catalog::Page<SeenEvent> page;
  page.total = events.size();
  if (!query.cursor.empty()) {
    std::uint64_t before = 0;
    const auto [end, ec] = std::from_chars(query.cursor.data(), query.cursor.data() + query.cursor.size(), before);
    if (ec != std::errc{} || end != query.cursor.data() + query.cursor.size())
      return std::unexpected(Error(Errc::invalid_argument, "request.cursor").at("?cursor"));
    std::erase_if(events, [&](const SeenEvent& e) { return e.event.id >= before; });
  }
  if (events.size() > query.limit) {
    page.next_cursor = std::to_string(events[query.limit - 1].event.id);
    events.erase(events.begin() + static_cast<std::ptrdiff_t>(query.limit), events.end());
  }
  page.items = std::move(events);
  return page_response(page, [&](JsonWriter& out, const SeenEvent& e) { write_event(out, e, call.request.lang); });
}

Answer search(Call& call) {
  const Monotonic start = call.services.clock.monotonic();
  const std::string q = call.query.text("q");
  if (q.empty()) return std::unexpected(Error(Errc::invalid_argument, "request.required").at("?q"));
  if (utf8_length(q) > 200) return std::unexpected(Error(Errc::invalid_argument, "request.length").at("?q"));
  KZ_TRY(const auto limit, call.query.integer("limit", 8, 1, 50));
  KZ_TRY(const auto hits, call.services.registry.search(call.scope, q, static_cast<std::size_t>(limit)));
  constexpr std::pair<std::string_view, std::string_view> kGroups[] = {
      {"device", "devices"}, {"point", "points"}, {"equipment", "equipment"}, {"link", "links"}};
  JsonWriter out;
  out.begin_object().field("q", q).key("groups").begin_array();
  for (const auto& [kind, group] : kGroups) {
    const auto count = static_cast<std::size_t>(std::ranges::count(hits, kind, &catalog::SearchHit::kind));
    if (count == 0) continue;
    out.begin_object().field("kind", group).field("total", count).key("items").begin_array();
    std::size_t shown = 0;
    for (const catalog::SearchHit& hit : hits)
      if (hit.kind == kind && shown++ < 50)
        out.begin_object().field("id", hit.id).field("title", hit.title).field("subtitle", hit.subtitle).end_object();
    out.end_array().end_object();
  }
  out.end_array().field("took_ms", took_ms(call, start)).end_object();
  return json_response(out.take());
}

Answer get_evidence(Call& call) {
  KZ_TRY(const auto range, query_range(call));
  KZ_TRY(const auto windows, call.services.evidence.read(call.scope.tenant, range.from, range.to));
  JsonWriter out;
  out.begin_object()
      .field("from", to_rfc3339(range.from))
      .field("to", to_rfc3339(range.to))
      .key("windows")
      .begin_array();
  for (const evidence::Window& w : windows) {
    if (w.count == 0) continue;
    out.begin_object().field("kind", evidence::to_string(w.kind)).field("origin", model::to_string(w.origin));
    write_or_null(out.key("industry"), w.industry);
    out.field("hour", to_rfc3339(w.hour)).field("count", w.count).end_object();
  }
  out.end_array().end_object();
  return json_response(out.take());
}

}  // namespace

std::vector<Route> overview() {
  return {
      {.method = Method::get, .path = "/api/v1/t/{tenant}/overview", .need = Need::viewer, .handler = get_overview},
      {.method = Method::get, .path = "/api/v1/t/{tenant}/events", .need = Need::viewer, .handler = list_events},
      {.method = Method::get, .path = "/api/v1/t/{tenant}/search", .need = Need::viewer, .handler = search},
      {.method = Method::get, .path = "/api/v1/t/{tenant}/evidence", .need = Need::viewer, .handler = get_evidence},
  };
}

}  // namespace karez::api::routes
