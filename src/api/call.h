// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "api/api_server.h"
#include "api/body.h"
#include "api/http.h"
#include "api/live_view.h"
#include "api/router.h"
#include "base/format.h"

namespace karez::api {

class Ingest;
class Rates;

/// What the routes share; lives as long as the server.
struct Shared {
  Services& services;
  LiveView& live;
  Ingest& ingest;
  Rates& rates;
  std::string version;
};

/// One operation being answered: everything was checked that the route table can say.
struct Call {
  Shared& shared;
  Services& services;
  const Request& request;
  const Route& route;
  Query query;
  PathValues path;                          ///< without the tenant
  JsonValue body;                           ///< of JSON operations
  std::string_view raw_body;                ///< unpacked
  const security::Caller* caller = nullptr;  ///< null for open operations
  model::Scope scope;                       ///< of tenant operations
  std::optional<std::uint64_t> version;     ///< of If-Match; nothing: any version

  /// Id of the path, or registry.not_found: ids are opaque, a malformed one is just not there.
  template <class IdType>
  Result<IdType> id(std::size_t index = 0) const {
    if (auto id = model::parse_id<IdType>(path[index])) return *id;
    return fail(Errc::not_found, "registry.not_found");
  }
  /// Version for an update of a row that was read as `current`.
  std::uint64_t expected(std::uint64_t current) const { return version.value_or(current); }
  std::string tenant_path(std::string_view rest) const {
    return karez::format("/api/v1/t/{}/{}", to_string(scope.tenant), rest);
  }
};

/// limit and cursor of a list.
Result<catalog::ListQuery> list_query(const Call& call);
/// Id given as a parameter, or request.id with pointer "?name"; 0 when absent.
template <class IdType>
Result<IdType> query_id(const Call& call, std::string_view name) {
  const std::string* text = call.query.get(name);
  if (!text) return IdType{};
  if (auto id = model::parse_id<IdType>(*text)) return *id;
  return fail(Error(Errc::invalid_argument, "request.id").at(karez::format("?{}", name)));
}
/// One of `allowed`, with or without a leading minus.
Result<std::string> query_sort(const Call& call, std::initializer_list<std::string_view> allowed);

/// The frame of every PATCH: `read` puts the members of the body into `thing`, the resource as it is now;
/// the version is the one that If-Match names.
template <class Thing, class Read>
std::expected<Thing, Problem> patched(const Call& call, Thing thing, Read read) {
  Faults faults;
  ObjectReader body(call.body, "", faults);
  if (Result<> done = read(body, faults, thing); !done) return std::unexpected(Problem(std::move(done).error()));
  body.finish();
  if (!faults.empty()) return std::unexpected(faults.problem());
  thing.version = call.expected(thing.version);
  return thing;
}

/// {"items": […], "next_cursor", "total"}.
template <class T, class WriteItem>
Response page_response(const catalog::Page<T>& page, WriteItem write_item) {
  JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const T& item : page.items) write_item(out, item);
  out.end_array().key("next_cursor");
  if (page.next_cursor.empty()) out.null();
  else out.string(page.next_cursor);
  out.field("total", page.total).end_object();
  return json_response(out.take());
}

/// Cuts a page out of a complete list; the cursor is the place of the next item.
template <class T>
Result<catalog::Page<T>> page_of(std::vector<T> all, const catalog::ListQuery& query) {
  catalog::Page<T> page;
  page.total = all.size();
  std::size_t first = 0;
  if (!query.cursor.empty()) {
    const auto [end, ec] = std::from_chars(query.cursor.data(), query.cursor.data() + query.cursor.size(), first);
    if (ec != std::errc{} || end != query.cursor.data() + query.cursor.size())
      return fail(Error(Errc::invalid_argument, "request.cursor").at("?cursor"));
  }
  first = std::min(first, all.size());
  const std::size_t last = std::min(all.size(), first + query.limit);
  page.items.assign(std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(first)),
                    std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(last)));
  if (last < all.size()) page.next_cursor = std::to_string(last);
  return page;
}

}  // namespace karez::api
