// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <cstdio>
#include <optional>
#include <print>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/json.h"
#include "cli/cli.h"
#include "server/demo.h"
#include "server/options.h"
#include "server/platform.h"
#include "server/tools/audit.h"

namespace {

using karez::Result;
using karez::server::Platform;
using karez::server::ServerOptions;

constexpr std::string_view kServeHelp = R"(karez serve - runs the platform until it is told to stop (SIGINT, SIGTERM)
karez demo  - the same with a small demonstration plant and a local MQTT broker

  --data DIR           where everything is kept (default: $KAREZ_DATA, or ~/.local/share/karez)
  --config FILE        JSON with comments; the command line wins over it
  --http-address ADDR  default 127.0.0.1; other addresses reach beyond this machine
  --http-port PORT     default 8080; 0 lets the system choose
  --console DIR        folder of the built console
  --sync MODE          sync (default): acknowledged means on disk; interval, off: faster, may lose seconds
  --log-level LEVEL    debug, info, warning, error
  --ready-json         print one line of JSON when ready
  --plant FILE         demo only: the karez-plant program
  --mosquitto FILE     demo only: the mosquitto program
)";

int failed(const karez::Error& error) {
  std::println(stderr, "karez: {}", error.message());
  return error.code() == karez::Errc::invalid_argument ? 2 : 1;
}

/// Nobody reads a banner under systemd; a person at a terminal needs the address and the password.
void announce(const Platform& platform, const ServerOptions& options, const std::optional<std::string>& password) {
  const std::string url = karez::format("http://{}:{}", options.http_address, platform.port());
  if (options.ready_json) {
    karez::JsonWriter w;
    w.begin_object().field("ready", true).field("port", static_cast<int>(platform.port())).field("url", url);
    if (password) w.field("user", "admin").field("one_time_password", *password);
    w.end_object();
    std::println("{}", w.view());
  } else {
    std::println("\n  Karez {} is ready.   Karez 已就绪。\n\n    {}\n", karez::server::kVersion, url);
    if (password)
      std::println(
          "    user 用户:                      admin\n    one-time password 一次性密码:   {}\n\n"
          "  It is shown once; choose your own at the first log-in. 仅显示一次，首次登录时须修改。\n",
          *password);
    else std::println("    Log in with the password you chose. 请使用你设置的密码登录。\n");
    if (options.console_dir.empty())
      std::println("  There is no console in this build: run 'make demo', or give --console DIR.\n");
    std::println("  Ctrl-C stops it. 按 Ctrl-C 停止。");
  }
  std::fflush(stdout);
}

int wait_for_signal(const sigset_t& signals) {
  int number = 0;
  ::sigwait(&signals, &number);
  return number;
}

int serve(std::span<const std::string_view> arguments, bool demo) {
  for (const std::string_view a : arguments)
    if (a == "--help" || a == "-h") {
      std::print("{}", kServeHelp);
      return 0;
    }
  auto options = karez::server::parse_options(arguments);
  if (!options) return failed(options.error());
  // Before the first thread, so that all of them inherit the mask and only sigwait sees these.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  auto platform = Platform::open(*options);
  if (!platform) return failed(platform.error());
  std::unique_ptr<karez::server::Demo> plant;
  if (demo) {
    auto started = karez::server::Demo::start(**platform, *options);
    if (!started) return failed(started.error());
    plant = std::move(*started);
  }
  if (auto started = (*platform)->start(); !started) return failed(started.error());
  if (plant)
    if (auto filled = plant->backfill(**platform); !filled) return failed(filled.error());
  const auto password = (*platform)->make_first_user();
  if (!password) return failed(password.error());
  announce(**platform, *options, *password);
  wait_for_signal(signals);
  if (!options->ready_json) std::println("\n  Stopping. 正在停止。");
  (*platform)->stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  const std::string_view command = arguments.empty() ? "--help" : arguments[0];
  const auto rest = std::span(arguments).subspan(arguments.empty() ? 0 : 1);
  if (command == "serve") return serve(rest, false);
  if (command == "demo") return serve(rest, true);
  if (command == "audit") return karez::server::run_audit(rest);
  if (command == "--version" || command == "version") {
    std::println("karez {}", karez::server::kVersion);
    return 0;
  }
  if (command == "--help" || command == "-h" || command == "help") {
    std::print("{}", karez::cli::help());
    return 0;
  }
  return karez::cli::run(arguments);
}
