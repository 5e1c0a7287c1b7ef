// SPDX-License-Identifier: Apache-2.0
#include "api/ws_hub.h"

#include <drogon/HttpAppFramework.h>
#include <drogon/WebSocketController.h>

#include <deque>
#include <map>
#include <random>

#include "api/live_client.h"
#include "base/format.h"

namespace karez::api {
namespace {

constexpr Duration kTick = std::chrono::milliseconds(50), kIdleTick = std::chrono::seconds(5);
constexpr Duration kCheckLogIn = std::chrono::seconds(10);
constexpr std::size_t kMaxInbox = 32;
constexpr int kLogInEnded = 4001, kNoAck = 4008, kTryAgain = 1013;

drogon::CloseCode code_of(int code) { return static_cast<drogon::CloseCode>(code); }

struct Connection {
  Connection(drogon::WebSocketConnectionPtr s, std::shared_ptr<WsHub::Ticket> t, Monotonic now)
      : socket(std::move(s)),
        ticket(std::move(t)),
        client(now, std::random_device{}()),
        next_check(now + kCheckLogIn) {}
  drogon::WebSocketConnectionPtr socket;
  std::shared_ptr<WsHub::Ticket> ticket;
  LiveClient client;
  Monotonic next_check;
  std::atomic<bool> checking{false};
  std::mutex mutex;
  std::deque<LiveMessage> inbox;  ///< waiting for a worker, in order
  bool working = false;
};
using ConnectionPtr = std::shared_ptr<Connection>;  // shared by the map, the ticking thread and workers

/// Sends what no credit is needed for, to a client that acknowledges now and then.
void send_unasked(Connection& c, const std::string& text) {
  if (c.client.may_answer()) c.socket->send(text);
  else c.socket->shutdown(drogon::CloseCode::kViolation, "too many messages without an ack");
}

void send_problem(Connection& c, const Problem& problem) {
  JsonWriter out;
  out.begin_object().key("error").raw(problem_json(problem, "live", c.ticket->lang)).end_object();
  send_unasked(c, out.take());
}

}  // namespace

struct WsHub::Impl : std::enable_shared_from_this<WsHub::Impl> {
  Impl(Core& c, WorkerPool& w) : core(c), workers(w) {}

  Core& core;
  WorkerPool& workers;
  std::mutex mutex;
  std::condition_variable_any wake;
  std::map<drogon::WebSocketConnectionPtr, ConnectionPtr> connections;
  std::atomic<bool> stopped{false};
  std::jthread ticker;

  ConnectionPtr find(const drogon::WebSocketConnectionPtr& socket) {
    const std::lock_guard lock(mutex);
    const auto it = connections.find(socket);
    return it == connections.end() ? nullptr : it->second;
  }

  void opened(const drogon::HttpRequestPtr& request, const drogon::WebSocketConnectionPtr& socket) {
    auto ticket = request->attributes()->get<std::shared_ptr<Ticket>>(kAttribute);
    if (!ticket || stopped) {
      socket->shutdown(drogon::CloseCode::kViolation);
      return;
    }
    const std::lock_guard lock(mutex);
    if (connections.size() >= kMaxClients) {
      socket->shutdown(code_of(kTryAgain), "too many connections");
      return;
    }
    connections.emplace(socket,
                        std::make_shared<Connection>(socket, std::move(ticket), core.services().clock.monotonic()));
    wake.notify_all();
  }

  void closed(const drogon::WebSocketConnectionPtr& socket) {
    const std::lock_guard lock(mutex);
    connections.erase(socket);
  }

  /// On the HTTP library's loop: acks are dealt with here, the rest needs the registry and a worker.
  void received(const drogon::WebSocketConnectionPtr& socket, std::string_view text,
                drogon::WebSocketMessageType type) {
    if (type != drogon::WebSocketMessageType::Text && type != drogon::WebSocketMessageType::Binary) return;
    const ConnectionPtr c = find(socket);
    if (!c || stopped) return;
    if (type == drogon::WebSocketMessageType::Binary) {
      send_problem(*c, Problem(Error(Errc::invalid_argument, "live.text_only")));
      return;
    }
    auto message = parse_live_message(text);
    if (!message) {
      send_problem(*c, message.error());
      return;
    }
    if (message->op == LiveMessage::Op::ack) {
      if (!c->client.ack(message->seq))
        send_problem(*c, Problem(Error(Errc::invalid_argument, "live.wrong_seq").at("/seq")));
      return;
    }
    const std::lock_guard lock(c->mutex);
    if (c->inbox.size() >= kMaxInbox) {
      socket->shutdown(drogon::CloseCode::kViolation, "too many messages");
      return;
    }
    c->inbox.push_back(std::move(*message));
    if (c->working) return;
    c->working = true;
    if (!workers.submit([self = shared_from_this(), c] { self->work(*c); })) {
      c->working = false;
      c->inbox.clear();
      send_problem(*c, Problem(Error(Errc::exhausted, "request.busy")));
    }
  }

  void work(Connection& c) {
    for (;;) {
      LiveMessage message;
      {
        const std::lock_guard lock(c.mutex);
        if (c.inbox.empty() || stopped) {
          c.working = false;
          return;
        }
        message = std::move(c.inbox.front());
        c.inbox.pop_front();
      }
      if (message.op == LiveMessage::Op::unsubscribe) {
        c.client.unsubscribe(message.points);
        continue;
      }
      auto done = subscribe(c, message);
      if (!done) send_problem(c, Problem(std::move(done).error()));
    }
  }

