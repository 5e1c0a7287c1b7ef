// SPDX-License-Identifier: Apache-2.0
#include <condition_variable>
#include <mutex>

#include "net/loop.h"

namespace karez::net {
namespace {

// The coroutine at the bottom of a spawned chain: starts at once and frees itself. It is counted by its
// scope from before it starts until after everything it owned is gone, so it is not detached.
struct Root {
  struct promise_type {
    Root get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { assert_failed("exception left a coroutine", __FILE__, __LINE__); }
    static void* operator new(std::size_t size) { return allocate_frame(size); }
    static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }
  };
};

}  // namespace

// Shared by the scope and its coroutines: the last one to end may do so while the scope is joined.
struct TaskScope::State {
  State(Loop& l, std::function<void(const Error&)> e) : loop(l), on_error(std::move(e)) {}
  Loop& loop;
  std::function<void(const Error&)> on_error;
  std::stop_source stop;  ///< asked to stop on the loop only
  std::mutex mutex;
  std::condition_variable none_left;
  std::size_t running = 0;

  static Root run(std::shared_ptr<State> state, std::move_only_function<Task<Result<>>(std::stop_token)> make) {
    const Result<> outcome = co_await make(state->stop.get_token());
    make = nullptr;
    if (!outcome && outcome.error().code() != Errc::cancelled && state->on_error) state->on_error(outcome.error());
    const std::lock_guard lock(state->mutex);
    if (--state->running == 0) state->none_left.notify_all();
  }
};

TaskScope::TaskScope(Loop& loop, std::function<void(const Error&)> on_error)
    : state_(std::make_shared<State>(loop, std::move(on_error))) {}
TaskScope::~TaskScope() { stop_and_join(); }

void TaskScope::spawn(std::move_only_function<Task<Result<>>(std::stop_token)> make) {
  {
    const std::lock_guard lock(state_->mutex);
    ++state_->running;
  }
  state_->loop.post(
      [state = state_, make = std::move(make)]() mutable { State::run(std::move(state), std::move(make)); });
}

void TaskScope::request_stop() {
  state_->loop.post([state = state_] { state->stop.request_stop(); });
}

void TaskScope::stop_and_join() {
  KZ_ASSERT(!state_->loop.here());
  std::unique_lock lock(state_->mutex);
  if (state_->running == 0) return;
  lock.unlock();
  request_stop();
  lock.lock();
  state_->none_left.wait(lock, [&] { return state_->running == 0; });
}

std::size_t TaskScope::running() const {
  const std::lock_guard lock(state_->mutex);
  return state_->running;
}

Loop& TaskScope::loop() const noexcept { return state_->loop; }

}  // namespace karez::net
