// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "net/http_client.h"

namespace karez::cli {

/// Where to find the platform and who we are. An empty tenant is asked of the platform.
struct Connection {
  std::string url = "http://127.0.0.1:8080";
  std::string token;
  std::string tenant;
  bool tenant_kept = false;  ///< nobody named the tenant; it is the one of the kept log-in
};
/// Each member from the options given, then KAREZ_URL / KAREZ_TOKEN / KAREZ_TENANT, then what `karez login`
/// kept in ~/.config/karez/cli.json (0600). A kept token goes only to the platform it was made by, and the
/// kept tenant only with the kept token.
Connection load_connection(const Connection& given);
Result<> save_connection(const Connection& connection);
std::string connection_file();

struct Reply {
  int status = 0;
  std::string body;
  std::string etag, cookie;
  JsonDocument json;  ///< empty when the body is not JSON
};

/// Calls of the API with deadlines; a problem answer becomes an Error with its slug, text and cure, after
/// `on_problem` has seen the whole of it.
/// Thread: main.
class Client {
 public:
  explicit Client(Connection connection);
  ~Client();

  Result<Reply> call(std::string method, std::string path, std::string body = {},
                     std::vector<std::pair<std::string, std::string>> headers = {},
                     std::string content_type = "application/json",
                     const std::function<void(JsonValue problem)>& on_problem = {});
  Result<Reply> get(std::string path) { return call("GET", std::move(path)); }
  /// Asks the platform for the tenant when none is named. Errors: cli.no_tenant, and those of the call.
  Result<> find_tenant();
  /// Path below /api/v1/t/<tenant>; find_tenant() comes first.
  std::string tenant_path(std::string_view rest) const;
  const Connection& connection() const noexcept { return connection_; }
  void set_timeout(Duration timeout) { timeout_ = timeout; }

 private:
  Connection connection_;
  Duration timeout_ = std::chrono::seconds(60);
  struct Network;
  std::unique_ptr<Network> network_;
};

/// Percent-encodes a query value.
std::string encode(std::string_view value);

}  // namespace karez::cli
