// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "api/core.h"
#include "base/worker_pool.h"

namespace karez::api {

/// Live values over WebSocket: newest value per point, by credit. One message is in flight for each
/// client; the next goes out after its ack, so a slow client gets fewer messages, never a longer queue.
/// Thread: `install`, `start` and `stop` on the main thread.
class WsHub {
 public:
  static constexpr std::size_t kMaxMessage = 64u << 10, kMaxPoints = 1000, kMaxClients = 500;
  /// Path under which the HTTP library knows the socket; requests are rewritten to it once admitted.
  static constexpr const char* kInnerPath = "/karez-live";
  /// Attribute of an admitted request: std::shared_ptr<Ticket>.
  static constexpr const char* kAttribute = "karez-ticket";

  /// What an admitted request brings along.
  struct Ticket {
    Core::Admission admission;
    std::string session, token;  ///< one of them, to look again whether the log-in still holds
    Lang lang = Lang::en;
  };

  WsHub(Core& core, WorkerPool& workers);
  ~WsHub();
  WsHub(const WsHub&) = delete;
  WsHub& operator=(const WsHub&) = delete;

  /// Registers the socket; before the HTTP library runs.
  void install();
  void start();
  void stop();

  struct Impl;

 private:
  std::shared_ptr<Impl> impl_;  ///< shared with the HTTP library's controller, which outlives us
};

}  // namespace karez::api
