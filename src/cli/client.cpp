// SPDX-License-Identifier: Apache-2.0
#include "cli/client.h"

#include <cstdlib>
#include <set>

#include "base/file.h"
#include "base/format.h"
#include "net/blocking.h"

namespace karez::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Slugs come from the server; Error wants a pointer that outlives it.
const char* keep(std::string_view slug) {
  static std::set<std::string, std::less<>> slugs;
  return slugs.emplace(slug).first->c_str();
}

Errc code_of(int status) {
  switch (status) {
    case 401:
    case 403: return Errc::denied;
    case 404: return Errc::not_found;
    case 409:
    case 412: return Errc::conflict;
    case 413:
    case 429: return Errc::exhausted;
    case 503: return Errc::unavailable;
    case 504: return Errc::timeout;
    default: return status >= 500 ? Errc::internal : Errc::invalid_argument;
  }
}

Error problem(const net::HttpResponse& response, const JsonDocument& doc) {
  const JsonValue root = doc.root();
  const std::string_view slug =
      root["slug"].string().value_or(response.status == 401 ? "auth.required" : "http.status");
  Error error(code_of(response.status), keep(slug));
  std::string text(root["detail"].string().value_or(root["title"].string().value_or("")));
  if (text.empty()) text = karez::format("The server answered {}.", response.status);
  error = Error(std::move(error).with(text));
  if (const auto cure = root["cure"].string()) error = Error(std::move(error).cure(*cure));
  else if (response.status == 401)
    error = Error(std::move(error).cure("Log in with 'karez login', or set KAREZ_TOKEN."));
  if (const auto pointer = root["pointer"].string()) error = Error(std::move(error).at(*pointer));
  return error;
}

}  // namespace

std::string connection_file() {
  const std::string config = environment("XDG_CONFIG_HOME");
  return (config.empty() ? environment("HOME") + "/.config" : config) + "/karez/cli.json";
}

Connection load_connection(const Connection& given) {
  Connection kept;
  if (const auto text = read_file(connection_file(), 65'536))
    if (const auto doc = JsonDocument::parse(*text)) {
      kept.url = (*doc)["url"].string().value_or(kept.url);
      kept.token = (*doc)["token"].string().value_or("");
      kept.tenant = (*doc)["tenant"].string().value_or("");
    }
  const auto wanted = [](const std::string& option, const char* variable) {
    return option.empty() ? environment(variable) : option;
  };
  Connection c{.url = wanted(given.url, "KAREZ_URL"),
               .token = wanted(given.token, "KAREZ_TOKEN"),
               .tenant = wanted(given.tenant, "KAREZ_TENANT")};
  if (c.url.empty()) c.url = kept.url;
  if (!c.token.empty() || c.url != kept.url) return c;
  c.token = kept.token;
  c.tenant_kept = c.tenant.empty();
  if (c.tenant_kept) c.tenant = kept.tenant;
  return c;
}

Result<> save_connection(const Connection& c) {
  JsonWriter w;
  w.begin_object().field("url", c.url).field("token", c.token).field("tenant", c.tenant).end_object();
  KZ_CHECK(make_directories(Path(connection_file()).parent_path()));
  return write_file_atomic(connection_file(), as_bytes(w.view()), 0600);
}

struct Client::Network {
  net::Loop loop{"cli"};
  net::TaskScope scope{loop};
};

Client::Client(Connection connection) : connection_(std::move(connection)), network_(std::make_unique<Network>()) {}
Client::~Client() = default;

Result<> Client::find_tenant() {
  if (!connection_.tenant.empty()) return {};
  KZ_TRY(const Reply session, call("GET", "/api/v1/session"));
  const auto tenants = session.json["tenants"].elements();
  if (!tenants.empty()) connection_.tenant = tenants[0]["id"].string().value_or("");
  if (connection_.tenant.empty())
    return fail(Error(Errc::denied, "cli.no_tenant")
                    .with("This access belongs to no enterprise.")
                    .cure("Ask an owner of the enterprise for a role in it."));
  return {};
}

std::string Client::tenant_path(std::string_view rest) const {
  return karez::format("/api/v1/t/{}{}", encode(connection_.tenant), rest);
}

Result<Reply> Client::call(std::string method, std::string path, std::string body,
                           std::vector<std::pair<std::string, std::string>> headers, std::string content_type,
                           const std::function<void(JsonValue problem)>& on_problem) {
  KZ_TRY(const auto url, net::parse_url(connection_.url));
  net::HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(path);
  request.headers = std::move(headers);
  request.headers.emplace_back("Accept", "application/json, */*");
  if (!connection_.token.empty()) request.headers.emplace_back("Authorization", "Bearer " + connection_.token);
  const std::string lang = environment("LANG");
  request.headers.emplace_back("Accept-Language", lang.starts_with("zh") ? "zh" : "en");
  if (!body.empty()) request.headers.emplace_back("Content-Type", std::move(content_type));
  request.body = std::move(body);
  const auto deadline = net::Deadline::after(timeout_);
  auto answered = net::run_blocking<net::HttpResponse>(network_->scope, [&](std::stop_token stop) {
    return net::http_call(network_->loop, url, std::move(request), deadline, stop);
  });
  if (!answered) {
    const Error& e = answered.error();
    if (e.slug() == "net.refused")
      return fail(Error(Errc::unavailable, "cli.no_server")
                      .with(karez::format("Nothing listens at {}.", connection_.url))
                      .cure("Start it with 'karez serve' or 'karez demo', or name another address with --url."));
    return fail(Error(e));
  }
  Reply reply;
  reply.status = answered->status;
  reply.etag = answered->header("etag");
  reply.cookie = answered->header("set-cookie");
  if (answered->header("content-type").contains("json"))
    if (auto doc = JsonDocument::parse(answered->body, {.max_bytes = net::kMaxResponseBytes}))
      reply.json = std::move(*doc);
  if (reply.status >= 400 && on_problem) on_problem(reply.json.root());
  if (reply.status >= 400) return fail(problem(*answered, reply.json));
  reply.body = std::move(answered->body);
  return reply;
}

std::string encode(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (std::isalnum(static_cast<unsigned char>(c)) || std::string_view("-._~").contains(c)) out += c;
    else out += karez::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace karez::cli
