// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"

namespace karez::server {

constexpr std::string_view kVersion = "0.1.0";

/// Everything `karez serve` can be told, by file (`--config`) and on the command line (which wins).
struct ServerOptions {
  Path data_dir;
  std::string http_address = "127.0.0.1";
  std::uint16_t http_port = 8080;
  unsigned http_threads = 1, workers = 4;
  std::size_t max_body_bytes = 16u << 20;
  std::size_t max_connections_per_ip = 256;
  Path console_dir;  ///< empty: no console
  unsigned lanes = 2, loops = 2;
  std::size_t blocks = 256;  ///< of 64 KiB
  std::string sync = "sync";  ///< "sync", "interval", "off": when a write counts as stored
  std::size_t wal_cap_bytes = 1u << 30, head_bytes = 64u << 20;
  LogConfig log;
  bool ready_json = false;  ///< print one JSON line when ready instead of text for people

  // For `karez demo` only.
  Path plant_program, mosquitto_program;
};

/// Errors: config.*, options.unknown, options.missing_value; nothing was started.
Result<ServerOptions> parse_options(std::span<const std::string_view> arguments);

/// Folder of the running program; the console and the plant are looked up from there.
Path program_directory();

}  // namespace karez::server
