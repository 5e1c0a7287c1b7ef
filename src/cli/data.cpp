// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "base/format.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/point_name.h"
#include "cli/show.h"
#include "cli/table.h"
#include "cli/value.h"
#include "model/sample.h"

namespace karez::cli {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& w : words) out += (out.empty() ? "" : ",") + w;
  return out;
}

/// Heading of a column of times, which says whose they are.
std::string when(const char* heading, const Options& o) {
  return karez::format("{} ({})", heading, o.has("utc") ? "UTC" : "local");
}

Result<std::pair<std::string, std::string>> range_of(const Options& o) {
  KZ_TRY(auto from, parse_when(o.get("from", "1h")));
  KZ_TRY(auto to, parse_when(o.get("to", "now")));
  return std::pair(std::move(from), std::move(to));
}

/// Ids that were asked for and that the answer does not hold are a failure, not a shorter table.
Result<> all_found(JsonValue answer) {
  std::string missing;
  for (const JsonValue id : answer["missing"].elements()) missing += (missing.empty() ? "" : ", ") + shown(id);
  if (missing.empty()) return {};
  return fail(Error(Errc::not_found, "cli.missing_points")
                  .with(karez::format("Not found: {}.", missing))
                  .cure("'karez points' lists the points with their ids."));
}

Result<> print_values(Client& client, const Options& o, const std::vector<std::string>& points) {
  KZ_TRY(const Reply reply, client.get(client.tenant_path("/values?points=" + encode(join(points)))));
  if (o.json) {
    say_line("{}", reply.body);
    return all_found(reply.json.root());
  }
  Table table({"POINT", "VALUE", "UNIT", "QUALITY", "STALE", "ORIGIN", when("TIME", o)});
  for (const JsonValue v : reply.json["items"].elements())
    table.row({shown(v["point"]), shown(v["value"]), shown(v["unit"]), shown(v.pointer("/quality/name")),
               v["stale"].boolean().value_or(false) ? "stale" : "", shown(v["origin"]),
               shown_time(v["time"], o.has("utc"))});
  put(table.text());
  return all_found(reply.json.root());
}

Result<> query_raw(Client& client, const Options& o, const std::string& from, const std::string& to) {
  if (o.words.size() != 1)
    return fail(Error(Errc::invalid_argument, "cli.one_point")
                    .with("Raw samples are read one point at a time.")
                    .cure("Name one point, or ask for buckets with --step 1m."));
  KZ_TRY(const std::string point, point_id(client, o.words[0]));
  KZ_TRY(const Reply reply,
         client.get(client.tenant_path(karez::format("/history/{}/raw?from={}&to={}&limit={}", encode(point),
                                                     encode(from), encode(to), o.get("limit", "1000")))));
  if (o.json) {
    say_line("{}", reply.body);
    return {};
  }
  const bool utc = o.has("utc");
  Table table({when("TIME", o), "VALUE", "QUALITY", "FLAGS"});
  for (const JsonValue s : reply.json["items"].elements()) {
    const model::Quality quality{static_cast<std::uint16_t>(s["q"].integer().value_or(0))};
    table.row({shown_time(s["t"], utc), shown(s["v"]), model::quality_name(quality),
               flag_words(s["f"].integer().value_or(0))});
  }
  if (table.size() == 0) say_line("No samples from {} to {}.", shown_time(from, utc), shown_time(to, utc));
  else put(table.text());
  if (reply.json["next_cursor"].is_string()) say_line("\nMore follows; --limit or --step shows it.");
  return {};
}

/// The aggregates of --agg. Errors: cli.aggregate, which lists those there are.
Result<std::vector<std::string>> aggregates_of(const Options& o) {
  constexpr std::string_view kAll[] = {"count", "min", "max", "mean", "sum", "first", "last", "twa", "good"};
  std::vector<std::string> names;
  for (const std::string_view part : split(o.get("agg", "count,min,mean,max"), ',')) {
    const std::string name = to_lower(trim(part));
    if (!std::ranges::contains(kAll, name) || std::ranges::contains(names, name))
      return fail(Error(Errc::invalid_argument, "cli.aggregate")
                      .with(karez::format("--agg: '{}' is {}.", name,
                                          std::ranges::contains(names, name) ? "named twice" : "not known"))
                      .cure("There are count, min, max, mean, sum, first, last, twa (time-weighted mean) and good, "
                            "separated by commas."));
    names.push_back(name);
  }
  return names;
}

Result<> print_buckets(JsonValue root, const std::vector<std::string>& names, const Options& o) {
  KZ_TRY(const Timestamp start, parse_rfc3339(root["from"].string().value_or("")));
  const auto step = std::chrono::milliseconds(root["step_ms"].integer().value_or(1));
  std::vector<std::string> headings{"POINT", when("FROM", o)};
  for (std::string name : names) {
    for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    headings.push_back(std::move(name));
  }
  Table table(headings);
  for (const JsonValue series : root["series"].elements()) {
    const std::size_t buckets = series[names[0]].size();
    std::vector<std::vector<JsonValue>> columns;
    for (const std::string& name : names) columns.push_back(series[name].elements());
    for (std::size_t i = 0; i < buckets; ++i) {
      std::vector<std::string> row{shown(series["point"]),
                                   shown_time(to_rfc3339(start + step * static_cast<std::int64_t>(i)), o.has("utc"))};
      for (const auto& column : columns) row.push_back(i < column.size() ? shown(column[i]) : "-");
      table.row(std::move(row));
    }
  }
  put(table.text());
  return {};
}

}  // namespace

