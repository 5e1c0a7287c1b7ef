// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <coroutine>
#include <exception>
#include <utility>

#include "net/task.h"

namespace karez::connect::mqtt {

/// `co_await Join<N>(tasks…)` runs them at once on the loop and goes on when all have ended. A TaskScope
/// cannot be joined from its own loop; this can, as everything stays inside the awaiting coroutine.
/// The tasks must see to it that one's end ends the others.
/// Thread: the loop.
template <std::size_t N>
class Join {
 public:
  template <class... Tasks>
  explicit Join(Tasks... tasks) : branches_{branch(std::move(tasks), left_, parent_)...} {}
  Join(const Join&) = delete;
  Join& operator=(const Join&) = delete;

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> parent) {
    parent_ = parent;
    for (auto& b : branches_) b.handle.resume();
    return --left_ != 0;  // one was held for ourselves, so that no branch goes on with us while we start
  }
  void await_resume() const noexcept {}

 private:
  struct Branch {
    struct promise_type {
      std::size_t& left;
      std::coroutine_handle<>& parent;
      template <class Task>
      promise_type(Task&, std::size_t& l, std::coroutine_handle<>& p) : left(l), parent(p) {}
      Branch get_return_object() { return Branch{std::coroutine_handle<promise_type>::from_promise(*this)}; }
      std::suspend_always initial_suspend() const noexcept { return {}; }
      struct Final {
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> h) const noexcept {
          return --h.promise().left == 0 ? h.promise().parent : std::noop_coroutine();
        }
        void await_resume() const noexcept {}
      };
      Final final_suspend() const noexcept { return {}; }
      void return_void() const noexcept {}
      void unhandled_exception() const noexcept { assert_failed("exception left a coroutine", __FILE__, __LINE__); }
    };
    explicit Branch(std::coroutine_handle<promise_type> h) : handle(h) {}
    Branch(Branch&& other) noexcept : handle(std::exchange(other.handle, {})) {}
    Branch& operator=(Branch&&) = delete;
    ~Branch() {
      if (handle) handle.destroy();
    }
    std::coroutine_handle<promise_type> handle;
  };
  static Branch branch(net::Task<Result<>> task, std::size_t&, std::coroutine_handle<>&) {
    (void)co_await std::move(task);  // each task reports its own end
  }

  std::size_t left_ = N + 1;
  std::coroutine_handle<> parent_;
  std::array<Branch, N> branches_;
};

}  // namespace karez::connect::mqtt
