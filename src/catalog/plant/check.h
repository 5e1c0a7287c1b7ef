// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.h"
#include "catalog/plant_registry.h"

/// What the registry lets in. Every error is registry.invalid with a JSON pointer to the member.
namespace karez::catalog {

std::unexpected<Error> invalid(std::string_view pointer, std::string_view text);
std::unexpected<Error> denied();
std::unexpected<Error> stale();
std::unexpected<Error> not_found(std::string_view what);
std::unexpected<Error> duplicate_name(std::string_view pointer, std::string_view name);

/// The scope may do this in its tenant.
Result<> require(const model::Scope& scope, model::Role needed);

Result<> check_tenant(const model::Tenant& tenant);
Result<> check_equipment(const model::Equipment& node);
Result<> check_link(const model::Link& link);
Result<> check_device(const model::Device& device);
Result<> check_point(const model::Point& point);

/// The same error with `prefix` in front of its pointer ("/points/3").
Error below(std::string_view prefix, const Error& error);

/// Lower-case text of several fields, apart from each other, to look fragments up in.
std::string search_text(std::initializer_list<std::string_view> fields);

}  // namespace karez::catalog