  Result<> subscribe(Connection& c, LiveMessage& message) {
    KZ_TRY(const auto rows, core.services().registry.points_by_id(c.ticket->admission.scope, message.points));
    KZ_TRY(const auto plant, core.live().plant(c.ticket->admission.scope.tenant));
    std::vector<LiveClient::Point> points;
    for (const catalog::PointRow& row : rows) {
      const PointInfo* info = plant->point(row.id);
      points.push_back({.id = row.id, .stale_after = info ? info->stale_after : Duration{0}});
    }
    std::ranges::sort(points, {}, &LiveClient::Point::id);
    std::vector<model::PointId> missing;
    for (const model::PointId asked : message.points)
      if (!std::ranges::binary_search(points, asked, {}, &LiveClient::Point::id)) missing.push_back(asked);
    KZ_CHECK(c.client.subscribe(points, kMaxPoints));
    if (message.interval) c.client.set_interval(*message.interval);
    if (missing.empty()) return {};
    // Somebody removed a point of a screen that is open elsewhere: the others live on.
    JsonWriter out;
    out.begin_object().key("missing").begin_array();
    for (const model::PointId id : missing) out.string(to_string(id));
    out.end_array().end_object();
    send_unasked(c, out.take());
    return {};
  }

  void check_log_in(const ConnectionPtr& c) {
    if (c->checking.exchange(true)) return;
    const auto check = [self = shared_from_this(), c] {
      auto& identity = self->core.services().identity;
      auto caller =
          c->ticket->token.empty() ? identity.by_session(c->ticket->session) : identity.by_token(c->ticket->token);
      const bool allowed = caller && caller->scope(c->ticket->admission.scope.tenant).at_least(model::Role::viewer);
      if (!allowed) c->socket->shutdown(code_of(kLogInEnded), "log-in ended");
      c->checking = false;
    };
    if (!workers.submit(check)) c->checking = false;
  }

  void tick(const ConnectionPtr& c, Monotonic now, std::string& buffer) {
    switch (c->client.next(now, core.services().clock.now(), core.services().latest, buffer)) {
      case LiveClient::Step::send: c->socket->send(buffer); break;
      case LiveClient::Step::close: c->socket->shutdown(code_of(kNoAck), "no ack within 10 s"); break;
      case LiveClient::Step::nothing: break;
    }
    if (now >= c->next_check) {
      c->next_check = now + kCheckLogIn;
      check_log_in(c);
    }
  }

  void run(std::stop_token stop) {
    std::string buffer;
    std::vector<ConnectionPtr> all;
    Monotonic next_sample = core.services().clock.monotonic();
    while (!stop.stop_requested()) {
      all.clear();
      {
        std::unique_lock lock(mutex);
        if (connections.empty()) wake.wait_for(lock, stop, kIdleTick, [&] { return !connections.empty(); });
        else wake.wait_for(lock, stop, kTick, [] { return false; });
        for (const auto& [socket, c] : connections) all.push_back(c);
      }
      const Monotonic now = core.services().clock.monotonic();
      if (now >= next_sample) {
        next_sample = now + kIdleTick;
        core.rates().note_samples(core.services().history.stats().samples_appended);
      }
      for (const ConnectionPtr& c : all)
        if (c->socket->connected()) tick(c, now, buffer);
    }
  }
};

namespace {

/// The HTTP library makes one of these live as long as the process.
class LiveController : public drogon::WebSocketController<LiveController, false> {
 public:
  explicit LiveController(std::weak_ptr<WsHub::Impl> hub) : hub_(std::move(hub)) {}
  void handleNewConnection(const drogon::HttpRequestPtr& request,
                           const drogon::WebSocketConnectionPtr& socket) override {
    if (const auto hub = hub_.lock()) hub->opened(request, socket);
    else socket->forceClose();
  }
  void handleNewMessage(const drogon::WebSocketConnectionPtr& socket, std::string&& text,
                        const drogon::WebSocketMessageType& type) override {
    if (const auto hub = hub_.lock()) hub->received(socket, text, type);
  }
  void handleConnectionClosed(const drogon::WebSocketConnectionPtr& socket) override {
    if (const auto hub = hub_.lock()) hub->closed(socket);
  }
  WS_PATH_LIST_BEGIN
  WS_PATH_ADD(WsHub::kInnerPath);
  WS_PATH_LIST_END

 private:
  std::weak_ptr<WsHub::Impl> hub_;
};

}  // namespace

WsHub::WsHub(Core& core, WorkerPool& workers) : impl_(std::make_shared<Impl>(core, workers)) {}
WsHub::~WsHub() { stop(); }

void WsHub::install() {
  drogon::app().setClientMaxWebSocketMessageSize(kMaxMessage);
  drogon::app().registerController(std::make_shared<LiveController>(impl_));
}

void WsHub::start() {
  impl_->ticker = std::jthread([impl = impl_.get()](std::stop_token stop) { impl->run(stop); });
}

void WsHub::stop() {
  if (impl_->stopped.exchange(true)) return;
  impl_->ticker.request_stop();
  if (impl_->ticker.joinable()) impl_->ticker.join();
  const std::lock_guard lock(impl_->mutex);
  for (const auto& [socket, c] : impl_->connections) socket->shutdown(drogon::CloseCode::kEndpointGone);
}

}  // namespace karez::api
