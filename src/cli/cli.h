// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace karez::cli {

/// Runs a client command ("devices list", "query", "doctor", …) and returns the exit code: 0 done,
/// 1 failed, 2 wrong usage. Output for people, or JSON with --json. Thread: main.
int run(std::span<const std::string_view> arguments);
/// Help text that lists all subcommands by group.
std::string_view help();

}  // namespace karez::cli
