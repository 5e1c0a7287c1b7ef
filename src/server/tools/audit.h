// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace karez::server {

/// `karez audit verify [--data DIR] [--key KEY] [--head FILE] [--json]`: checks the ledger in a data folder, also beside a
/// running platform. Returns the exit code: 0 whole, 1 damaged or unreadable, 2 wrong arguments.
int run_audit(std::span<const std::string_view> arguments);

}  // namespace karez::server
