// SPDX-License-Identifier: Apache-2.0
#include "api/routes/events.h"

#include "api/views.h"
#include "base/format.h"

namespace karez::api::routes {
namespace {

std::string_view kind_of(const evidence::Event& e) { return e.kind == "point.quality" ? "quality" : "connection"; }

std::string_view object_kind(const evidence::Event& e) {
  if (e.kind == "link.state") return "link";
  return e.kind == "device.state" ? "device" : "point";
}

bool is_trouble(std::string_view state) { return state != "online" && state != "good" && state != "disabled"; }

}  // namespace

Result<std::vector<SeenEvent>> newest_events(const Call& call, const EventFilter& filter, std::size_t scan) {
  std::vector<SeenEvent> out;
  std::unordered_map<std::string, Timestamp> newer;
  std::uint64_t before = 0;
  for (std::size_t seen = 0; seen < scan;) {
    KZ_TRY(auto page, call.services.events.list(call.scope.tenant, before, std::min<std::size_t>(1000, scan - seen)));
    seen += page.items.size();
    for (evidence::Event& e : page.items) {
      if (e.kind == "system") continue;
      SeenEvent one;
      const auto [it, last] = newer.try_emplace(e.subject, e.time);
      if (!last) one.ended = std::exchange(it->second, e.time);
      one.active = last && is_trouble(e.state);
      const bool fits = (filter.kind.empty() || filter.kind == kind_of(e)) &&
                        (filter.object.empty() || filter.object == e.subject) &&
                        (!filter.active || *filter.active == one.active);
      if (!fits) continue;
      one.event = std::move(e);
      out.push_back(std::move(one));
    }
    before = page.next_before;
    if (before == 0) break;
  }
  return out;
}

void write_event(JsonWriter& out, const SeenEvent& seen, Lang lang) {
  const evidence::Event& e = seen.event;
  out.begin_object()
      .field("id", karez::format("v{}", e.id))
      .field("time", to_rfc3339(e.time))
      .field("kind", kind_of(e));
  out.key("object").begin_object().field("kind", object_kind(e)).field("id", e.subject);
  out.field("name", e.name.empty() ? e.subject : e.name).end_object().field("state", e.state);
  write_reason(out.key("reason"), e.slug, e.text, lang);
  out.field("active", seen.active);
  write_time(out.key("ended_at"), seen.ended);
  out.end_object();
}

}  // namespace karez::api::routes
