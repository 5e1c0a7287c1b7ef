// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "api/http.h"

namespace karez::api {

struct Call;
using Handler = Answer (*)(Call&);

/// Least role of an operation, as `x-karez-role` in the contract. There is no default.
enum class Need : std::uint8_t { open, session, viewer, operator_, engineer, owner };
std::string_view to_string(Need need);
/// Role of a tenant that `need` asks for; none for open and session.
model::Role role_of(Need need);

/// What a body may be.
enum class Body : std::uint8_t { none, json, csv, lines };

/// What an operation may wait for, for seconds; such ones must not take the threads of the others.
enum class Waits : std::uint8_t { nothing, disk, device };

struct Route {
  Method method;
  std::string_view path;  ///< "/api/v1/t/{tenant}/devices/{id}"
  Need need;
  Handler handler;
  Body body = Body::none;
  std::size_t max_body = 1u << 20;  ///< bytes, unpacked
  bool if_match = false;            ///< answers 428 without the header
  Waits waits = Waits::nothing;
  bool before_password = false;     ///< allowed while the one-time password must be changed
};

/// Values of the {parameters} of a path, in the order of the template.
using PathValues = std::array<std::string_view, 3>;

/// Finds the operation of a path. A fixed segment wins over a parameter.
/// Thread: any once made.
class Router {
 public:
  explicit Router(std::vector<Route> routes);

  struct Match {
    const Route* route = nullptr;  ///< null: not found, or another method
    PathValues values;
    std::string allow;  ///< methods the path takes, when only the method is wrong
  };
  Match find(Method method, std::string_view path) const;
  const std::vector<Route>& routes() const noexcept { return routes_; }

 private:
  struct Entry {
    std::vector<std::string_view> segments;  ///< empty view: a parameter
    std::size_t route = 0;
  };
  std::vector<Route> routes_;
  std::vector<Entry> entries_;  ///< more specific ones first
};

/// The table of all operations.
std::vector<Route> all_routes();

}  // namespace karez::api
