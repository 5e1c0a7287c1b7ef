// SPDX-License-Identifier: Apache-2.0
#include "api/core.h"

#include "api/gzip.h"
#include "base/format.h"
#include "base/text.h"

namespace karez::api {
namespace {

constexpr unsigned kMaxJsonDepth = 32;
constexpr std::size_t kMaxQuery = 64u << 10;

/// Media type of a Content-Type header.
std::string media_type(const Request& request) {
  const std::string_view header = request.header("content-type");
  return to_lower(trim(header.substr(0, header.find(';'))));
}

Result<> check_media_type(const Request& request, Body body) {
  const std::string type = media_type(request);
  bool good = true;
  if (body == Body::json) good = type == "application/json" || type == "application/merge-patch+json";
  if (body == Body::csv) good = type == "text/csv";
  if (good) return {};
  return fail(Error(Errc::invalid_argument, "request.media_type")
                  .with(body == Body::json ? "application/json is expected." : "text/csv is expected."));
}

bool changes(Method method) { return method != Method::get; }

}  // namespace

Core::Core(Services services, const Options& options)
    : services_(services),
      live_(services_),
      ingest_(services_, [this](model::TenantId tenant) { live_.changed(tenant); }),
      rates_(services_.clock),
      shared_{.services = services_, .live = live_, .ingest = ingest_, .rates = rates_, .version = options.version},
      router_(all_routes()),
      files_(options.console_dir),
      requests_(services_.metrics.counter("karez_http_requests_total", "HTTP requests answered")),
      failures_(services_.metrics.counter("karez_http_failures_total", "HTTP requests answered with status 5xx")),
      seconds_(services_.metrics.histogram("karez_http_request_seconds", "Time to answer an HTTP request")) {}

Response Core::handle(const Request& request) {
  const Monotonic start = services_.clock.monotonic();
  Answer answer = dispatch(request);
  Response response = answer ? std::move(*answer) : problem_response(answer.error(), request);
  requests_.add();
  if (response.status >= 500) {
    failures_.add();
    if (!answer && response.status == 500)
      services_.log.error("api", "{} {} failed ({}): {} {}", to_string(request.method), request.path, request.id,
                          answer.error().slug, answer.error().detail);
  }
  seconds_.observe(services_.clock.monotonic() - start);
  return response;
}

Waits Core::waits_for(const Request& request) const {
  const Router::Match match = router_.find(request.method, request.path);
  return match.route ? match.route->waits : Waits::nothing;
}

Answer Core::dispatch(const Request& request) {
  if (request.query.size() > kMaxQuery)
    return std::unexpected(
        Error(Errc::invalid_argument, "request.too_large").with("At most 64 KiB of parameters are taken."));
  const Router::Match match = router_.find(request.method, request.path);
  if (match.route) return run(request, match);
  if (!match.allow.empty()) {
    Problem problem(405, "request.method");
    problem.allow = match.allow;
    return std::unexpected(std::move(problem));
  }
  if (request.method == Method::get && !request.path.starts_with("/api/"))
    if (auto file = files_.find(request)) return std::move(*file);
  return std::unexpected(Problem(404, "request.no_route"));
}

Result<> Core::unpack(const Request& request, const Route& route, std::string& unpacked, std::string_view& body) const {
  body = request.body;
  if (body.size() > route.max_body)
    return fail(Errc::invalid_argument, "request.too_large",
                karez::format("At most {} bytes are taken here.", route.max_body));
  const std::string_view encoding = request.header("content-encoding");
  if (encoding.empty() || encoding == "identity") return {};
  if (encoding != "gzip")
    return fail(Errc::invalid_argument, "request.media_type", "Of content encodings only gzip is accepted.");
  KZ_TRY(unpacked, gunzip(body, route.max_body));
  body = unpacked;
  return {};
}

Answer Core::run(const Request& request, const Router::Match& match) {
  const Route& route = *match.route;
  const bool has_tenant = route.path.starts_with("/api/v1/t/{tenant}");
  Call call{.shared = shared_,
            .services = services_,
            .request = request,
            .route = route,
            .query = Query(request.query),
            .path = match.values,
            .body = {},
            .raw_body = {},
            .scope = {},
            .version = {}};
  security::Caller caller;
  if (route.need != Need::open) {
    KZ_TRY(caller, authenticate(services_.identity, request, route.body == Body::lines));
    call.caller = &caller;
    if (changes(route.method)) KZ_CHECK(check_csrf(caller, request));
    if (caller.user.must_change_password && !caller.by_token && !route.before_password)
      return std::unexpected(Problem(403, "auth.password_change_required"));
  }
  if (role_of(route.need) != model::Role::none) {
    const auto tenant = has_tenant ? model::parse_id<model::TenantId>(match.values[0]) : own_tenant(caller);
    if (tenant) call.scope = caller.scope(*tenant);
    if (auto allowed = check_role(call.scope, route.need); !allowed) return std::unexpected(std::move(allowed).error());
  }
  if (has_tenant) call.path = {match.values[1], match.values[2], {}};
  if (route.if_match) {
    KZ_TRY(call.version, if_match(request));
  }
  std::string unpacked;
  JsonDocument document;
  if (route.body != Body::none) {
    KZ_CHECK(check_media_type(request, route.body));
    KZ_CHECK(unpack(request, route, unpacked, call.raw_body));
  }
  if (route.body == Body::json) {
    KZ_TRY(document, JsonDocument::parse(call.raw_body, {.max_bytes = route.max_body, .max_depth = kMaxJsonDepth}));
    call.body = document.root();
  }
  return route.handler(call);
}

std::expected<Core::Admission, Problem> Core::admit_live(const Request& request) {
  Admission admission;
  KZ_TRY(admission.caller, authenticate(services_.identity, request, false));
  if (!admission.caller.by_token) KZ_CHECK(check_origin(request));
  if (admission.caller.user.must_change_password && !admission.caller.by_token)
    return std::unexpected(Problem(403, "auth.password_change_required"));
  const Router::Match match = router_.find(Method::get, request.path);
  const auto tenant = model::parse_id<model::TenantId>(match.values[0]);
  if (tenant) admission.scope = admission.caller.scope(*tenant);
  if (auto allowed = check_role(admission.scope, Need::viewer); !allowed)
    return std::unexpected(std::move(allowed).error());
  return admission;
}

Result<catalog::ListQuery> list_query(const Call& call) {
  catalog::ListQuery query;
  KZ_TRY(const auto limit, call.query.integer("limit", 100, 1, 1000));
  query.limit = static_cast<std::size_t>(limit);
  query.cursor = call.query.text("cursor");
  query.q = call.query.text("q");
  if (query.cursor.size() > 6000) return fail(Error(Errc::invalid_argument, "request.cursor").at("?cursor"));
  if (utf8_length(query.q) > 200)
    return fail(Error(Errc::invalid_argument, "request.length").with("At most 200 characters.").at("?q"));
  return query;
}

Result<std::string> query_sort(const Call& call, std::initializer_list<std::string_view> allowed) {
  const std::string sort = call.query.text("sort", "name");
  const std::string_view column = std::string_view(sort).substr(sort.starts_with('-') ? 1 : 0);
  if (std::ranges::find(allowed, column) == allowed.end())
    return fail(Error(Errc::invalid_argument, "request.choice").at("?sort"));
  return sort;
}

}  // namespace karez::api
