// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <cstdio>
#include <print>
#include <thread>

#include "base/format.h"
#include "cli/options.h"
#include "cli/table.h"

namespace karez::cli {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& w : words) out += (out.empty() ? "" : ",") + w;
  return out;
}

std::string cell(JsonValue v) {
  if (const auto s = v.string()) return std::string(*s);
  return !v || v.is_null() ? "-" : v.dump();
}

Result<std::pair<std::string, std::string>> range_of(const Options& o) {
  KZ_TRY(auto from, parse_when(o.get("from", "1h")));
  KZ_TRY(auto to, parse_when(o.get("to", "now")));
  return std::pair(std::move(from), std::move(to));
}

/// A number, true/false, or else text, as JSON.
std::string json_scalar(std::string_view text) {
  if (text == "true" || text == "false") return std::string(text);
  double number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  JsonWriter w;
  if (ec == std::errc{} && end == text.data() + text.size()) w.number(number);
  else w.string(text);
  return w.take();
}

Result<> print_values(Client& client, const Options& o) {
  KZ_TRY(const Reply reply, client.get(client.tenant_path("/values?points=" + encode(join(o.words)))));
  if (o.json) {
    std::println("{}", reply.body);
    return {};
  }
  Table table({"POINT", "VALUE", "UNIT", "QUALITY", "STALE", "ORIGIN", "TIME"});
  for (const JsonValue v : reply.json["items"].elements())
    table.row({cell(v["point"]), cell(v["value"]), cell(v["unit"]), cell(v.pointer("/quality/name")),
               v["stale"].boolean().value_or(false) ? "stale" : "", cell(v["origin"]), cell(v["time"])});
  std::print("{}", table.text());
  return {};
}

Result<> query_raw(Client& client, const Options& o, const std::string& from, const std::string& to) {
  if (o.words.size() != 1)
    return fail(Error(Errc::invalid_argument, "cli.one_point")
                    .with("Raw samples are read one point at a time.")
                    .cure("Name one point, or ask for buckets with --step 1m."));
  KZ_TRY(const Reply reply,
         client.get(client.tenant_path(karez::format("/history/{}/raw?from={}&to={}&limit={}", encode(o.words[0]),
                                                     encode(from), encode(to), o.get("limit", "1000")))));
  if (o.json) {
    std::println("{}", reply.body);
    return {};
  }
  Table table({"TIME", "VALUE", "QUALITY", "FLAGS"});
  for (const JsonValue s : reply.json["items"].elements())
    table.row({cell(s["t"]), cell(s["v"]), cell(s["q"]), cell(s["f"])});
  if (table.size() == 0) std::println("No samples from {} to {}.", from, to);
  else std::print("{}", table.text());
  if (reply.json["next_cursor"].is_string()) std::println("\nMore follows; --limit or --step shows it.");
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

Result<> run_values(Client& client, const Options& o) { return print_values(client, o); }

Result<> run_watch(Client& client, const Options& o) {
  KZ_TRY(const Duration every, parse_duration(o.get("every", "1s")));
  std::size_t left = SIZE_MAX;
  const std::string_view count = o.get("count");
  if (!count.empty()) (void)std::from_chars(count.data(), count.data() + count.size(), left);  // nonsense: for ever
  const bool screen = ::isatty(1) != 0 && !o.json;
  for (; left > 0; --left) {
    if (screen) std::print("\033[H\033[2J");
    KZ_CHECK(print_values(client, o));
    std::fflush(stdout);
    if (left > 1) std::this_thread::sleep_for(every);
  }
  return {};
}

Result<> run_query(Client& client, const Options& o) {
  KZ_TRY(const auto range, range_of(o));
  const auto& [from, to] = range;
  if (!o.has("step")) return query_raw(client, o, from, to);
  const std::string aggregates(o.get("agg", "count,min,mean,max"));
  JsonWriter w;
  w.begin_object().key("points").begin_array();
  for (const std::string& p : o.words) w.string(p);
  w.end_array().field("from", from).field("to", to).field("step", o.get("step")).key("aggregates").begin_array();
  std::vector<std::string> names;
  for (std::size_t at = 0; at <= aggregates.size();) {
    const auto end = std::min(aggregates.find(',', at), aggregates.size());
    names.push_back(aggregates.substr(at, end - at));
    w.string(names.back());
    at = end + 1;
  }
  w.end_array().end_object();
  KZ_TRY(const Reply reply, client.call("POST", client.tenant_path("/history/buckets"), w.take()));
  if (o.json) {
    std::println("{}", reply.body);
    return {};
  }
  const JsonValue root = reply.json.root();
  KZ_TRY(const Timestamp start, parse_rfc3339(root["from"].string().value_or("")));
  const auto step = std::chrono::milliseconds(root["step_ms"].integer().value_or(1));
  std::vector<std::string> headings{"POINT", "FROM"};
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
      std::vector<std::string> row{cell(series["point"]), to_rfc3339(start + step * static_cast<std::int64_t>(i))};
      for (const auto& column : columns) row.push_back(i < column.size() ? cell(column[i]) : "-");
      table.row(std::move(row));
    }
  }
  std::print("{}", table.text());
  return {};
}

Result<> run_export(Client& client, const Options& o) {
  KZ_TRY(const auto range, range_of(o));
  client.set_timeout(std::chrono::minutes(30));
  KZ_TRY(const Reply reply,
         client.get(client.tenant_path(karez::format("/history/{}/export.csv?from={}&to={}", encode(o.words[0]),
                                                     encode(range.first), encode(range.second)))));
  std::fwrite(reply.body.data(), 1, reply.body.size(), stdout);
  return {};
}

Result<> run_write(Client& client, const Options& o) {
  if (!o.has("yes") && ::isatty(0) != 0) {
    std::print("Write {} to {}? This changes the equipment. [y/N] ", o.words[1], o.words[0]);
    std::fflush(stdout);
    char answer[16] = {};
    if (std::fgets(answer, sizeof answer, stdin) == nullptr || (answer[0] != 'y' && answer[0] != 'Y')) {
      std::println("Nothing was written.");
      return {};
    }
  }
  std::string body = "{\"value\":" + json_scalar(o.words[1]);
  if (o.has("expected")) body += ",\"expected\":" + json_scalar(o.get("expected"));
  KZ_TRY(const Reply reply,
         client.call("POST", client.tenant_path("/points/" + encode(o.words[0]) + "/write"), body + "}"));
  const std::string result = cell(reply.json["result"]);
  if (o.json) std::println("{}", reply.body);
  else std::println("{}. {} Read back: {}", result, cell(reply.json["text"]), cell(reply.json["read_back"]));
  if (result != "done")
    return fail(Errc::unavailable, "cli.not_written", karez::format("The write ended as '{}'.", result));
  return {};
}

}  // namespace karez::cli
