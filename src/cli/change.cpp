// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/table.h"

namespace karez::cli {
namespace {

std::string cell(JsonValue v) {
  if (const auto s = v.string()) return std::string(*s);
  return !v || v.is_null() ? "-" : v.dump();
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
      say_line("  {} {:<12} {:>6} ms  {}", s["ok"].boolean().value_or(false) ? "ok  " : "FAIL", cell(s["name"]),
               cell(s["ms"]), cell(s["text"]));
    for (const auto& [name, value] : reply.json["identity"].members()) say_line("  {:<17} {}", name, cell(value));
    for (const JsonValue v : reply.json["values"].elements())
      say_line("  {:<30} {}  {}", cell(v["address"]), cell(v["value"]), cell(v.pointer("/quality/name")));
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
  return cell(items[0]["id"]);
}

Result<> import_points(Client& client, const Options& o, std::string_view file, std::string_view device, bool dry_run) {
  KZ_TRY(std::string csv, read_file(Path(std::string(file)), 15u << 20));
  std::string path = client.tenant_path(karez::format("/points/import?device={}&dry_run={}", encode(device), dry_run));
  if (o.has("skip-bad")) path += "&skip_bad=true";
  KZ_TRY(const Reply reply, client.call("POST", path, std::move(csv), {}, "text/csv"));
  if (o.json) {
    say_line("{}", reply.body);
  } else {
    for (const JsonValue e : reply.json["errors"].elements())
      say_line("  {}:{} column {}: '{}', expected {}. {}", file, cell(e["line"]), cell(e["column"]), cell(e["value"]),
               cell(e["expected"]), cell(e["text"]));
    say_line("{} rows good, {} bad, {} points {}.", cell(reply.json["rows_ok"]), cell(reply.json["rows_bad"]),
             cell(reply.json["created"]), dry_run ? "would be made" : "made");
  }
  if (reply.json["rows_bad"].integer().value_or(0) > 0 && !o.has("skip-bad"))
    return fail(Error(Errc::invalid_argument, "cli.bad_rows")
                    .with("Some rows are wrong; nothing was imported.")
                    .cure("Mend them, or import the good ones with --skip-bad."));
  return {};
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
  w.key("points").begin_array().end_array().end_object();
  KZ_TRY(const Reply reply, client.call("POST", client.tenant_path("/devices/wizard"), w.take()));
  const std::string id = cell(reply.json.root().pointer("/device/id"));
  if (o.json) say_line("{}", reply.body);
  else say_line("Device {} is made.", id);
  if (o.has("points")) return import_points(client, o, o.get("points"), id, false);
  return {};
}

Result<> run_points_import(Client& client, const Options& o) {
  if (!o.has("device")) return fail(Errc::invalid_argument, "cli.missing_value", "--device is needed.");
  return import_points(client, o, o.words[0], o.get("device"), o.has("dry-run"));
}

}  // namespace karez::cli
