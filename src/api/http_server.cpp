// SPDX-License-Identifier: Apache-2.0
#include <drogon/HttpAppFramework.h>

#include <filesystem>
#include <future>
#include <thread>

#include "api/api_server.h"
#include "api/body_pump.h"
#include "api/core.h"
#include "api/cut_connection.h"
#include "api/gzip.h"
#include "api/listen.h"
#include "api/ws_hub.h"
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace karez::api {
namespace {

using Reply = std::function<void(const drogon::HttpResponsePtr&)>;

constexpr std::size_t kMaxConnections = 2000, kMaxHeaders = 100, kIdleSeconds = 60, kCompressFrom = 1400;
/// Bodies above our own limits still reach us up to this much more, to be refused with a reason.
constexpr std::size_t kGraceBytes = 1u << 20;
/// Bodies up to this size are kept in memory until they are whole. Anybody can send one before it is known
/// who asks, so longer ones wait in a file.
constexpr std::size_t kBodyInMemory = 256u << 10;
/// Long answers up to this size are sent as one piece.
constexpr std::size_t kWholeBody = 1u << 20;
constexpr std::size_t kIngestWorkers = 2, kDeviceWorkers = 8, kDeviceQueue = 32, kExportWorkers = 2;
/// The HTTP library makes 256 folders for uploads at start; here it cannot, and bodies stay in memory.
constexpr const char* kNoUploads = "/dev/null/none";

constexpr std::string_view kPolicy =
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'";

Method method_of(drogon::HttpMethod method) {
  switch (method) {
    case drogon::Get:
    case drogon::Head: return Method::get;
    case drogon::Post: return Method::post;
    case drogon::Put: return Method::put;
    case drogon::Patch: return Method::patch;
    case drogon::Delete: return Method::del;
    default: return Method::other;
  }
}

/// The request as the routes see it; `source` must outlive it.
struct Wrapped {
  drogon::HttpRequestPtr source;
  std::string peer;
  Request request;
};

void wrap(Wrapped& w, const drogon::HttpRequestPtr& source, Clock& clock) {
  w.source = source;
  w.peer = source->peerAddr().toIp();
  Request& r = w.request;
  r.method = method_of(source->method());
  r.path = source->path();
  r.query = source->query();
  r.body = {source->bodyData(), source->bodyLength()};
  r.peer = w.peer;
  r.session = source->getCookie("karez_session");
  r.id = new_ulid(to_ns(clock.now()) / 1'000'000);
  r.header = [p = source.get()](std::string_view name) { return std::string_view(p->getHeader(std::string(name))); };
  r.lang = parse_lang(r.header("accept-language"));
}

/// Only texts are worth packing; files come packed already.
void compress(Response& response, const Request& request) {
  if (response.body.size() < kCompressFrom || !request.header("accept-encoding").contains("gzip")) return;
  const std::string_view type = response.content_type;
  if (!type.starts_with("application/json") && !type.starts_with("text/") && !type.starts_with("application/problem"))
    return;
  for (const auto& [name, value] : response.headers)
    if (name == "Content-Encoding") return;
  std::string packed = gzip(response.body);
  if (packed.empty() || packed.size() >= response.body.size()) return;
  response.body = std::move(packed);
  response.headers.emplace_back("Content-Encoding", "gzip");
  response.headers.emplace_back("Vary", "Accept-Encoding");
}

Endpoint endpoint_of(const trantor::InetAddress& address) { return {address.toIp(), address.toPort()}; }

/// A long answer, part by part. One that fails midway must not look whole: its connection is broken off.
drogon::HttpResponsePtr stream_response(Response& response, const drogon::HttpRequestPtr& source, WorkerPool& makers) {
  auto pump = std::make_shared<BodyPump>(std::move(response.stream), std::exchange(response.body, {}), makers);
  return drogon::HttpResponse::newStreamResponse(
      [pump, here = endpoint_of(source->localAddr()), there = endpoint_of(source->peerAddr())](char* data,
                                                                                               std::size_t size) {
        if (!data) return std::size_t{0};
        const std::size_t n = pump->read(data, size);
        if (n == 0 && pump->failed()) cut_connection(here, there);
        return n;
      });
}

drogon::HttpResponsePtr to_drogon(Response response, const Request& request, const drogon::HttpRequestPtr& source,
                                  WorkerPool& makers) {
  drogon::HttpResponsePtr out;
  bool streamed = false;
  if (response.stream) {
    Result<bool> more = true;
    while (more && *more && response.body.size() < kWholeBody) more = response.stream(response.body);
    if (!more) {
      response = problem_response(Problem(std::move(more).error()), request);
    } else if (*more) {
      out = stream_response(response, source, makers);
      streamed = true;
    }
  }
  if (!out) out = drogon::HttpResponse::newHttpResponse();
  out->setStatusCode(static_cast<drogon::HttpStatusCode>(response.status));
  if (response.content_type.empty()) out->setContentTypeCode(drogon::CT_NONE);
  else out->setContentTypeCodeAndCustomString(drogon::CT_CUSTOM, response.content_type);
  if (!streamed) compress(response, request);
  bool cache = false;
  for (auto& [name, value] : response.headers) {
    cache = cache || name == "Cache-Control";
    out->addHeader(name, std::move(value));
  }
  if (!cache) out->addHeader("Cache-Control", "no-store");
  out->addHeader("X-Content-Type-Options", "nosniff");
  out->addHeader("Referrer-Policy", "same-origin");
  out->addHeader("Content-Security-Policy", std::string(kPolicy));
  out->addHeader("X-Request-Id", request.id);
  if (!streamed && response.status != 204 && response.status != 304) out->setBody(std::move(response.body));
  return out;
}

bool is_upgrade(const drogon::HttpRequestPtr& request) {
  return to_lower(request->getHeader("upgrade")) == "websocket" &&
         to_lower(request->getHeader("connection")).contains("upgrade");
}

bool is_live_path(std::string_view path) { return path.starts_with("/api/v1/t/") && path.ends_with("/live"); }

}  // namespace

struct ApiServer::Impl {
  Impl(Services s, Options o)
      : services(s),
        options(std::move(o)),
        core(s, options),
        workers(options.workers, options.worker_queue),
        ingest(kIngestWorkers, options.worker_queue),
        devices(kDeviceWorkers, kDeviceQueue),
        exports(kExportWorkers, options.worker_queue),
        hub(core, workers) {}

  Services services;
  Options options;
  Core core;
  WorkerPool workers;
  WorkerPool ingest;   ///< waits for the disk; must not keep people waiting
  WorkerPool devices;  ///< waits for devices: tests, browsing, writing
  WorkerPool exports;  ///< makes long answers part by part
  WsHub hub;
  std::thread loop;
  std::uint16_t port = 0;
  std::atomic<bool> stopping{false};  ///< new requests are refused
  std::atomic<bool> stopped{false};

  /// On the HTTP library's loop: hand over, or refuse.
  void take(const drogon::HttpRequestPtr& source, Reply reply) {
    auto w = std::make_shared<Wrapped>();
    wrap(*w, source, services.clock);
    const Request& r = w->request;
    if (source->headers().size() > kMaxHeaders) {
      Problem problem(Error(Errc::invalid_argument, "request.headers")
                          .with(karez::format("At most {} headers are taken.", kMaxHeaders)));
      answer(*w, reply, problem_response(problem, r));
      return;
    }
    if (!is_utf8(r.path) || r.path.contains('\0')) {
      answer(*w, reply, problem_response(Problem(404, "request.no_route"), r));
      return;
    }
    auto job = [this, w, reply] { answer(*w, reply, core.handle(w->request)); };
    if (stopping || !pool_of(r).submit(std::move(job)))
      answer(*w, reply, problem_response(Problem(Error(Errc::exhausted, "request.busy")), r));
  }

  WorkerPool& pool_of(const Request& request) {
    switch (core.waits_for(request)) {
      case Waits::disk: return ingest;
      case Waits::device: return devices;
      case Waits::nothing: break;
    }
    return workers;
  }

  void answer(const Wrapped& w, const Reply& reply, Response response) {
    reply(to_drogon(std::move(response), w.request, w.source, exports));
  }

  /// A WebSocket is admitted on a worker, then goes its way on the loop.
  void admit(const drogon::HttpRequestPtr& source, Reply reply, std::function<void()> go_on) {
    auto w = std::make_shared<Wrapped>();
    wrap(*w, source, services.clock);
    auto* loop_of_connection = trantor::EventLoop::getEventLoopOfCurrentThread();
    auto job = [this, w, reply, go_on, loop_of_connection] {
      auto admission = core.admit_live(w->request);
      if (!admission) {
        // `go_on` owns the half-made socket, which sends a closing frame when it dies: the answer goes first.
        auto refusal = to_drogon(problem_response(admission.error(), w->request), w->request, w->source, exports);
        loop_of_connection->queueInLoop([reply, go_on, refusal] { reply(refusal); });
        return;
      }
      auto ticket = std::make_shared<WsHub::Ticket>();
      const std::string_view header = w->request.header("authorization");
      if (admission->caller.by_token) ticket->token = trim(header.substr(header.find(' ')));
      else ticket->session = w->request.session;
      ticket->admission = std::move(*admission);
      ticket->lang = w->request.lang;
      loop_of_connection->queueInLoop([w, ticket, go_on] {
        w->source->attributes()->insert(WsHub::kAttribute, ticket);
        w->source->setPath(WsHub::kInnerPath);
        go_on();
      });
    };
    if (stopping || !workers.submit(std::move(job)))
      answer(*w, reply, problem_response(Problem(Error(Errc::exhausted, "request.busy")), w->request));
  }

  void configure() {
    drogon::HttpAppFramework& app = drogon::app();
    trantor::Logger::setLogLevel(trantor::Logger::kWarn);
    // It complains of the folders it cannot make; what it says once it runs is worth keeping.
    trantor::Logger::setOutputFunction([](const char*, std::uint64_t) {}, [] {});
    app.addListener(options.address, port)
        .setThreadNum(std::clamp(options.threads, 1u, 2u))
        .disableSigtermHandling()
        .enableServerHeader(false)
        .enableGzip(false)
        .setUploadPath(options.upload_dir.empty() ? kNoUploads : options.upload_dir)
        .setClientMaxBodySize(options.max_body_bytes + kGraceBytes)
        .setClientMaxMemoryBodySize(options.upload_dir.empty() ? options.max_body_bytes + kGraceBytes : kBodyInMemory)
        .setMaxConnectionNum(kMaxConnections)
        // The library lets one more in than it is told; 0 would be no limit at all.
        .setMaxConnectionNumPerIP(std::clamp<std::size_t>(options.max_connections_per_ip, 2, kMaxConnections) - 1)
        .setIdleConnectionTimeout(kIdleSeconds)
        .setPipeliningRequestsNumber(64);
    app.registerPreRoutingAdvice([this](const drogon::HttpRequestPtr& request, drogon::AdviceCallback&& reply,
                                        drogon::AdviceChainCallback&& go_on) {
      if (is_upgrade(request) && is_live_path(request->path()))
        admit(request, Reply(std::move(reply)), std::function<void()>(std::move(go_on)));
      else take(request, Reply(std::move(reply)));
    });
    hub.install();
  }

  Result<> run() {
    KZ_TRY(port, free_port(options.address, options.port));
    if (!options.upload_dir.empty()) {
      std::error_code ignored;  // what a crash left behind; nothing that is needed
      std::filesystem::remove_all(options.upload_dir, ignored);
      KZ_CHECK(make_directories(options.upload_dir));
    }
    configure();
    std::promise<void> begun;
    drogon::app().registerBeginningAdvice([&begun] { begun.set_value(); });
    loop = std::thread([] { drogon::app().run(); });
    if (begun.get_future().wait_for(std::chrono::seconds(10)) != std::future_status::ready)
      return fail(Errc::unavailable, "api.cannot_listen", "The HTTP server did not start.");
    trantor::Logger::setOutputFunction(
        [this](const char* text, const std::uint64_t length) {
          services.log.warning("api", "{}", trim(std::string_view(text, length)));
        },
        [] {});
    if (!accepts(options.address, port, std::chrono::seconds(10)))
      return fail(Errc::unavailable, "api.cannot_listen", "The HTTP server does not accept connections.");
    hub.start();
    return {};
  }

  void stop() {
    if (stopped.exchange(true)) return;
    stopping = true;
    hub.stop();
    ingest.stop();
    devices.stop();
    workers.stop();
    exports.stop();
    if (loop.joinable()) {
      drogon::app().getLoop()->queueInLoop([] { drogon::app().quit(); });
      loop.join();
    }
    trantor::Logger::setOutputFunction([](const char*, std::uint64_t) {}, [] {});
  }
};

Result<std::unique_ptr<ApiServer>> ApiServer::start(Services services, Options options) {
  auto impl = std::make_unique<Impl>(services, std::move(options));
  if (auto running = impl->run(); !running) {
    impl->stop();
    return fail(std::move(running).error());
  }
  return std::unique_ptr<ApiServer>(new ApiServer(std::move(impl)));
}

ApiServer::ApiServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ApiServer::~ApiServer() { stop(); }
std::uint16_t ApiServer::port() const noexcept { return impl_->port; }
void ApiServer::refuse() noexcept { impl_->stopping = true; }
void ApiServer::stop() { impl_->stop(); }

}  // namespace karez::api
