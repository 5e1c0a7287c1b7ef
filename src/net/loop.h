// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "net/task.h"

namespace karez::net {

/// A point in monotonic time by which a wait ends with Errc::timeout.
struct Deadline {
  Monotonic at;
  static Deadline after(Duration d) { return {std::chrono::steady_clock::now() + std::min(d, kFarthest)}; }
  bool passed() const { return std::chrono::steady_clock::now() >= at; }
  Duration left() const { return at - std::chrono::steady_clock::now(); }
  static constexpr Duration kFarthest = std::chrono::hours(24 * 3650);
};

/// One thread that waits on the network and runs coroutines. All objects made with a loop are used on
/// its thread only, except `post` and `stop`.
class Loop {
 public:
  explicit Loop(std::string name);
  ~Loop();  ///< stops and joins
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs `job` on the loop's thread soon. Thread: any.
  void post(std::move_only_function<void()> job);
  /// True on the loop's own thread.
  bool here() const noexcept;
  /// Ends the thread after all pending jobs; coroutines must have been joined before (TaskScope).
  void stop();

  /// Resumes after `d`, or with `net.cancelled` when `stop` is asked before. Tokens given to anything of
  /// `net` must be stopped on the loop's thread; TaskScope does.
  Task<Result<>> sleep(Duration d, std::stop_token stop = {});

  struct Impl;
  Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// Owns running coroutines; joined before anything they use goes away. Tokens are stopped on the loop's
/// thread, so that a stop callback may close a stream. `make` lives as long as its coroutine, which may
/// therefore be a capturing lambda.
/// Thread: `spawn`, `request_stop`, `running` on any; `stop_and_join` from outside the loop.
class TaskScope {
 public:
  /// `on_error` is told, on the loop's thread, what went wrong in a spawned coroutine.
  explicit TaskScope(Loop& loop, std::function<void(const Error&)> on_error = {});
  ~TaskScope();  ///< stop_and_join
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  /// Starts `make(stop_token)` on the loop. An error result other than cancelled goes to `on_error`.
  void spawn(std::move_only_function<Task<Result<>>(std::stop_token)> make);
  void request_stop();
  /// Asks all to stop and waits until the last one ended.
  void stop_and_join();
  std::size_t running() const;
  Loop& loop() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace karez::net