Result<std::string> parse_when(std::string_view text) {
  SystemClock clock;
  if (text == "now") return to_rfc3339(clock.now());
  if (text.starts_with("now-")) text.remove_prefix(4);
  if (const auto ago = parse_duration(text)) return to_rfc3339(clock.now() - *ago);
  KZ_TRY(const Timestamp t, parse_rfc3339(text));
  return to_rfc3339(t);
}

Result<> run_values(Client& client, const Options& o) {
  KZ_TRY(const auto points, point_ids(client, o.words));
  return print_values(client, o, points);
}

Result<> run_watch(Client& client, const Options& o) {
  KZ_TRY(const Duration every, parse_duration(o.get("every", "1s")));
  std::size_t left = SIZE_MAX;
  if (o.has("count")) {
    KZ_TRY(left, count_for("count", o.get("count")));
  }
  KZ_TRY(const auto points, point_ids(client, o.words));
  const bool screen = ::isatty(1) != 0 && !o.json;
  for (; left > 0; --left) {
    if (screen) say("\033[H\033[2J");
    KZ_CHECK(print_values(client, o, points));
    KZ_CHECK(finish_output());
    if (left > 1) std::this_thread::sleep_for(every);
  }
  return {};
}

Result<> run_query(Client& client, const Options& o) {
  KZ_TRY(const auto range, range_of(o));
  const auto& [from, to] = range;
  KZ_TRY(const auto names, aggregates_of(o));
  if (!o.has("step")) return query_raw(client, o, from, to);
  KZ_TRY(const auto points, point_ids(client, o.words));
  JsonWriter w;
  w.begin_object().key("points").begin_array();
  for (const std::string& p : points) w.string(p);
  w.end_array().field("from", from).field("to", to).field("step", o.get("step")).key("aggregates").begin_array();
  for (const std::string& name : names) w.string(name);
  w.end_array().end_object();
  KZ_TRY(const Reply reply, client.call("POST", client.tenant_path("/history/buckets"), w.take()));
  if (o.json) {
    say_line("{}", reply.body);
    return {};
  }
  return print_buckets(reply.json.root(), names, o);
}

Result<> run_export(Client& client, const Options& o) {
  KZ_TRY(const auto range, range_of(o));
  KZ_TRY(const std::string point, point_id(client, o.words[0]));
  KZ_TRY(const Reply about, client.get(client.tenant_path("/points/" + encode(point))));
  client.set_timeout(std::chrono::minutes(30));
  KZ_TRY(const Reply reply,
         client.get(client.tenant_path(karez::format("/history/{}/export.csv?from={}&to={}", encode(point),
                                                     encode(range.first), encode(range.second)))));
  put(about.json["type"].string() == "double" ? rounded_export(reply.body) : reply.body);
  return {};
}

namespace {
std::string read_back_text(JsonValue value, JsonValue unit) {
  const std::string_view text = value.string().value_or(""), of = unit.string().value_or("");
  return text.empty() ? "" : karez::format(" Read back: {}{}{}", text, of.empty() ? "" : " ", of);
}
}  // namespace

Result<> run_write(Client& client, const Options& o) {
  if (!o.has("yes") && ::isatty(0) == 0)
    return fail(Error(Errc::invalid_argument, "cli.needs_yes")
                    .with("Writing changes the equipment, and there is no terminal to ask at. Nothing was written.")
                    .cure("Say --yes when that is meant."));
  KZ_TRY(const std::string id, point_id(client, o.words[0]));
  const std::string path = client.tenant_path("/points/" + encode(id));
  KZ_TRY(const Reply point, client.get(path));
  const std::string type = shown(point.json["type"]);
  KZ_TRY(const std::string value, value_for(type, o.words[1]));
  std::string body = "{\"value\":" + value;
  if (o.has("expected")) {
    KZ_TRY(const std::string expected, value_for(type, o.get("expected")));
    body += ",\"expected\":" + expected;
  }
  if (!o.has("yes")) {
    say("Write {} to {} ({})? This changes the equipment. [y/N] ", value, shown(point.json["name"]), id);
    KZ_CHECK(finish_output());
    char answer[16] = {};
    if (std::fgets(answer, sizeof answer, stdin) == nullptr || (answer[0] != 'y' && answer[0] != 'Y'))
      return fail(Errc::cancelled, "cli.declined", "Nothing was written.");
  }
  KZ_TRY(const Reply reply, client.call("POST", path + "/write", body + "}"));
  const std::string result = shown(reply.json["result"]);
  if (o.json) say_line("{}", reply.body);
  else
    say_line("{}: {}{}", result, shown(reply.json["text"]),
             read_back_text(reply.json["read_back"], point.json["unit"]));
  if (result != "done")
    return fail(Errc::unavailable, "cli.not_written", karez::format("The write ended as '{}'.", result));
  return {};
}

}  // namespace karez::cli
