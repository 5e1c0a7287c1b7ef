// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <optional>
#include <utility>

#include "base/error.h"

namespace karez::net {

/// A lazily started coroutine with one awaiter: runs when awaited, its frame dies with the Task. Never
/// detached: it is awaited, or given to a TaskScope.
/// Thread: the loop it runs on.
template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  // Not symmetric transfer: g++ 14 makes that a plain call below -O2, and a loop of awaits that finish
  // at once would eat the stack. Here a task that ends within its first run simply returns.
  struct FinalAwaiter {
    bool await_ready() const noexcept { return false; }
    void await_suspend(Handle h) const noexcept {
      if (!h.promise().starting) h.promise().continuation.resume();
    }
    void await_resume() const noexcept {}
  };

  struct PromiseBase {
    std::coroutine_handle<> continuation;
    bool starting = false;
    std::suspend_always initial_suspend() const noexcept { return {}; }
    FinalAwaiter final_suspend() const noexcept { return {}; }
    void unhandled_exception() const noexcept { assert_failed("exception left a coroutine", __FILE__, __LINE__); }
    static void* operator new(std::size_t size);
    static void operator delete(void* frame, std::size_t size) noexcept;
  };
  struct promise_type : PromiseBase {
    std::optional<T> value;
    Task get_return_object() noexcept { return Task(Handle::from_promise(*this)); }
    void return_value(T v) { value.emplace(std::move(v)); }
  };

  Task() noexcept = default;
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Awaiter {
      Handle handle;
      bool await_ready() const noexcept { return false; }
      bool await_suspend(std::coroutine_handle<> caller) noexcept {
        auto& promise = handle.promise();
        promise.continuation = caller;
        promise.starting = true;
        handle.resume();
        if (handle.done()) return false;
        promise.starting = false;
        return true;
      }
      T await_resume() { return std::move(*handle.promise().value); }
    };
    return Awaiter{handle_};
  }

 private:
  explicit Task(Handle handle) noexcept : handle_(handle) {}
  Handle handle_;
};

/// Frames come from a free list per thread (a loop is a thread), so that a warm transaction allocates
/// nothing.
void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

template <class T>
void* Task<T>::PromiseBase::operator new(std::size_t size) {
  return allocate_frame(size);
}
template <class T>
void Task<T>::PromiseBase::operator delete(void* frame, std::size_t size) noexcept {
  free_frame(frame, size);
}

}  // namespace karez::net
