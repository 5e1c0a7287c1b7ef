// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "cli/client.h"

namespace karez::cli {

/// What stands after the command: words and --options.
struct Options {
  std::vector<std::string> words;
  std::map<std::string, std::string, std::less<>> values;  ///< flags have the value "true"
  bool json = false, help = false, yes = false;
  Connection connection;

  std::string_view get(std::string_view name, std::string_view fallback = "") const;
  bool has(std::string_view name) const { return values.contains(name); }
};

struct Command {
  std::string_view name;     ///< "devices list"
  std::string_view group;    ///< heading in the help
  std::string_view words;    ///< "POINT…"
  std::string_view summary;
  std::string_view options;  ///< names that take a value, space separated; with "!" in front: flags
  int min_words, max_words;
  Result<> (*run)(Client& client, const Options& options);
  bool needs_tenant = true;  ///< the tenant is known before `run`
};

std::span<const Command> commands();
/// Errors: cli.unknown_option, cli.missing_value, cli.words.
Result<Options> parse_options(const Command& command, std::span<const std::string_view> arguments);

/// "now-8h", "8h" (ago), "2026-07-14T06:00:00Z", "now". Errors: time.malformed.
Result<std::string> parse_when(std::string_view text);

// The commands; one file each group.
Result<> run_login(Client&, const Options&);
Result<> run_status(Client&, const Options&);
Result<> run_doctor(Client&, const Options&);
Result<> run_completion(Client&, const Options&);
Result<> run_links(Client&, const Options&);
Result<> run_devices(Client&, const Options&);
Result<> run_devices_show(Client&, const Options&);
Result<> run_devices_add(Client&, const Options&);
Result<> run_devices_test(Client&, const Options&);
Result<> run_points(Client&, const Options&);
Result<> run_points_import(Client&, const Options&);
Result<> run_values(Client&, const Options&);
Result<> run_watch(Client&, const Options&);
Result<> run_write(Client&, const Options&);
Result<> run_query(Client&, const Options&);
Result<> run_export(Client&, const Options&);
Result<> run_search(Client&, const Options&);
Result<> run_events(Client&, const Options&);
Result<> run_api(Client&, const Options&);

}  // namespace karez::cli
