// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "stores/sql_store.h"

namespace karez::catalog {

/// Tables of the asset registry. `search` is the lower-case text that lists look fragments up in.
const stores::Migrations& plant_migrations();

}  // namespace karez::catalog
