// SPDX-License-Identifier: Apache-2.0
#include "api/routes/routes.h"
#include "api/views.h"

namespace karez::api::routes {
namespace {

Answer health(Call&) { return json_response(R"({"status":"ok"})"); }

Answer readiness(Call& call) {
  const bool history = !call.services.history.stats().poisoned;
  const bool metadata = call.services.registry.tenants().has_value();
  std::size_t queued = 0;
  for (unsigned lane = 0; lane < call.services.lanes.count(); ++lane) queued += call.services.lanes.stats(lane).queued;
  JsonWriter out;
  out.begin_object().field("ready", history && metadata).key("checks").begin_array();
  for (const auto& [name, ok] :
       {std::pair("history", history), std::pair("metadata", metadata), std::pair("lanes", queued < 100'000)})
    out.begin_object().field("name", name).field("ok", ok).end_object();
  out.end_array().end_object();
  return json_response(out.take(), history && metadata ? 200 : 503);
}

Answer metrics(Call& call) {
  Response r;
  r.content_type = "text/plain; version=0.0.4; charset=utf-8";
  r.body = call.services.metrics.expose();
  return r;
}

Answer version(Call& call) {
  // "1.2.3+abcdef": what follows the plus is the source revision.
  const std::string_view full = call.shared.version;
  const auto plus = full.find('+');
  JsonWriter out;
  out.begin_object().field("name", "karez").field("version", full.substr(0, plus));
  out.field("commit", plus == std::string_view::npos ? std::string_view("unknown") : full.substr(plus + 1));
  out.field("api", "1.0.0").end_object();
  return json_response(out.take());
}

}  // namespace

std::vector<Route> system() {
  return {
      {.method = Method::get, .path = "/healthz", .need = Need::open, .handler = health},
      {.method = Method::get, .path = "/readyz", .need = Need::open, .handler = readiness},
      {.method = Method::get, .path = "/metrics", .need = Need::session, .handler = metrics},
      {.method = Method::get, .path = "/api/v1/version", .need = Need::session, .handler = version},
  };
}

}  // namespace karez::api::routes
