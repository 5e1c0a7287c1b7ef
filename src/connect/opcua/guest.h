// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <coroutine>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "base/log.h"
#include "net/loop.h"

struct UA_EventLoop;
struct UA_Logger;

namespace karez::connect::opcua {

/// Something that lives on a guest thread and gets a turn about every 10 ms.
class GuestClient {
 public:
  virtual ~GuestClient() = default;
  virtual void turn() = 0;
  /// False while its output is stuck: the thread then reads no more from the network (back-pressure).
  virtual bool may_receive() = 0;
};

/// A thread with one open62541 event loop for up to 64 endpoints. Every call into the library happens
/// here; commands come by a bounded queue.
class Guest {
 public:
  static constexpr std::size_t kMaxClients = 64;
  explicit Guest(Log& log);
  ~Guest();  ///< its clients must be gone
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  /// Thread: any. False when the queue is full.
  bool post(std::move_only_function<void()> job) { return jobs_.try_push(std::move(job)); }

  // Thread: the guest's own.
  UA_EventLoop* event_loop() const noexcept { return event_loop_; }
  const UA_Logger* logger() const noexcept { return logger_.get(); }
  void add(GuestClient* client) { clients_.push_back(client); }
  void remove(GuestClient* client) { std::erase(clients_, client); }

  /// Shared guests, handed out so that none serves more than 64 endpoints. Thread: any.
  static std::shared_ptr<Guest> shared(Log& log);

 private:
  void run(std::stop_token stop);
  BoundedQueue<std::move_only_function<void()>> jobs_{1024};
  std::unique_ptr<UA_Logger> logger_;
  UA_EventLoop* event_loop_ = nullptr;
  std::vector<GuestClient*> clients_;
  std::jthread thread_;
};

/// Awaitable: runs `job` on the guest thread and resumes on `loop` with its result, or with
/// opcua.busy when the guest's queue is full. The awaiting coroutine must not be destroyed meanwhile
/// (TaskScope joins it).
template <class Job>
class OnGuest {
 public:
  using Value = std::invoke_result_t<Job&>;
  OnGuest(Guest& guest, net::Loop& loop, Job job) : guest_(guest), loop_(loop), job_(std::move(job)) {}
  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting) {
    return guest_.post([this, waiting] {
      result_.emplace(job_());
      loop_.post([waiting] { waiting.resume(); });
    });
  }
  Value await_resume() {
    if (!result_) return fail(Errc::exhausted, "opcua.busy", "Too many OPC UA calls wait; try again.");
    return std::move(*result_);
  }

 private:
  Guest& guest_;
  net::Loop& loop_;
  Job job_;
  std::optional<Value> result_;
};

}  // namespace karez::connect::opcua
