// SPDX-License-Identifier: Apache-2.0
#include "base/format.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/value.h"

namespace karez::cli {
namespace {

std::string text_of(JsonValue v) {
  if (const auto s = v.string()) return std::string(*s);
  if (!v || v.is_null()) return "-";
  return v.dump();
}

/// Fetches up to `limit` items of a list over as many pages as it takes.
template <class Each>
Result<std::uint64_t> each_item(Client& client, std::string path, std::size_t limit, Each&& each) {
  std::string cursor;
  std::size_t left = limit;
  std::uint64_t total = 0;
  do {
    std::string page =
        path + (path.contains('?') ? "&" : "?") + karez::format("limit={}", std::min<std::size_t>(left, 1000));
    if (!cursor.empty()) page += "&cursor=" + encode(cursor);
    KZ_TRY(const Reply reply, client.get(page));
    total = static_cast<std::uint64_t>(reply.json["total"].integer().value_or(0));
    for (const JsonValue item : reply.json["items"].elements()) {
      each(item);
      if (--left == 0) return total;
    }
    cursor = reply.json["next_cursor"].string().value_or("");
  } while (!cursor.empty());
  return total;
}

Result<std::size_t> limit_of(const Options& o) { return count_for("limit", o.get("limit", "100")); }

struct Column {
  const char* heading;
  const char* pointer;
};

Result<> print_list(Client& client, const Options& o, std::string path, std::initializer_list<Column> columns) {
  KZ_TRY(const std::size_t limit, limit_of(o));
  if (o.json) {
    std::string out = "[";
    KZ_TRY(const auto total,
           each_item(client, path, limit, [&](JsonValue v) { out += (out.size() > 1 ? ",\n" : "") + v.dump(); }));
    (void)total;  // the JSON form is the rows alone
    say_line("{}]", out);
    return {};
  }
  std::vector<std::string> headings;
  for (const Column& c : columns) headings.emplace_back(c.heading);
  Table table(headings);
  KZ_TRY(const auto total, each_item(client, path, limit, [&](JsonValue v) {
           std::vector<std::string> row;
           for (const Column& c : columns) row.push_back(text_of(v.pointer(c.pointer)));
           table.row(std::move(row));
         }));
  if (table.size() == 0) {
    say_line("Nothing here yet.");
    return {};
  }
  put(table.text());
  if (total > table.size()) say_line("\n{} of {}; --limit shows more.", table.size(), total);
  return {};
}

std::string with(std::string path, const Options& o, std::initializer_list<const char*> names) {
  char separator = '?';
  for (const char* name : names)
    if (o.has(name)) {
      path += karez::format("{}{}={}", separator, name, encode(o.get(name)));
      separator = '&';
    }
  return path;
}

}  // namespace

Result<> run_links(Client& client, const Options& o) {
  return print_list(client, o, with(client.tenant_path("/links"), o, {"q"}),
                    {{"ID", "/id"},
                     {"NAME", "/name"},
                     {"DRIVER", "/driver"},
                     {"STATE", "/state"},
                     {"DEVICES", "/device_count"},
                     {"POINTS", "/point_count"},
                     {"REASON", "/reason/text"}});
}

Result<> run_devices(Client& client, const Options& o) {
  return print_list(client, o, with(client.tenant_path("/devices"), o, {"q", "state", "driver", "class"}),
                    {{"ID", "/id"},
                     {"NAME", "/name"},
                     {"DRIVER", "/driver"},
                     {"STATE", "/state"},
                     {"GOOD", "/good_points"},
                     {"POINTS", "/total_points"},
                     {"ORIGIN", "/origin"},
                     {"LAST VALUE", "/last_value_at"},
                     {"REASON", "/reason/text"}});
}

Result<> run_points(Client& client, const Options& o) {
  return print_list(client, o, with(client.tenant_path("/points"), o, {"q", "device", "quality"}),
                    {{"ID", "/id"},
                     {"DEVICE", "/device"},
                     {"NAME", "/name"},
                     {"TYPE", "/type"},
                     {"UNIT", "/unit"},
                     {"ADDRESS", "/address"},
                     {"DESCRIPTION", "/description"}});
}

Result<> run_events(Client& client, const Options& o) {
  return print_list(client, o, client.tenant_path("/events"),
                    {{"TIME", "/time"},
                     {"OBJECT", "/object/id"},
                     {"NAME", "/object/name"},
                     {"STATE", "/state"},
                     {"REASON", "/reason/text"}});
}

Result<> run_devices_show(Client& client, const Options& o) {
  KZ_TRY(const Reply device, client.get(client.tenant_path("/devices/" + encode(o.words[0]))));
  if (o.json) {
    say_line("{}", device.body);
    return {};
  }
  for (const char* name :
       {"name", "description", "class", "driver", "link_name", "equipment_name", "state", "origin", "last_value_at"})
    say_line("{:<16} {}", name, text_of(device.json[name]));
  if (const auto reason = device.json.root().pointer("/reason/text").string()) say_line("{:<16} {}", "reason", *reason);
  say_line("");
  Table table({"POINT", "NAME", "VALUE", "UNIT", "QUALITY", "TIME"});
  std::vector<std::pair<std::string, std::string>> points;
  KZ_TRY(const auto total, each_item(client, client.tenant_path("/points?device=" + encode(o.words[0])), 200,
                                     [&](JsonValue v) { points.emplace_back(text_of(v["id"]), text_of(v["name"])); }));
  std::string ids;
  for (const auto& [id, name] : points) ids += (ids.empty() ? "" : ",") + id;
  if (!ids.empty()) {
    KZ_TRY(const Reply values, client.get(client.tenant_path("/values?points=" + encode(ids))));
    for (const JsonValue v : values.json["items"].elements()) {
      const auto point = std::ranges::find(points, text_of(v["point"]), &std::pair<std::string, std::string>::first);
      const std::string name = point == points.end() ? "" : point->second;
      table.row({text_of(v["point"]), name, text_of(v["value"]), text_of(v["unit"]),
                 text_of(v.pointer("/quality/name")), text_of(v["time"])});
    }
  }
  put(table.text());
  if (total > points.size()) say_line("\n{} of {} points.", points.size(), total);
  return {};
}

Result<> run_search(Client& client, const Options& o) {
  KZ_TRY(const std::size_t limit, limit_of(o));
  KZ_TRY(const Reply reply, client.get(client.tenant_path(karez::format("/search?q={}&limit={}", encode(o.words[0]),
                                                                        std::min<std::size_t>(limit, 50)))));
  if (o.json) {
    say_line("{}", reply.body);
    return {};
  }
  Table table({"KIND", "ID", "NAME", "WHERE"});
  for (const JsonValue group : reply.json["groups"].elements())
    for (const JsonValue hit : group["items"].elements())
      table.row({text_of(group["kind"]), text_of(hit["id"]), text_of(hit["title"]), text_of(hit["subtitle"])});
  if (table.size() == 0) say_line("Nothing matches '{}'. Fragments in any order and * are understood.", o.words[0]);
  else put(table.text());
  return {};
}

Result<> run_status(Client& client, const Options& o) {
  KZ_TRY(const Reply reply, client.get(client.tenant_path("/overview")));
  if (o.json) {
    say_line("{}", reply.body);
    return {};
  }
  const JsonValue root = reply.json.root();
  const auto n = [&](const char* pointer) { return text_of(root.pointer(pointer)); };
  say_line("Devices  {} ({} online, {} offline)", n("/devices/total"), n("/devices/online"), n("/devices/offline"));
  say_line("Points   {} ({} good, {} bad, {} stale, {} without a value yet)", n("/points/total"), n("/points/good"),
           n("/points/bad"), n("/points/stale"), n("/points/never"));
  say_line("Samples  {} a second, {} in all, {} bytes on disk\n", n("/samples_per_s"), n("/samples_total"),
           n("/store_bytes"));
  Table table({"SOURCE", "PROTOCOL", "STATE", "DEVICES", "POINTS", "GOOD %", "REMARK"});
  for (const JsonValue s : root["sources"].elements())
    table.row({text_of(s["name"]), text_of(s["protocol"]), text_of(s["state"]),
               text_of(s["devices_online"]) + "/" + text_of(s["devices_total"]), text_of(s["points"]),
               text_of(s["good_percent"]), text_of(s.pointer("/remark/text"))});
  if (table.size() > 0) put(table.text());
  return {};
}

Result<> run_api(Client& client, const Options& o) {
  KZ_TRY(const Reply reply, client.call(o.words[0], o.words[1], o.words.size() > 2 ? o.words[2] : ""));
  say_line("{}", reply.body);
  return {};
}

}  // namespace karez::cli
