// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/show.h"
#include "cli/table.h"

namespace karez::cli {
namespace {

/// What is wrong with a row: "points.csv:3, column type: 'float' - …, expected …".
void say_bad_row(std::string_view file, std::string_view column, JsonValue error) {
  const auto text = [&](const char* name) { return error[name].string().value_or(""); };
  std::string out = karez::format("  {}", file);
  if (const auto line = error["line"].integer()) out += karez::format(":{}", *line);
  if (!column.empty()) out += karez::format(", column {}", column);
  if (!text("value").empty()) out += karez::format(", '{}'", text("value"));
  out += karez::format(": {}", text("text"));
  if (!text("expected").empty()) out += karez::format(" (expected: {})", text("expected"));
  say_line("{}", out);
}

/// JSON given on the line or, with @ in front, in a file.
Result<std::string> json_argument(const Options& o, std::string_view name) {
  std::string text(o.get(name, "{}"));
  if (text.starts_with('@')) {
    KZ_TRY(text, read_file(text.substr(1), 1u << 20));
  }
  auto doc = JsonDocument::parse_config(text);
  if (!doc || !doc->root().is_object())
    return fail(
        Error(Errc::invalid_argument, "cli.bad_json")
            .with(karez::format("--{} is not a JSON object: {}", name, doc ? "expected { … }." : doc.error().text()))
            .cure(karez::format("For example --{} '{{\"host\": \"10.20.3.11\"}}' or --{} @file.json.", name, name)));
  return doc->root().dump();
}

Result<> print_report(const Reply& reply, const Options& o) {
  if (o.json) {
    say_line("{}", reply.body);
  } else {
    for (const JsonValue s : reply.json["steps"].elements())
      say_line("  {} {:<12} {:>6} ms  {}", s["ok"].boolean().value_or(false) ? "ok  " : "FAIL", shown(s["name"]),
               shown(s["ms"]), shown(s["text"]));
    for (const auto& [name, value] : reply.json["identity"].members()) say_line("  {:<17} {}", name, shown(value));
    for (const JsonValue v : reply.json["values"].elements())
      say_line("  {:<30} {}  {}", shown(v["address"]), shown(v["value"]), shown(v.pointer("/quality/name")));
  }
  if (!reply.json["ok"].boolean().value_or(false))
    return fail(Errc::unavailable, "cli.test_failed", "The test did not succeed; nothing was saved.");
  return {};
}

Result<Reply> test(Client& client, const Options& o, std::span<const std::string_view> addresses) {
  KZ_TRY(const std::string link, json_argument(o, "link"));
  KZ_TRY(const std::string device, json_argument(o, "device"));
  JsonWriter w;
  w.begin_object().key("link").raw(link).key("device").raw(device).key("addresses").begin_array();
  for (const std::string_view a : addresses) w.string(a);
  w.end_array().end_object();
  return client.call("POST", client.tenant_path(karez::format("/drivers/{}/test", encode(o.get("driver")))), w.take());
}

Result<std::string> root_equipment(Client& client) {
  KZ_TRY(const Reply reply, client.get(client.tenant_path("/equipment?limit=1")));
  const auto items = reply.json["items"].elements();
  if (items.empty())
    return fail(Error(Errc::not_found, "cli.no_equipment")
                    .with("There is no equipment yet.")
                    .cure("Finish the first log-in in the console."));
  return shown(items[0]["id"]);
}

Result<> import_points(Client& client, const Options& o, std::string_view file, std::string_view device, bool dry_run) {
  KZ_TRY(std::string csv, read_file(Path(std::string(file)), 15u << 20));
  std::string path = client.tenant_path(karez::format("/points/import?device={}&dry_run={}", encode(device), dry_run));
  if (o.has("skip-bad")) path += "&skip_bad=true";
  KZ_TRY(const Reply reply, client.call("POST", path, std::move(csv), {}, "text/csv"));
  if (o.json) {
    say_line("{}", reply.body);
  } else {
    for (const JsonValue e : reply.json["errors"].elements()) say_bad_row(file, e["column"].string().value_or(""), e);
    say_line("{} good, {} bad, {} {}.", count_of(shown(reply.json["rows_ok"]), "row"), shown(reply.json["rows_bad"]),
             count_of(shown(dry_run ? reply.json["rows_ok"] : reply.json["created"]), "point"),
             dry_run ? "would be made" : "made");
  }
  if (reply.json["rows_bad"].integer().value_or(0) > 0 && !o.has("skip-bad"))
    return fail(Error(Errc::invalid_argument, "cli.bad_rows")
                    .with("Some rows are wrong; nothing was imported.")
                    .cure("Mend them, or import the good ones with --skip-bad."));
  return {};
}

/// The rows that a new device was refused for; other faults are told by the error itself.
void say_bad_rows(std::string_view file, JsonValue problem) {
  for (const JsonValue e : problem["errors"].elements()) {
    std::string_view pointer = e["pointer"].string().value_or("");
    if (!e["line"].integer() || !pointer.starts_with("/points/")) continue;
    pointer.remove_prefix(std::string_view("/points/").size());
    const auto slash = pointer.find('/');
    say_bad_row(file, slash == std::string_view::npos ? "" : pointer.substr(slash + 1), e);
  }
}

}  // namespace

Result<> run_devices_test(Client& client, const Options& o) {
  if (!o.has("driver"))
    return fail(Errc::invalid_argument, "cli.missing_value", "--driver is needed: modbus, opcua or mqtt.");
  std::vector<std::string_view> addresses;
  if (o.has("addresses")) addresses = split(o.get("addresses"), ',');
  KZ_TRY(const Reply reply, test(client, o, addresses));
  return print_report(reply, o);
}

/// Test first, then save: nothing is stored when the test fails, unless --untested says so.
Result<> run_devices_add(Client& client, const Options& o) {
  for (const char* needed : {"driver", "name"})
    if (!o.has(needed))
      return fail(Errc::invalid_argument, "cli.missing_value", karez::format("--{} is needed.", needed));
  std::string csv;
  if (o.has("points")) {
    KZ_TRY(csv, read_file(Path(std::string(o.get("points"))), 15u << 20));
  }
  if (!o.has("untested") && !o.has("link-id")) {
    KZ_TRY(const Reply tested, test(client, o, {}));
    Options quiet = o;
    quiet.json = false;
    KZ_CHECK(print_report(tested, quiet));
  }
  KZ_TRY(const std::string link, json_argument(o, "link"));
  KZ_TRY(const std::string device, json_argument(o, "device"));
  std::string equipment(o.get("equipment"));
  if (equipment.empty()) {
    KZ_TRY(equipment, root_equipment(client));
  }
  JsonWriter w;
  w.begin_object().key("link").begin_object();
  if (o.has("link-id")) w.field("id", o.get("link-id"));
  else
    w.key("new")
        .begin_object()
        .field("name", o.get("name"))
        .field("driver", o.get("driver"))
        .key("config")
        .raw(link)
        .end_object();
  w.end_object()
      .key("device")
      .begin_object()
      .field("name", o.get("name"))
      .field("class", o.get("class", "production_equipment"));
  w.field("equipment", equipment).field("origin", o.get("origin", "real")).key("config").raw(device).end_object();
  w.key("points").begin_array().end_array();
  if (o.has("points")) w.field("points_csv", csv);
  w.end_object();
  KZ_TRY(const Reply reply, client.call("POST", client.tenant_path("/devices/wizard"), w.take(), {}, "application/json",
                                        [&](JsonValue problem) { say_bad_rows(o.get("points"), problem); }));
  if (o.json) say_line("{}", reply.body);
  else
    say_line("Device {} is made with {}.", shown(reply.json.root().pointer("/device/id")),
             count_of(shown(reply.json["points_created"]), "point"));
  return {};
}

Result<> run_points_import(Client& client, const Options& o) {
  if (!o.has("device")) return fail(Errc::invalid_argument, "cli.missing_value", "--device is needed.");
  return import_points(client, o, o.words[0], o.get("device"), o.has("dry-run"));
}

}  // namespace karez::cli
