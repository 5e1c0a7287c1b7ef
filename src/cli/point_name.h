// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/client.h"

namespace karez::cli {

/// Ids of points that people named by id ("p7"), by name ("ovenTemp") or by device and name
/// ("Oven 1/ovenTemp"). Errors: cli.no_point, cli.which_point (both name what comes near), those of the
/// calls. Thread: main.
Result<std::vector<std::string>> point_ids(Client& client, std::span<const std::string> words);
Result<std::string> point_id(Client& client, const std::string& word);

}  // namespace karez::cli
