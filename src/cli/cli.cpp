// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"

#include <cstdio>

#include "base/format.h"
#include "base/text.h"
#include "cli/option_help.h"
#include "cli/options.h"
#include "cli/output.h"

namespace karez::cli {
namespace {

constexpr Command kCommands[] = {
    {"login", "Access", "", "log in and keep an API token for this machine", "user password new-password role", 0, 0,
     run_login, false},
    {"status", "Look", "", "devices, points and sources at a glance", "", 0, 0, run_status},
    {"search", "Look", "TEXT", "find devices, points and equipment", "limit", 1, 1, run_search},
    {"events", "Look", "", "newest connection and quality events", "limit !utc", 0, 0, run_events},
    {"links", "Look", "", "data sources with state and reason", "limit q", 0, 0, run_links},
    {"devices", "Look", "", "devices with state and reason", "limit q state driver class !utc", 0, 0, run_devices},
    {"devices show", "Look", "DEVICE", "one device with its points and values", "!utc", 1, 1, run_devices_show},
    {"points", "Look", "", "points", "limit q device quality", 0, 0, run_points},
    {"values", "Data", "POINT…", "latest values", "!utc", 1, 1000, run_values},
    {"watch", "Data", "POINT…", "latest values, again and again, until Ctrl-C", "every count !utc", 1, 100, run_watch},
    {"query", "Data", "POINT…", "history: raw samples, or buckets with --step", "from to step agg limit !utc", 1, 50,
     run_query},
    {"export", "Data", "POINT", "history as CSV on standard output, times in UTC", "from to", 1, 1, run_export},
    {"write", "Data", "POINT VALUE", "write a value to the equipment and read it back", "expected !yes", 2, 2,
     run_write},
    {"devices test", "Change", "", "try a connection; nothing is saved", "driver link device addresses", 0, 0,
     run_devices_test},
    {"devices add", "Change", "", "add a link and a device, with points from CSV",
     "driver link device name class origin points equipment link-id !untested", 0, 0, run_devices_add},
    {"points import", "Change", "FILE", "points of a device from CSV; --dry-run only checks",
     "device !dry-run !skip-bad", 1, 1, run_points_import},
    {"doctor", "Help", "", "find usual troubles of this machine and say the cure", "", 0, 0, run_doctor, false},
    {"completion", "Help", "SHELL", "shell completion for bash, zsh or fish", "", 1, 1, run_completion, false},
    {"api", "Help", "METHOD PATH [BODY]", "any call of the API, the answer as it comes", "", 2, 3, run_api, false},
};

const Command* find_command(std::span<const std::string_view> arguments, std::size_t& used) {
  for (std::size_t n = std::min<std::size_t>(2, arguments.size()); n > 0; --n) {
    const std::string name = n == 2 ? karez::format("{} {}", arguments[0], arguments[1]) : std::string(arguments[0]);
    for (const Command& c : kCommands)
      if (c.name == name) {
        used = n;
        return &c;
      }
  }
  return nullptr;
}

void print_usage(const Command& c) {
  say_line("karez {}{}{} - {}\n", c.name, c.words.empty() ? "" : " ", c.words, c.summary);
  if (c.words.starts_with("POINT"))
    say_line("  {:<20} id (p7), name (ovenTemp) or device and name (Oven 1/ovenTemp)",
             c.words.substr(0, c.words.find(' ')));
  const auto line = [](std::string_view name, std::string_view value, std::string_view text) {
    say_line("  {:<20} {}", karez::format("--{}{}{}", name, value.empty() ? "" : " ", value), text);
  };
  for (std::string_view option : split(c.options, ' ')) {
    if (option.empty()) continue;
    if (option.starts_with('!')) option.remove_prefix(1);
    const OptionHelp help = option_help(c.name, option);
    line(option, help.value, help.text);
  }
  line("json", "", "the answer as JSON");
  line("url", "URL", "address of the platform (default: $KAREZ_URL, the kept log-in, http://127.0.0.1:8080)");
  line("token", "TOKEN", "API token (default: $KAREZ_TOKEN, the kept log-in)");
  line("tenant", "TENANT", "enterprise, such as t1 (default: $KAREZ_TENANT, the first you have a role in)");
}

/// Wrong usage that only the command itself can see.
bool is_usage(const Error& error) {
  constexpr std::string_view kSlugs[] = {"cli.missing_value", "cli.needs_yes", "cli.aggregate"};
  return std::ranges::contains(kSlugs, error.slug());
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

std::string_view Options::get(std::string_view name, std::string_view fallback) const {
  const auto it = values.find(name);
  return it == values.end() ? fallback : std::string_view(it->second);
}

Result<Options> parse_options(const Command& command, std::span<const std::string_view> arguments) {
  Options o;
  Connection given{.url = "", .token = "", .tenant = ""};
  bool only_words = false;
  const auto known = split(command.options, ' ');
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view a = arguments[i];
    if (only_words || !a.starts_with("--")) {
      if (a == "-h" && !only_words) o.help = true;
      else o.words.emplace_back(a);
      continue;
    }
    if (a == "--") {
      only_words = true;
      continue;
    }
    std::string_view name = a.substr(2);
    if (name == "json") o.json = true;
    else if (name == "help") o.help = true;
    else if (std::ranges::contains(known, "!" + std::string(name))) o.values[std::string(name)] = "true";
    else {
      std::string value;
      if (const auto equals = name.find('='); equals != std::string_view::npos) {
        value = name.substr(equals + 1);
        name = name.substr(0, equals);
      } else if (i + 1 < arguments.size()) {
        value = arguments[++i];
      } else {
        return fail(Errc::invalid_argument, "cli.missing_value", karez::format("--{} needs a value.", name));
      }
      if (name == "url") given.url = value;
      else if (name == "token") given.token = value;
      else if (name == "tenant") given.tenant = value;
      else if (std::ranges::contains(known, name)) o.values[std::string(name)] = value;
      else
        return fail(Error(Errc::invalid_argument, "cli.unknown_option")
                        .with(karez::format("'karez {}' has no option --{}.", command.name, name))
                        .cure(karez::format("See 'karez {} --help'.", command.name)));
    }
  }
  o.connection = load_connection(given);
  const auto n = static_cast<int>(o.words.size());
  if (!o.help && (n < command.min_words || n > command.max_words))
    return fail(Error(Errc::invalid_argument, "cli.words")
                    .with(karez::format("'karez {}' expects: {}", command.name,
                                        command.words.empty() ? "no words" : command.words))
                    .cure(karez::format("See 'karez {} --help'.", command.name)));
  return o;
}

std::string_view help() {
  static const std::string text = [] {
    std::string out =
        "karez - industrial internet platform\n\nRun\n"
        "  serve                      run the platform\n"
        "  demo                       run it with a small demonstration plant\n"
        "  audit verify               check the audit ledger of a data folder, offline or beside the platform\n";
    for (const std::string_view group : {"Access", "Look", "Data", "Change", "Help"}) {
      out += karez::format("\n{}\n", group);
      for (const Command& c : kCommands)
        if (c.group == group) out += karez::format("  {:<26} {}\n", karez::format("{} {}", c.name, c.words), c.summary);
    }
    return out + "\n'karez COMMAND --help' explains one. All but serve, demo and audit are clients of the HTTP API.\n";
  }();
  return text;
}

int run(std::span<const std::string_view> arguments) {
  std::size_t used = 0;
  const Command* command = find_command(arguments, used);
  if (command == nullptr) {
    tell("karez: there is no command '{}'.\n", arguments.empty() ? "" : arguments[0]);
    put_error(help());
    return 2;
  }
  auto options = parse_options(*command, arguments.subspan(used));
  if (!options) {
    tell("karez: {}", options.error().message());
    return 2;
  }
  if (options->help) {
    print_usage(*command);
    return finish_output() ? 0 : 1;
  }
  Client client(options->connection);
  const auto done = [&]() -> Result<> {
    if (command->needs_tenant) {
      KZ_CHECK(client.find_tenant());
    }
    return command->run(client, *options);
  }();
  // What was written is written before what went wrong is said.
  const auto written = finish_output();
  for (const auto* result : {&done, &written})
    if (!*result) {
      tell("karez: {}", result->error().message());
      return is_usage(result->error()) ? 2 : 1;
    }
  return 0;
}

}  // namespace karez::cli
