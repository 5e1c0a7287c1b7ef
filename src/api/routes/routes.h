// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/call.h"

/// One list of operations for each resource; `all_routes` joins them.
namespace karez::api::routes {

std::vector<Route> system();
std::vector<Route> session();
std::vector<Route> tenants();
std::vector<Route> equipment();
std::vector<Route> drivers();
std::vector<Route> links();
std::vector<Route> devices();
std::vector<Route> points();
std::vector<Route> point_files();
std::vector<Route> values();
std::vector<Route> history();
std::vector<Route> overview();
std::vector<Route> access();
std::vector<Route> ingest();

}  // namespace karez::api::routes
