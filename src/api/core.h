// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "api/auth.h"
#include "api/call.h"
#include "api/ingest.h"
#include "api/rates.h"
#include "api/router.h"
#include "api/static_files.h"

namespace karez::api {

/// Everything of the API but the wire: from a request to its response.
/// Thread: any worker.
class Core {
 public:
  Core(Services services, const Options& options);

  Response handle(const Request& request);
  /// Thread: any, also the HTTP library's.
  Waits waits_for(const Request& request) const;
  /// For a WebSocket at /api/v1/t/{tenant}/live: who asks, in which tenant.
  struct Admission {
    security::Caller caller;
    model::Scope scope;
  };
  std::expected<Admission, Problem> admit_live(const Request& request);

  Services& services() noexcept { return services_; }
  LiveView& live() noexcept { return live_; }
  Rates& rates() noexcept { return rates_; }

 private:
  Answer dispatch(const Request& request);
  Answer run(const Request& request, const Router::Match& match);
  Result<> unpack(const Request& request, const Route& route, std::string& unpacked, std::string_view& body) const;

  Services services_;
  LiveView live_;
  Ingest ingest_;
  Rates rates_;
  Shared shared_;
  Router router_;
  StaticFiles files_;
  Counter& requests_;
  Counter& failures_;
  Histogram& seconds_;
};

}  // namespace karez::api
