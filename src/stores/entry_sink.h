// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/error.h"
#include "stores/sql_store.h"

namespace karez::stores {

/// A catalogue entry about something that was just created, changed or removed.
struct Entry {
  std::string tenant;      ///< "t1"; ids cross this seam in their outside form, `stores` knows no model
  std::string kind;        ///< "device", "point", "link", "equipment", "object" …
  std::string native_key;  ///< id within the kind; (tenant, kind, native_key) is unique
  std::string title, description;
  std::string origin;      ///< "real", "replayed", "simulated", "unknown"
  bool removed = false;
};

/// Whoever creates a thing writes its entry through this in the same transaction, without knowing the
/// catalogue.
class EntrySink {
 public:
  virtual ~EntrySink() = default;
  virtual Result<> put(SqlSession& transaction, const Entry& entry) = 0;
};

}  // namespace karez::stores
