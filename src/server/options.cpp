// SPDX-License-Identifier: Apache-2.0
#include "server/options.h"

#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/config.h"
#include "base/format.h"

namespace karez::server {
namespace {

Path default_data_dir() {
  if (const char* dir = std::getenv("KAREZ_DATA"); dir != nullptr && *dir != '\0') return dir;
  if (const char* dir = std::getenv("XDG_DATA_HOME"); dir != nullptr && *dir != '\0') return Path(dir) / "karez";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return Path(home) / ".local/share/karez";
  return "karez-data";
}

/// Beside the program, installed, or somewhere above it in a checkout.
Path find_console() {
  const Path here = program_directory();
  for (const Path& candidate : {here / "console", here / "../share/karez/console"})
    if (std::filesystem::exists(candidate / "index.html")) return candidate.lexically_normal();
  for (Path up = here; up != up.root_path(); up = up.parent_path())
    if (std::filesystem::exists(up / "console/dist/index.html")) return up / "console/dist";
  return {};
}

Result<LogLevel> parse_level(std::string_view word) {
  if (word == "debug") return LogLevel::debug;
  if (word == "info") return LogLevel::info;
  if (word == "warning") return LogLevel::warning;
  if (word == "error") return LogLevel::error;
  return fail(Errc::invalid_argument, "options.invalid", "--log-level is one of debug, info, warning, error.");
}

Result<> read_config(const std::string& file, ServerOptions& o) {
  KZ_TRY(auto config, ConfigReader::open(file));
  const auto positive = [&](std::string_view pointer, std::size_t fallback, std::int64_t low, std::int64_t high) {
    return static_cast<std::size_t>(config.integer(pointer, static_cast<std::int64_t>(fallback), low, high));
  };
  o.data_dir = config.text("/data", o.data_dir.string());
  o.http_address = config.text("/http/address", o.http_address);
  o.http_port = static_cast<std::uint16_t>(config.integer("/http/port", o.http_port, 0, 65535));
  o.http_threads = static_cast<unsigned>(positive("/http/threads", o.http_threads, 1, 2));
  o.max_body_bytes = positive("/http/max_body_bytes", o.max_body_bytes, 1024, 1 << 30);
  o.max_connections_per_ip = positive("/http/max_connections_per_ip", o.max_connections_per_ip, 2, 2000);
  o.workers = static_cast<unsigned>(positive("/workers", o.workers, 1, 64));
  o.console_dir = config.text("/console", o.console_dir.string());
  o.lanes = static_cast<unsigned>(positive("/lanes", o.lanes, 1, 4));
  o.loops = static_cast<unsigned>(positive("/loops", o.loops, 1, 4));
  o.blocks = positive("/blocks", o.blocks, 16, 65536);
  o.sync = config.choice("/store/sync", o.sync, {"sync", "interval", "off"});
  o.wal_cap_bytes = positive("/store/wal_cap_bytes", o.wal_cap_bytes, 16 << 20, 1LL << 40);
  o.head_bytes = positive("/store/head_bytes", o.head_bytes, 4 << 20, 1LL << 40);
  // A word that is none is told by `finish`, with its place in the file.
  o.log.level =
      parse_level(config.choice("/log/level", "info", {"debug", "info", "warning", "error"})).value_or(LogLevel::info);
  o.log.json = config.boolean("/log/json", o.log.json);
  o.log.file = config.text("/log/file", o.log.file);
  return config.finish();
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (ec != std::errc{} || end != text.data() + text.size())
    return fail(Errc::invalid_argument, "options.invalid", karez::format("'{}' is not a port from 0 to 65535.", text));
  return port;
}

}  // namespace

Path program_directory() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

Result<ServerOptions> parse_options(std::span<const std::string_view> arguments) {
  ServerOptions o;
  o.data_dir = default_data_dir();
  o.console_dir = find_console();
  // The file first, whatever its place on the line, so that the line wins.
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i)
    if (arguments[i] == "--config") KZ_CHECK(read_config(std::string(arguments[i + 1]), o));
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (name == "--ready-json") {
      o.ready_json = true;
      continue;
    }
    if (name != "--config" && name != "--data" && name != "--http-address" && name != "--http-port" &&
        name != "--console" && name != "--log-level" && name != "--sync" && name != "--plant" && name != "--mosquitto")
      return fail(Error(Errc::invalid_argument, "options.unknown")
                      .with(karez::format("There is no option {}.", name))
                      .cure("karez serve --help lists the options."));
    if (i + 1 >= arguments.size())
      return fail(Errc::invalid_argument, "options.missing_value", karez::format("{} needs a value.", name));
    const std::string_view value = arguments[++i];
    if (name == "--data") o.data_dir = value;
    if (name == "--http-address") o.http_address = value;
    if (name == "--http-port") {
      KZ_TRY(o.http_port, parse_port(value));
    }
    if (name == "--console") o.console_dir = value;
    if (name == "--log-level") {
      KZ_TRY(o.log.level, parse_level(value));
    }
    if (name == "--sync") o.sync = value;
    if (name == "--plant") o.plant_program = value;
    if (name == "--mosquitto") o.mosquitto_program = value;
  }
  if (o.sync != "sync" && o.sync != "interval" && o.sync != "off")
    return fail(Errc::invalid_argument, "options.invalid", "--sync is one of sync, interval, off.");
  return o;
}

}  // namespace karez::server
