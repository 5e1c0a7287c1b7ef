// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "api/problem.h"
#include "base/json.h"

/// The JSON Schema subset in which drivers describe their forms (`FormSchema` of the contract).
namespace karez::api {

/// Checks `value` against `schema`; what is wrong is added with pointers below `pointer`.
void check_form(JsonValue schema, JsonValue value, const std::string& pointer, Faults& faults);

/// `value` as JSON without the members that the schema marks as secrets (format: password). Pointers of
/// those that were there go to `secrets` when given.
std::string without_secrets(JsonValue schema, JsonValue value, std::vector<std::string>* secrets);

/// Text forms of the two above, for what the registry stores. Unreadable JSON counts as {}.
std::string public_config(std::string_view schema, std::string_view config, std::vector<std::string>* secrets);

}  // namespace karez::api
