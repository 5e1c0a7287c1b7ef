// SPDX-License-Identifier: Apache-2.0
#include "cli/option_help.h"

namespace karez::cli {
namespace {

// The line of a command goes before the one for all.
constexpr OptionHelp kHelp[] = {
    {"login", "user", "NAME", "who logs in (default: admin)"},
    {"login", "password", "TEXT", "else it is asked for, or read from standard input"},
    {"login", "new-password", "TEXT", "your own, at least 10 characters; needed once after a one-time password"},
    {"login", "role", "ROLE",
     "role of the token: viewer, operator, engineer, owner (default: your own, at most engineer)"},
    {"query", "limit", "N", "most raw samples, 1 to 10000 (default: 1000)"},
    {"query", "step", "DURATION", "length of a bucket, such as 10s, 1m, 15m, 1h, 1d (default: raw samples)"},
    {"query", "agg", "LIST",
     "of the buckets: count, min, max, mean, sum, first, last, twa (time-weighted mean), good (default: "
     "count,min,mean,max)"},
    {"search", "limit", "N", "most hits of each kind, 1 to 50 (default: 50)"},
    {"watch", "every", "DURATION", "pause between two looks, such as 500ms, 1s, 1m (default: 1s)"},
    {"watch", "count", "N", "how often (default: until Ctrl-C)"},
    {"write", "expected", "VALUE", "write only when the present value is this one"},
    {"write", "yes", "", "do not ask; needed when no terminal is there to ask at"},
    {"points", "device", "ID", "of this device only, such as d3"},
    {"points import", "device", "ID", "device that gets the points, such as d3; needed"},
    {"points import", "dry-run", "", "check the file, make nothing"},
    {"points import", "skip-bad", "", "make the points of the good rows although others are wrong"},
    {"devices add", "points", "FILE",
     "CSV with the points; columns name, address and, when wanted, type, unit, scale, …"},
    {"devices add", "name", "TEXT", "name of the device, and of its link; needed"},
    {"devices add", "untested", "", "do not try the connection first"},
    {"devices", "driver", "NAME", "of this driver only: modbus, opcua, mqtt"},
    {"devices", "class", "CLASS",
     "of these classes only: production_equipment, process_unit, product_in_use, control_system, gateway"},
    {"", "from", "TIME", "start: now-8h, 90m (ago) or 2026-07-14T06:00:00+08:00 (default: 1h ago)"},
    {"", "to", "TIME", "end, not included; forms as --from (default: now)"},
    {"", "limit", "N", "most rows (default: 100)"},
    {"", "q", "TEXT", "only what matches: fragments in any order, * for anything, such as 'fill temp'"},
    {"", "state", "LIST", "in these states only: online, degraded, offline, backoff, connecting, disabled"},
    {"", "quality", "LIST", "of this quality only: good, uncertain, bad"},
    {"", "driver", "NAME", "modbus, opcua or mqtt; needed"},
    {"", "link", "JSON", "settings of the link, or @FILE, such as '{\"host\": \"10.20.3.11\", \"port\": 502}'"},
    {"", "device", "JSON", "settings of the device, or @FILE, such as '{\"unit\": 1}' (default: {})"},
    {"", "addresses", "LIST", "addresses to read, such as hr:1,hr:2"},
    {"", "class", "CLASS", "production_equipment (default), process_unit, product_in_use, control_system or gateway"},
    {"", "origin", "ORIGIN", "where the values come from: real (default), replayed, simulated or unknown"},
    {"", "equipment", "ID", "node of the plant that it belongs to, such as e2 (default: the enterprise)"},
    {"", "link-id", "ID", "use this link instead of a new one, such as l1"},
    {"", "utc", "", "times in UTC instead of the zone of this machine"},
};

}  // namespace

OptionHelp option_help(std::string_view command, std::string_view name) {
  for (const std::string_view of : {command, std::string_view{}})
    for (const OptionHelp& h : kHelp)
      if (h.name == name && h.command == of) return h;
  return {.command = command, .name = name, .value = "VALUE", .text = {}};
}

}  // namespace karez::cli
