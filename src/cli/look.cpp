// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "base/format.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/show.h"
#include "cli/table.h"
#include "cli/value.h"

namespace karez::cli {
namespace {

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
  bool time = false;
};

/// The heading of a column of times says whose they are.
std::string heading_of(const char* heading, bool time, bool utc) {
  return time ? karez::format("{} ({})", heading, utc ? "UTC" : "local") : std::string(heading);
}

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
  for (const Column& c : columns) headings.push_back(heading_of(c.heading, c.time, o.has("utc")));
  Table table(headings);
  KZ_TRY(const auto total, each_item(client, path, limit, [&](JsonValue v) {
           std::vector<std::string> row;
           for (const Column& c : columns) {
             const JsonValue member = v.pointer(c.pointer);
             row.push_back(c.time ? shown_time(member, o.has("utc")) : shown(member));
           }
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
                     {"LAST VALUE", "/last_value_at", true},
                     {"REASON", "/reason/text"}});
}

Result<> run_points(Client& client, const Options& o) {
  return print_list(client, o, with(client.tenant_path("/points"), o, {"q", "device", "quality"}),
                    {{"ID", "/id"},
                     {"DEVICE", "/device_name"},
                     {"NAME", "/name"},
                     {"TYPE", "/type"},
                     {"UNIT", "/unit"},
                     {"ADDRESS", "/address"},
                     {"DESCRIPTION", "/description"}});
}

Result<> run_events(Client& client, const Options& o) {
  return print_list(client, o, client.tenant_path("/events"),
                    {{"TIME", "/time", true},
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
  for (const char* name : {"name", "description", "class", "driver", "link_name", "equipment_name", "state", "origin"})
    say_line("{:<16} {}", name, shown(device.json[name]));
  const bool utc = o.has("utc");
  say_line("{:<16} {}", "last_value_at", shown_time(device.json["last_value_at"], utc));
  if (const auto reason = device.json.root().pointer("/reason/text").string()) say_line("{:<16} {}", "reason", *reason);
  say_line("");
  Table table({"POINT", "NAME", "VALUE", "UNIT", "QUALITY", heading_of("TIME", true, utc)});
  std::vector<std::pair<std::string, std::string>> points;
  KZ_TRY(const auto total, each_item(client, client.tenant_path("/points?device=" + encode(o.words[0])), 200,
                                     [&](JsonValue v) { points.emplace_back(shown(v["id"]), shown(v["name"])); }));
  std::string ids;
  for (const auto& [id, name] : points) ids += (ids.empty() ? "" : ",") + id;
  if (!ids.empty()) {
    KZ_TRY(const Reply values, client.get(client.tenant_path("/values?points=" + encode(ids))));
    for (const JsonValue v : values.json["items"].elements()) {
      const auto point = std::ranges::find(points, shown(v["point"]), &std::pair<std::string, std::string>::first);
      const std::string name = point == points.end() ? "" : point->second;
      table.row({shown(v["point"]), name, shown(v["value"]), shown(v["unit"]), shown(v.pointer("/quality/name")),
                 shown_time(v["time"], utc)});
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
      table.row({shown(group["kind"]), shown(hit["id"]), shown(hit["title"]), shown(hit["subtitle"])});
  if (table.size() == 0) say_line("Nothing matches '{}'. Fragments in any order and * are understood.", o.words[0]);
  else put(table.text());
  return {};
}

namespace {
/// Rounded down, so that 100 means all.
std::string percent(JsonValue v) {
  const auto number = v.number();
  return number ? karez::format("{:.1f}", std::floor(*number * 10) / 10) : "-";
}
}  // namespace

Result<> run_status(Client& client, const Options& o) {
  KZ_TRY(const Reply reply, client.get(client.tenant_path("/overview")));
  if (o.json) {
    say_line("{}", reply.body);
    return {};
  }
  const JsonValue root = reply.json.root();
  const auto n = [&](const char* pointer) { return shown(root.pointer(pointer)); };
  const auto whole = [&](const char* pointer) { return root.pointer(pointer).integer().value_or(0); };
  // As the console counts: what waits for its next try is lost, what starts or is off does not run.
  say_line("Devices  {} ({} online, {} degraded, {} lost, {} not running)", n("/devices/total"), n("/devices/online"),
           n("/devices/degraded"), whole("/devices/offline") + whole("/devices/backoff"),
           whole("/devices/connecting") + whole("/devices/disabled"));
  say_line("Points   {} ({} good, {} uncertain, {} bad, {} without a value yet; {} stale)", n("/points/total"),
           n("/points/good"), n("/points/uncertain"), n("/points/bad"), n("/points/never"), n("/points/stale"));
  say_line("Samples  {} a second, {} in all, {} bytes on disk\n",
           three_digits(root["samples_per_s"].number().value_or(0)), n("/samples_total"), n("/store_bytes"));
  Table table({"SOURCE", "PROTOCOL", "STATE", "DEVICES", "POINTS", "GOOD %", "REMARK"});
  for (const JsonValue s : root["sources"].elements())
    table.row({shown(s["name"]), shown(s["protocol"]), shown(s["state"]),
               shown(s["devices_online"]) + "/" + shown(s["devices_total"]), shown(s["points"]),
               percent(s["good_percent"]), shown(s.pointer("/remark/text"))});
  if (table.size() > 0) put(table.text());
  return {};
}

Result<> run_api(Client& client, const Options& o) {
  KZ_TRY(const Reply reply, client.call(o.words[0], o.words[1], o.words.size() > 2 ? o.words[2] : ""));
  say_line("{}", reply.body);
  return {};
}

}  // namespace karez::cli
