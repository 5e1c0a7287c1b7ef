// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

#include "api/http.h"
#include "base/file.h"

namespace karez::api {

/// The console's files. Only what lay in the folder at start can be asked for, so no path leads out.
/// Thread: any worker.
class StaticFiles {
 public:
  explicit StaticFiles(const std::string& directory);
  /// The file, or index.html for an address of the console itself; nothing for a missing file.
  std::optional<Answer> find(const Request& request) const;
  bool empty() const noexcept { return files_.empty(); }

 private:
  struct Entry {
    Path file;
    bool gz = false, br = false;
  };
  std::map<std::string, Entry, std::less<>> files_;  ///< "/assets/x.js"
};

}  // namespace karez::api
