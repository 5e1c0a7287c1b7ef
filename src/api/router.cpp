// SPDX-License-Identifier: Apache-2.0
#include "api/router.h"

#include "base/text.h"

namespace karez::api {
namespace {

constexpr std::size_t kMaxSegments = 10;

bool is_parameter(std::string_view segment) { return segment.starts_with('{'); }

/// Segments of a path without the leading slash; nothing for a path no route can have.
std::optional<std::vector<std::string_view>> segments_of(std::string_view path) {
  if (!path.starts_with('/') || path.size() > 2048) return std::nullopt;
  std::vector<std::string_view> parts = split(path.substr(1), '/');
  if (parts.size() > kMaxSegments) return std::nullopt;
  return parts;
}

}  // namespace

std::string_view to_string(Need need) {
  switch (need) {
    case Need::open: return "open";
    case Need::session: return "session";
    case Need::viewer: return "viewer";
    case Need::operator_: return "operator";
    case Need::engineer: return "engineer";
    case Need::owner: return "owner";
  }
  return "?";
}

model::Role role_of(Need need) {
  switch (need) {
    case Need::viewer: return model::Role::viewer;
    case Need::operator_: return model::Role::operator_;
    case Need::engineer: return model::Role::engineer;
    case Need::owner: return model::Role::owner;
    case Need::open:
    case Need::session: break;
  }
  return model::Role::none;
}

Router::Router(std::vector<Route> routes) : routes_(std::move(routes)) {
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    auto segments = segments_of(routes_[i].path);
    KZ_ASSERT(segments);
    Entry entry{.segments = std::move(*segments), .route = i};
    for (std::string_view& s : entry.segments)
      if (is_parameter(s)) s = {};
    entries_.push_back(std::move(entry));
  }
  std::ranges::stable_sort(entries_, [](const Entry& a, const Entry& b) {
    return std::ranges::lexicographical_compare(a.segments, b.segments, {}, &std::string_view::empty,
                                                &std::string_view::empty);
  });
}

Router::Match Router::find(Method method, std::string_view path) const {
  Match match;
  const auto segments = segments_of(path);
  if (!segments) return match;
  // The first entry that fits is the most specific one; only its own template may answer.
  const std::vector<std::string_view>* fits = nullptr;
  for (const Entry& entry : entries_) {
    if (entry.segments.size() != segments->size() || (fits && entry.segments != *fits)) continue;
    PathValues values;
    std::size_t n = 0;
    bool same = true;
    for (std::size_t i = 0; same && i < segments->size(); ++i) {
      if (!entry.segments[i].empty()) same = entry.segments[i] == (*segments)[i];
      else if ((*segments)[i].empty()) same = false;
      else values[n++] = (*segments)[i];
    }
    if (!same) continue;
    fits = &entry.segments;
    const Route& route = routes_[entry.route];
    if (route.method == method) {
      match.route = &route;
      match.values = values;
      return match;
    }
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += to_string(route.method);
  }
  return match;
}

}  // namespace karez::api
