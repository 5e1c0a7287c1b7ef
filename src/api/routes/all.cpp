// SPDX-License-Identifier: Apache-2.0
#include "api/routes/routes.h"

namespace karez::api {

std::vector<Route> all_routes() {
  std::vector<Route> out;
  for (auto* part : {routes::system, routes::session, routes::tenants, routes::equipment, routes::drivers,
                     routes::links, routes::devices, routes::points, routes::point_files, routes::values,
                     routes::history, routes::overview, routes::access, routes::ingest}) {
    const std::vector<Route> more = part();
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

}  // namespace karez::api
